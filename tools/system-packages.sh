#!/usr/bin/env bash
# The Debian packages that the tests need beside Node.js, one a line. Run it to install those that are missing; as root, or with sudo.
set -euo pipefail

packages=(
  chromium # the page's test drives a real browser
  fish # its completion is tested in it
  zsh  # so is this one's
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
