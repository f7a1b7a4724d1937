/**
 * What changes come to on a plan: admitted by the model, and by the two rules that Reeve adds for an organization as a whole.
 *
 * No write leaves an organization without an administrator that had one, whoever makes it; that the last one's time runs out nobody can
 * refuse. Only who stands above organizations suspends one. Both are looked at on the plans before and after, so that no way of writing
 * goes past them.
 * Invariant: a preview and the write that follows it are admitted, refused and warned by this alone.
 */
import {
  type AdmitOptions,
  type Admitted,
  administrators,
  admit,
  type Change,
  type Fault,
  isSuspended,
  type Plan,
  type Result,
  type Warning,
  warningsOf,
} from "@reeve/core";

export type Admission = Admitted & { readonly warnings: readonly Warning[]; readonly suspends: boolean };
export type AdmissionRefused =
  | { readonly code: "changes_refused"; readonly faults: readonly Fault[] }
  | { readonly code: "last_administrator"; readonly detail: string };
export type Offered = Pick<AdmitOptions, "entitled"> & {
  readonly changes: readonly Change[];
  readonly isCatalogue?: boolean;
  readonly isRenewal?: boolean;
  readonly isOwn?: boolean;
};

export function admission(plan: Plan, offered: Offered, nowMs: number): Result<Admission, AdmissionRefused> {
  const { changes, isCatalogue, isRenewal, isOwn, entitled } = offered;
  const wasSuspended = isSuspended(plan);
  const result = admit(plan, changes, {
    pointer: "/changes",
    catalogue: isCatalogue === true,
    renewal: isRenewal === true,
    own: isOwn === true,
    ...(entitled === undefined ? {} : { entitled }),
  });
  if (!result.ok) return { ok: false, error: { code: "changes_refused", faults: result.error } };
  const after = result.value.plan;
  if (changes.some(isOfPeople) && administrators(after, nowMs, 1).length === 0) {
    const lost = administrators(plan, nowMs, NAMED_MAX + 1);
    if (lost.length > 0) return { ok: false, error: { code: "last_administrator", detail: detailOf(lost) } };
  }
  const suspends = isSuspended(after) && !wasSuspended;
  return { ok: true, value: { ...result.value, suspends, warnings: warningsOf(after, changes, "/changes") } };
}

/** Whether a change may end somebody's administration: what a deletion takes with it goes with one of these. */
function isOfPeople(change: Change): boolean {
  const kind = "put" in change ? change.put.kind : change.delete.kind;
  return kind === "principal" || kind === "membership";
}

const NAMED_MAX = 3;

function detailOf(lost: readonly string[]): string {
  const more = lost.length > NAMED_MAX ? " and others" : "";
  const who = `${lost.slice(0, NAMED_MAX).join(", ")}${more}`;
  const are = lost.length === 1 ? `${who} is its last administrator` : `${who} are its last administrators`;
  return `${are}: make somebody else one first (a member of admins), or delete the organization.`;
}
