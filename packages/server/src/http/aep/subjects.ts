/**
 * Subjects: who has a role. A user, an API credential (a service account) or a group, each under the word of the wire.
 *
 * A subject that the organization does not know is taken: it becomes an inactive principal, which counts for nothing until somebody
 * makes it active. Adding who is there, and removing who is not, is no fault.
 * Invariant: an assignment that ends by itself is not made lasting by adding its subject again.
 */
import type { AepSubject } from "@reeve/contract";
import { type Assignment, assignees, type Change, findRecord, type Plan, type PrincipalType, parseRecord } from "@reeve/core";
import { type PatchOperation, textsOf, wrong } from "./patch.ts";
import { faulty } from "./refusals.ts";

type SubjectType = "user" | "api-integration" | "ims-group";
const TYPES: Readonly<Record<SubjectType, PrincipalType>> = { user: "user", "api-integration": "service-account", "ims-group": "group" };
const WORDS: Readonly<Record<PrincipalType, SubjectType>> = { user: "user", "service-account": "api-integration", group: "ims-group" };
/** Path → the type that it names; `undefined`: whatever the subject is, a user where it is not known. */
const PATHS: Readonly<Record<string, SubjectType | undefined>> = {
  "/user": "user",
  "/api-integration": "api-integration",
  "/ims-group": "ims-group",
  "/subjects": undefined,
};
export const SUBJECT_PATHS = Object.keys(PATHS);
/** Groups that are always there and have no record. */
const SYSTEM: readonly string[] = ["members", "admins"];

export const isSubjectPath = ({ path }: PatchOperation): boolean => Object.hasOwn(PATHS, path);
/** Whether a patch is about API credentials alone. */
export const areCredentials = (operations: readonly PatchOperation[]): boolean =>
  operations.every(({ path }) => path === "/api-integration");

export function subjectOf(plan: Plan, { role, principal }: Pick<Assignment, "role" | "principal">): AepSubject {
  return { roleId: role, subjectType: WORDS[typeOf(plan, principal) ?? "user"], subjectId: principal };
}

function typeOf(plan: Plan, id: string): PrincipalType | undefined {
  if (SYSTEM.includes(id)) return "group";
  const rec = findRecord(plan, "principal", [id]);
  return rec?.kind === "principal" ? rec.value.type : undefined;
}

type At = { readonly plan: Plan; readonly role: string; readonly nowMs: number };

/** The changes that subject operations make, one after the other. */
export function subjectChanges(at: At, operations: readonly PatchOperation[]): readonly Change[] {
  const { plan, role } = at;
  // Whether somebody has the role after the operations so far; of others nothing is altered.
  const has = new Map<string, boolean>();
  const made = new Map<string, PrincipalType>();
  let wholes = 0;
  for (const operation of operations) {
    const wanted = PATHS[operation.path];
    const named = textsOf(operation);
    const isOfPath = (id: string): boolean => wanted === undefined || (made.get(id) ?? typeOf(plan, id)) === TYPES[wanted];
    const isOfAll = operation.op === "replace" || (operation.op === "remove" && named === undefined);
    if (isOfAll && ++wholes > WHOLE_MAX)
      throw faulty([wrong(`${operation.pointer}/op`, `At most ${WHOLE_MAX} operations of a patch are about all subjects.`)]);
    const taken = isOfAll ? holders(at, has) : operation.op === "remove" ? (named ?? []) : [];
    for (const id of taken) if (isOfPath(id)) has.set(id, false);
    if (operation.op === "remove") continue;
    for (const [index, id] of given(operation, named).entries()) {
      if (knownType(plan, id, { operation, index, wanted }) === undefined) made.set(id, TYPES[wanted ?? "user"]);
      has.set(id, true);
    }
  }
  return [
    ...[...made].flatMap(([id, type]): Change[] =>
      has.get(id) === true ? [{ put: { kind: "principal", value: { id, type, active: false } } }] : [],
    ),
    ...[...has].flatMap(([id, isIn]) => (isIn ? assigned(at, id) : ended(plan, role, id))),
  ];
}

/** Each of these looks at everybody who has the role. */
const WHOLE_MAX = 16;

/** What an `add` or a `replace` names: it says so, if it is nobody. */
function given({ pointer }: PatchOperation, named: readonly string[] | undefined): readonly string[] {
  if (named !== undefined) return named;
  throw faulty([{ ...wrong(`${pointer}/value`, "This is a subject or a list of subjects."), code: "wrong_type" }]);
}

function holders({ plan, role }: At, has: ReadonlyMap<string, boolean>): readonly string[] {
  const added = [...has].flatMap(([id, isIn]) => (isIn ? [id] : []));
  return [...assignees(plan, role), ...added];
}

function assigned({ plan, role, nowMs }: At, principal: string): readonly Change[] {
  const rec = findRecord(plan, "assignment", [role, principal]);
  const isThere = rec?.kind === "assignment" && (rec.value.notAfter === undefined || nowMs < rec.value.notAfter);
  return isThere ? [] : [{ put: { kind: "assignment", value: { role, principal } } }];
}

function ended(plan: Plan, role: string, principal: string): readonly Change[] {
  const key = [role, principal];
  return findRecord(plan, "assignment", key) === undefined ? [] : [{ delete: { kind: "assignment", key } }];
}

type Place = { readonly operation: PatchOperation; readonly index: number; readonly wanted: SubjectType | undefined };

/** What a subject is; `undefined`: nobody knows it yet. Throws where it is something else than the path says, or cannot be an id. */
function knownType(plan: Plan, id: string, { operation, index, wanted }: Place): PrincipalType | undefined {
  const pointer = Array.isArray(operation.value) ? `${operation.pointer}/value/${index}` : `${operation.pointer}/value`;
  const type = typeOf(plan, id);
  if (type === undefined) {
    const parsed = parseRecord("principal", { id, type: "user" });
    if (parsed.ok) return undefined;
    throw faulty(parsed.error.map((fault) => ({ ...fault, pointer })));
  }
  if (wanted === undefined || type === TYPES[wanted]) return type;
  throw faulty([{ ...wrong(pointer, `${id} is no ${wanted}: the organization knows it as ${WORDS[type]}.`), code: "type_mismatch" }]);
}
