/**
 * What a principal may do in an organization by Reeve's own product, as one plan says it: what the guard asks before a request, and a
 * write once more on the very plan that it alters.
 *
 * Who does not administer the organization may hold an *office*: a product administrator keeps the product's own roles, who has them, and
 * who has developer access to them, and sees these. Reeve's own product is nobody's office: who keeps its roles could give himself all.
 * Permissions of Experience Platform let their holder write labels and sandboxes (`platform-authority.ts`).
 * Who has developer access may make developer projects that carry these roles (`developer-authority.ts`).
 * Invariant: the engine decides; nothing here gives anything.
 */
import { type Change, decide, findRecord, isSuspended, type Kind, keyOf, list, type Plan, REEVE_PRODUCT, type Rec } from "@reeve/core";
import { type Authority, mayIn, principalOf } from "./bearer.ts";
import { areOfProjects, isDeveloper } from "./developer-authority.ts";
import { isOfPermission } from "./platform-authority.ts";

/** What a product administrator may, on a product as it is administered. */
const KEEP = { action: { name: "administer-product" }, type: "reeve-products" } as const;

/** Whether a principal holds an office, of whatever product or role. */
export function holdsOffice(at: Authority): boolean {
  return isKeeper(at) || isDeveloper(at);
}

function isKeeper({ plan, bearer, nowMs }: Authority): boolean {
  const kept = list(plan, { list: "resources", principal: principalOf(bearer), ...KEEP, max: 2 }, nowMs);
  return kept.entries.some(({ id }) => id !== REEVE_PRODUCT);
}

/**
 * Why a principal may not make these changes; `undefined`: he may. He administers the organization, or all of them are of one of his
 * offices or permissions. In one that is suspended nobody writes who does not stand above.
 */
export function writeRefusal(at: Authority, changes: readonly Change[]): "not_permitted" | "organization_suspended" | undefined {
  if (isSuspended(at.plan)) return "organization_suspended";
  return mayWrite(at, changes) ? undefined : "not_permitted";
}

function mayWrite(at: Authority, changes: readonly Change[]): boolean {
  if (mayIn(at, "admin")) return true;
  if (changes.length === 0) return false;
  const isHis = (change: Change): boolean => isOfOffice(at, change, changes) || isGuest(at, change, changes) || isOfPermission(at, change);
  return changes.every(isHis) || areOfProjects(at, changes);
}

/** A user who comes into being with developer access that is one's to give, and with nothing else. */
function isGuest({ plan }: Authority, change: Change, changes: readonly Change[]): boolean {
  if (!("put" in change) || change.put.kind !== "principal") return false;
  const { id, type, properties } = change.put.value;
  const isNew = type === "user" && properties === undefined && findRecord(plan, "principal", [id]) === undefined;
  const comesWith = (one: Change): boolean => "put" in one && one.put.kind === "developer-access" && one.put.value.principal === id;
  return isNew && changes.some(comesWith);
}

/** Whether a principal may see a record, who may not read the organization. */
export function maySee(at: Authority, rec: Rec): boolean {
  return keepsAll(at, productsOf(at.plan, rec));
}

/** Whether he may see every record of a kind that fits a filter: one that names what his office is about. */
export function maySeeAll(at: Authority, kind: Kind, { product, role }: Readonly<Record<string, string>>): boolean {
  if (kind === "role") return product !== undefined && keepsAll(at, [product]);
  const isOfRole = (kind === "assignment" || kind === "developer-access") && role !== undefined;
  return isOfRole && keepsAll(at, productsOfRole(at.plan, role));
}

/** A change is of an office where the record before and the one after it are: the product's own roles, who has them, developer access. */
function isOfOffice(at: Authority, change: Change, changes: readonly Change[]): boolean {
  const { kind, key } = "put" in change ? { kind: change.put.kind, key: keyOf(change.put) } : change.delete;
  const before = findRecord(at.plan, kind, key);
  const sides = [...(before === undefined ? [] : [before]), ...("put" in change ? [change.put] : [])];
  return sides.length > 0 && sides.every((side) => isAlterable(at.plan, side) && keepsAll(at, productsOf(at.plan, side, changes)));
}

/** What is built in nobody alters, nor who has it: that is for who administers the organization. */
function isAlterable(plan: Plan, rec: Rec): boolean {
  if (rec.kind === "role") return rec.value.builtIn !== true;
  if (rec.kind !== "assignment") return rec.kind === "developer-access";
  const role = findRecord(plan, "role", [rec.value.role]);
  return role?.kind !== "role" || role.value.builtIn !== true;
}

/** The products that a record of an office is about: one, unless a write says of a role that it is another's. */
function productsOf(plan: Plan, rec: Rec, changes: readonly Change[] = []): readonly string[] {
  if (rec.kind === "role") return [rec.value.product];
  return rec.kind === "assignment" || rec.kind === "developer-access" ? productsOfRole(plan, rec.value.role, changes) : [];
}

/** Of a role as it stands, and as the same write puts it. */
function productsOfRole(plan: Plan, id: string, changes: readonly Change[] = []): readonly string[] {
  const standing = findRecord(plan, "role", [id]);
  const put = changes.flatMap((change) =>
    "put" in change && change.put.kind === "role" && change.put.value.id === id ? [change.put] : [],
  );
  return [...(standing?.kind === "role" ? [standing] : []), ...put].map(({ value }) => value.product);
}

function keepsAll({ plan, bearer, nowMs }: Authority, products: readonly string[]): boolean {
  const keeps = (id: string): boolean =>
    id !== REEVE_PRODUCT &&
    decide(plan, { principal: principalOf(bearer), action: KEEP.action, resource: { type: KEEP.type, id } }, nowMs).allow;
  return products.length > 0 && products.every(keeps);
}
