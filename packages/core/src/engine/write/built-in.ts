/**
 * What comes with products, and what an organization may change of it.
 *
 * *Built in* are the roles and policies of catalogues, and Reeve's own administration. In a product bounded by sandboxes an organization
 * says where they hold: the *open* members below are its own, and a catalogue that is brought again leaves them as they stand. A product
 * may also hold on to sandboxes and labels for as long as the organization has it (`sandboxes`, `labelsStay`).
 * Invariant: nothing but a catalogue makes, changes or removes what is built in, but for its open members.
 */
import { differingMembers, type Fault, keyOf, parsePath, REEVE_PRODUCT, type Rec, SANDBOXES } from "../../model/index.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";

export type AdmitOptions = {
  /** The changes come from a product's catalogue, which alone makes, changes and removes what is built in. */
  readonly catalogue?: boolean;
  /** They bring what ships: of what is there already, what an organization may change stays as it stands. */
  readonly renewal?: boolean;
  /** They come with Reeve itself, which alone makes, changes and removes the catalogue of its own administration. */
  readonly own?: boolean;
  /** Products that these changes neither bring nor take, because somebody else says who has them. */
  readonly entitled?: ReadonlySet<string>;
  /** Put before the pointers of faults. */
  readonly pointer?: string;
};

const OPEN_MEMBERS = { role: ["sandboxes", "labels"], policy: ["status", "sandboxes"] } as const;

/** The members of a built-in record that are the organization's own. */
function openMembers(state: State, rec: Rec): readonly string[] {
  if ((rec.kind !== "role" && rec.kind !== "policy") || rec.value.builtIn !== true || rec.value.product === undefined) return [];
  return state.catalogue.record(rec.value.product)?.boundedBy === "sandboxes" ? OPEN_MEMBERS[rec.kind] : [];
}

/** A record that ships, as it joins an organization that has one in its place. */
export function renewed(state: State, rec: Rec, standing: Rec | undefined): Rec {
  if (standing === undefined) return rec;
  // What an organization begins with is its own from then on.
  if (rec.kind === "resource") return standing;
  // Types that an import added stay: operations of the organization's own are about them.
  if (rec.kind === "product" && standing.kind === "product")
    return { kind: rec.kind, value: { ...rec.value, types: { ...standing.value.types, ...rec.value.types } } };
  const open = openMembers(state, standing);
  if (open.length === 0) return rec;
  const shipped = Object.entries(rec.value).filter(([name]) => !open.includes(name));
  const kept = Object.entries(standing.value).filter(([name]) => open.includes(name));
  return { kind: rec.kind, value: Object.fromEntries([...shipped, ...kept]) } as unknown as Rec;
}

type Standing = { readonly before: Rec | undefined; readonly options: AdmitOptions };

/** Faults of a put, by what products hold on to. */
export function checkPutOfBuiltIn(state: State, rec: Rec, { before, options }: Standing): readonly Fault[] {
  if (rec.kind === "product" && options.entitled?.has(rec.value.id) === true) return checkEntitled(rec, before);
  if (options.renewal === true && before !== undefined && isPartOf(before) && !isBuiltIn(before)) {
    return before.kind === "role" && rec.kind === "role" && before.value.product !== rec.value.product
      ? [] // That is refused whatever writes it.
      : [fault("key_taken", "/id", `The organization has a ${rec.kind} ${before.value.id} of its own.`)];
  }
  return [...checkBuiltIn(state, rec, { before, options }), ...checkLabel(state, rec, options), ...checkSandbox(state, rec, before)];
}

/** An import adds types and rules to a product that ships; what the product holds on to, and whom it lets in, stays. */
function checkEntitled(rec: Rec & { readonly kind: "product" }, before: Rec | undefined): readonly Fault[] {
  const { id } = rec.value;
  if (before === undefined)
    return [fault("not_entitled", "/id", `${id} ships with Reeve: the server's administrator says which organizations have it.`)];
  return differingMembers(before, rec).flatMap((name) =>
    HELD_MEMBERS.includes(name)
      ? [fault("built_in", `/${name}`, `${id} ships with Reeve: this of it is the server's administrator's.`)]
      : [],
  );
}
const HELD_MEMBERS: readonly string[] = ["boundedBy", "adminMayAll", "sandboxes", "labelsStay"];

