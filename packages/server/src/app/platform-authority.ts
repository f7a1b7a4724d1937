/**
 * What who does not administer the organization may write because a permission of Experience Platform lets him: custom labels, with
 * *Manage Usage Labels* in `prod`, and sandboxes, with *Manage Sandboxes*: their names and properties.
 *
 * Invariant: the engine decides, of each record; what protects a sandbox (labels, owner, state) is altered by no such permission.
 */
import {
  type Change,
  decide,
  differingMembers,
  escapeId,
  findRecord,
  keyOf,
  parsePath,
  type Rec,
  type ResourceRef,
  SANDBOXES,
} from "@reeve/core";
import { type Authority, principalOf } from "./bearer.ts";

/** Where custom labels are kept, as things that a permission is about. */
const LABELS = `/${SANDBOXES}/prod/dule-label/`;
const OPEN_MEMBERS: readonly string[] = ["path", "name", "properties"];

export function isOfPermission(at: Authority, change: Change): boolean {
  const { kind, key } = "put" in change ? { kind: change.put.kind, key: keyOf(change.put) } : change.delete;
  const [id = ""] = key;
  if (kind === "label")
    return "put" in change && id.startsWith("custom/") && may(at, "write", { path: LABELS + escapeId(id), ...UNLABELLED });
  if (kind !== "resource" || !isSandbox(id)) return false;
  if (!("put" in change)) return may(at, "delete", { path: id });
  const before = findRecord(at.plan, kind, key);
  return (
    altered(before, change.put).every((member) => OPEN_MEMBERS.includes(member)) &&
    may(at, "write", { path: before === undefined ? `/${SANDBOXES}` : id })
  );
}

function isSandbox(path: string): boolean {
  const pairs = parsePath(path)?.pairs ?? [];
  return pairs.length === 1 && pairs[0]?.type === SANDBOXES;
}

const altered = (before: Rec | undefined, put: Rec): readonly string[] =>
  before === undefined ? Object.keys(put.value) : differingMembers(before, put);

/** A label carries none itself: that is known, though it is registered nowhere. */
const UNLABELLED = { properties: { labels: [] } } as const;

function may({ plan, bearer, nowMs }: Authority, action: string, resource: ResourceRef): boolean {
  return decide(plan, { principal: principalOf(bearer), action: { name: action }, resource }, nowMs).allow;
}
