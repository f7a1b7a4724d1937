/**
 * What a backup or a restore held, in lines: the same lines for the same content, so that two outputs can be compared by eye or by `diff`.
 *
 * Invariant: an audit that does not hold is said, for nobody looks at it otherwise.
 */
import type { OrganizationDigest, StoreDigest } from "@reeve/server";

const SHOWN_MAX = 50;

export function digestLines({ organizations, tokens, items, sha256 }: StoreDigest): readonly string[] {
  const shown = organizations.slice(0, SHOWN_MAX).map(organizationLine);
  const more = organizations.length > SHOWN_MAX ? [`  and ${organizations.length - SHOWN_MAX} organizations more`] : [];
  const broken = organizations.flatMap(({ organization, audit }) =>
    audit.ok
      ? []
      : [`Warning: the audit of ${organization} does not hold from line ${audit.seq} on (${audit.why}): somebody or something altered it.`],
  );
  const held = items === 0 ? ` and ${count(tokens, "token")}` : `, ${count(tokens, "token")} and ${count(items, "item")} of identity`;
  return [...shown, ...more, `  sha256 of ${count(organizations.length, "organization")}${held}: ${sha256}`, ...broken];
}

function organizationLine({ organization, revision, records, auditEvents, sha256 }: OrganizationDigest): string {
  return `  ${organization}: revision ${revision}, ${count(records, "record")}, ${count(auditEvents, "audit line")}, sha256 ${sha256}`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
