/**
 * The registry of findings: everything that `reeve doctor` can say, each with a stable code, its weight and what mends it.
 *
 * An *error* keeps something from working or makes it untrue; a *warning* will, or makes it less safe; a *note* is good to know.
 * Invariant: every finding has a remedy that its reader can carry out.
 */
export const FINDINGS = {
  node_too_old: { severity: "error", remedy: "Install Node.js 24 or later, or start Reeve by npm, which brings its own." },
  setting_unknown: { severity: "error", remedy: "Correct its name, or take it away; `reeve config show` lists all settings." },
  setting_not_allowed: { severity: "error", remedy: "Set it to what is allowed, or take it away so that the default counts." },
  setting_overridden: { severity: "note", remedy: "Where the file is meant, unset the variable of the environment." },
  settings_contradict: { severity: "warning", remedy: "Set http.connections.perAddressMax to http.connections.max or less." },
  listens_everywhere: {
    severity: "warning",
    remedy: "Set http.tls, or put TLS in front of it; or set REEVE_HOST=127.0.0.1 where only this machine asks.",
  },
  certificate_ends: { severity: "warning", remedy: "Have it renewed, and write it over the files: a server that runs takes it by itself." },
  public_url_missing: {
    severity: "warning",
    remedy: "Set REEVE_PUBLIC_URL to the address by which people and programs reach it.",
  },
  public_url_in_clear: {
    severity: "warning",
    remedy: "Put TLS in front of it, and set REEVE_PUBLIC_URL to the https:// address.",
  },
  mail_missing: {
    severity: "note",
    remedy: "Set REEVE_SMTP_URL and REEVE_MAIL_FROM; or hand on the links of `reeve invite` and `reeve accounts reset-password`.",
  },
  data_directory_missing: { severity: "note", remedy: "The first start makes it; or name another with REEVE_DATA_DIR." },
  data_directory_unusable: {
    severity: "error",
    remedy: "Give the user that runs the server the right to read and write it, or name another with REEVE_DATA_DIR.",
  },
  data_directory_open: { severity: "warning", remedy: "Take the others' rights away: chmod -R go= on the data directory." },
  network_file_system: { severity: "error", remedy: "Move the data directory to a disk of this machine: backup, then restore there." },
  directory_in_use: { severity: "note", remedy: "Nothing to do while that server is meant; a second one needs another data directory." },
  restore_unfinished: { severity: "error", remedy: "Restore again into this data directory; the backup is as it was." },
  database_of_another: { severity: "error", remedy: "Name the server's data directory with REEVE_DATA_DIR, or restore a backup." },
  database_newer: { severity: "error", remedy: "Start the newer program again, or restore a backup that was made before the upgrade." },
  database_older: { severity: "note", remedy: "The next start brings it up and keeps a copy of it beside; make a backup before." },
  data_damaged: { severity: "error", remedy: "Stop the server and restore the last backup (reeve restore)." },
  audit_broken: { severity: "error", remedy: "Find out who could write the database file; the backups tell what the audit said before." },
  clock_behind: { severity: "error", remedy: "Set this machine's clock right before the server starts: expired access would count again." },
  store_failed: { severity: "error", remedy: "Look at the system's log for errors of the disk and mend them, then look again." },
  disk_nearly_full: { severity: "error", remedy: "Free space on the data directory's file system: writes are refused when it is full." },
  disk_low: { severity: "warning", remedy: "Free space on the data directory's file system, or move it to a larger one." },
  port_in_use: { severity: "error", remedy: "Stop the program that uses it, or set REEVE_PORT to another port." },
  server_not_running: { severity: "note", remedy: "Start one: reeve start. Or name another: --url or REEVE_URL." },
  server_unreachable: { severity: "error", remedy: "Start it, or correct the address: --url or REEVE_URL." },
  not_reeve: { severity: "error", remedy: "Correct the address: --url or REEVE_URL." },
  server_not_ready: { severity: "error", remedy: "The server's log tells of what broke: mend that, then start it again." },
  server_of_another_version: { severity: "warning", remedy: "Bring the older one up to the version of the other." },
  clock_skew: { severity: "warning", remedy: "Let both machines take their time from a time server (NTP)." },
  keys_missing: {
    severity: "error",
    remedy: "The server's log tells why its signing keys cannot be read: mend that; no access token is valid until then.",
  },
  token_missing: { severity: "warning", remedy: "Set REEVE_TOKEN, or name a file that holds it with --token-file; then look again." },
  token_refused: {
    severity: "error",
    remedy: "Take a valid token: `reeve token create` makes one, `reeve token reset` the administrator's.",
  },
  token_in_clear: { severity: "warning", remedy: "Use an https:// address: anybody on the way can read the token." },
  token_limited: { severity: "note", remedy: "For the whole of the checks take a token with the ceiling admin." },
  organization_missing: {
    severity: "error",
    remedy: "Name one that is there with --org or REEVE_ORG; `reeve list organizations` shows them.",
  },
  no_organization: { severity: "note", remedy: "Make one: reeve apply --create; or start with REEVE_DEMO=on to look at the demo." },
  no_administrators: {
    severity: "warning",
    remedy: "Put an active user into the group admins; until then only the server's administrator may.",
  },
  client_secret_ends: {
    severity: "warning",
    remedy: "Make another (`reeve credentials add`), hand it to the program, then delete the old one.",
  },
  token_ends: {
    severity: "warning",
    remedy: "Make another (`reeve token create`), hand it to the program, then revoke the old one.",
  },
  policy_inactive: { severity: "note", remedy: "Set its status to active, unless it was turned off on purpose." },
  mutations_unmapped: {
    severity: "warning",
    remedy: "Give each a rule, or leave it refused: `reeve catalogue table --state unmapped` lists them.",
  },
  operations_orphaned: {
    severity: "note",
    remedy: "Import the newest API description again, or delete them: `reeve catalogue table --state orphan`.",
  },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly remedy: string }>>;

export type Severity = "error" | "warning" | "note";
export type FindingCode = keyof typeof FINDINGS;
export type Finding = {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What was found, as a sentence. */
  readonly finding: string;
  readonly remedy: string;
};

export const found = (code: FindingCode, finding: string): Finding => ({ code, finding, ...FINDINGS[code] });