/** Why something is not deleted; `undefined`: no product holds on to it. */
export function heldBack(state: State, before: Rec, options: AdmitOptions): Pick<Fault, "code" | "detail"> | undefined {
  const { kind } = before;
  if (!mayAlter(before, options)) return { code: "built_in", detail: `The ${kind} ${keyOf(before).join(", ")} is built in.` };
  if (kind === "product" && options.entitled?.has(before.value.id) === true)
    return {
      code: "built_in",
      detail: `${before.value.id} ships with Reeve: the server's administrator says which organizations have it.`,
    };
  for (const product of state.catalogue.recordsOfProducts()) {
    if (kind === "label" && product.labelsStay === true)
      return {
        code: "not_allowed",
        detail: `Labels are never deleted where there is ${product.id}: what carries them would be less protected.`,
      };
    if (kind === "resource" && product.sandboxes?.always.includes(sandboxAt(before) ?? "") === true)
      return { code: "built_in", detail: `The sandbox ${sandboxAt(before)} is always there where there is ${product.id}.` };
  }
  return undefined;
}

const fault = (code: Fault["code"], pointer: string, detail: string): Fault => ({ code, pointer, detail });

function isPartOf(rec: Rec): rec is Extract<Rec, { readonly kind: "role" | "policy" }> {
  return rec.kind === "role" || rec.kind === "policy";
}

function isBuiltIn(rec: Rec | undefined): boolean {
  return isOwn(rec) || (rec !== undefined && isPartOf(rec) && rec.value.builtIn === true);
}

/** Of Reeve's own administration: who may open it is no organization's to say. Roles of its own over it an organization may have. */
function isOwn(rec: Rec | undefined): boolean {
  if (rec?.kind === "product") return rec.value.id === REEVE_PRODUCT;
  if (rec?.kind === "permission-set" || rec?.kind === "operation" || rec?.kind === "operation-rule")
    return rec.value.product === REEVE_PRODUCT;
  return rec?.kind === "role" && rec.value.product === REEVE_PRODUCT && rec.value.builtIn === true;
}

function mayAlter(rec: Rec | undefined, { catalogue, own }: AdmitOptions): boolean {
  return own === true || !isBuiltIn(rec) || (catalogue === true && !isOwn(rec));
}

function checkBuiltIn(state: State, rec: Rec, { before, options }: Standing): readonly Fault[] {
  if (mayAlter(before, options) && mayAlter(rec, options)) return [];
  const open = before === undefined ? [] : openMembers(state, before);
  if (before === undefined || open.length === 0)
    return [fault("built_in", "", "Only a product's catalogue makes or changes what is built in.")];
  const detail = `Of a built-in ${rec.kind} of this product an organization changes ${open.join(" and ")}, and nothing else.`;
  return differingMembers(before, rec).flatMap((name) =>
    open.includes(name) ? [] : [{ ...fault("built_in", `/${name}`, detail), allowed: open }],
  );
}

/** Where labels stay, `core/…` comes with catalogues and `custom/…` is the organization's. */
function checkLabel(state: State, rec: Rec, { catalogue, own }: AdmitOptions): readonly Fault[] {
  if (rec.kind !== "label" || !rec.value.id.startsWith("core/") || catalogue === true || own === true) return [];
  if (![...state.catalogue.recordsOfProducts()].some(({ labelsStay }) => labelsStay === true)) return [];
  return [fault("built_in", "/id", "Labels core/… come with a product's catalogue; those that an organization makes are custom/….")];
}

const SANDBOX_NAME = /^[a-z0-9-]+$/;

function checkSandbox(state: State, rec: Rec, before: Rec | undefined): readonly Fault[] {
  const name = before === undefined ? sandboxAt(rec) : undefined;
  if (name === undefined) return [];
  for (const { id, sandboxes } of state.catalogue.recordsOfProducts()) {
    if (sandboxes === undefined) continue;
    if (!SANDBOX_NAME.test(name)) return [fault("malformed_id", "/path", "The name of a sandbox is of a-z, 0-9 and -.")];
    if (countSandboxes(state) >= sandboxes.max)
      return [fault("too_many", "/path", `An organization with ${id} has at most ${sandboxes.max} sandboxes.`)];
  }
  return [];
}

/** The name of the sandbox that a record is; `undefined`: it is none. */
function sandboxAt(rec: Rec): string | undefined {
  const pairs = rec.kind === "resource" ? (parsePath(rec.value.path)?.pairs ?? []) : [];
  return pairs.length === 1 && pairs[0]?.type === SANDBOXES ? pairs[0].id : undefined;
}

function countSandboxes({ tree }: State): number {
  let count = 0;
  for (let child = tree.firstChild(ROOT); child !== 0; child = tree.next(child)) {
    if (tree.type(child)?.name === SANDBOXES && tree.registered(child)) count += 1;
  }
  return count;
}
