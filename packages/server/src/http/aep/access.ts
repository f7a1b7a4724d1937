/** What exists, and what the caller has of it: the reference, effective policies, products with their categories and permission sets. */
import type { AepCategories, AepEffectivePolicies, AepPermissionSets, AepProducts, AepReference } from "@reeve/contract";
import { catalogueRecords, escapeId, findRecord, type HeldEntry, type PermissionSet, type Plan, product } from "@reeve/core";
import type { Questions } from "../../app/index.ts";
import { type AepExchange, headerOf, paramOf } from "./exchange.ts";
import type { Wire } from "./names.ts";
import { wrong } from "./patch.ts";
import { AepRefusal, faulty, malformed, notFound } from "./refusals.ts";
import { PRODUCT } from "./writing.ts";

export type AccessOptions = { readonly questions: Pick<Questions, "held">; readonly wire: Wire };

/** The actions that this part of the surface speaks of. */
const SPOKEN: readonly string[] = ["read", "write", "delete"];
const NAMES_MAX = 1_000;

function setsOf(plan: Plan): readonly PermissionSet[] {
  return [...catalogueRecords(plan, PRODUCT)].flatMap((rec) => (rec.kind === "permission-set" ? [rec.value] : []));
}

/** An organization may call a set whatever it likes, `toString` too. */
const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);

const spoken = (actions: readonly string[]): string[] => SPOKEN.filter((action) => actions.includes(action));
type ActionsOfTypes = Record<string, string[]>;

/** What the documents name is exactly theirs; the rest is the organization's catalogue. */
export function reference({ wire }: AccessOptions, { plan }: AepExchange): AepReference {
  const documented = wire.aclReference;
  const permissions: Record<string, ActionsOfTypes> = {};
  for (const { id, pairs } of setsOf(plan)) permissions[id] = copied(own(documented.permissions, id)) ?? actionsOf(pairs);
  const types = Object.keys(product(plan, PRODUCT)?.types ?? {});
  const all = Object.fromEntries(types.map((type) => [type, [...SPOKEN]]));
  return { permissions, "resource-types": types.length === 0 ? {} : { ...all, ...copied(documented["resource-types"]) } };
}

function actionsOf(pairs: PermissionSet["pairs"]): ActionsOfTypes {
  return Object.fromEntries(pairs.map(({ type, actions }) => [type, spoken(actions)] as const).filter(([, actions]) => actions.length > 0));
}

function copied(table: Readonly<Record<string, readonly string[]>> | undefined): ActionsOfTypes | undefined {
  return table && Object.fromEntries(Object.entries(table).map(([name, actions]) => [name, [...actions]]));
}

export function effectivePolicies(options: AccessOptions, exchange: AepExchange): AepEffectivePolicies {
  const { plan, caller, request } = exchange;
  const names = namesIn(request.body);
  const sandbox = headerOf(request, "x-sandbox-name");
  if (sandbox === undefined) throw malformed("The header x-sandbox-name is missing.");
  const place = `/sandboxes/${escapeId(sandbox)}`;
  if (sandbox !== sandbox.toLowerCase() || findRecord(plan, "resource", [place]) === undefined) throw notFound(`sandbox ${sandbox}`);
  const { principal } = caller;
  // The server's administrator is nobody in the organization.
  if (principal === undefined) throw new AepRefusal("403025");
  const { type, id } = principal;
  return { policies: policiesOf(options.questions.held(plan, { principal: { type, id }, place, product: PRODUCT }), names, options.wire) };
}

function namesIn(body: unknown): readonly string[] {
  if (!Array.isArray(body)) throw faulty([{ ...wrong("", "This is a list of names."), code: "wrong_type" }]);
  if (body.length > NAMES_MAX) throw faulty([{ ...wrong("", `This lists at most ${NAMES_MAX} names.`), code: "too_many" }]);
  const at = body.findIndex((name) => typeof name !== "string");
  if (at !== -1) throw faulty([{ ...wrong(`/${at}`, "This is a text."), code: "wrong_type" }]);
  return body as readonly string[];
}

/** Each name that is active, as it was asked for, with the slash. */
function policiesOf(
  held: readonly HeldEntry[],
  names: readonly string[],
  { typeOf, permissionOf }: Wire,
): AepEffectivePolicies["policies"] {
  const sets = new Set(held.map(({ set }) => set));
  const actions = new Map<string, Set<string>>();
  for (const { pairs } of held) {
    for (const pair of pairs) {
      const known = actions.get(pair.type) ?? new Set();
      for (const action of pair.actions) known.add(action);
      actions.set(pair.type, known);
    }
  }
  const policies: Record<string, string[]> = Object.create(null);
  for (const name of names) {
    const [, kind, what = ""] = /^\/?(permissions|resource-types)\/(.+)$/s.exec(name) ?? [];
    const key = name.startsWith("/") ? name : `/${name}`;
    if (kind === "permissions" && sets.has(permissionOf(what))) policies[key] = ["*"];
    if (kind !== "resource-types") continue;
    const given = spoken([...(actions.get(typeOf(what)) ?? [])]);
    if (given.length > 0) policies[key] = given;
  }
  return policies;
}

/** The products of the wire, where the organization is entitled to what they are parts of. */
function productsOf({ wire }: AccessOptions, plan: Plan): readonly Wire["products"][number][] {
  return product(plan, PRODUCT) === undefined ? [] : wire.products;
}

export function listProducts(options: AccessOptions, exchange: AepExchange): AepProducts {
  return { products: productsOf(options, exchange.plan).map(({ id, name, serviceCode }) => ({ id, name, serviceCode })) };
}

function productIn(options: AccessOptions, exchange: AepExchange): Wire["products"][number] {
  const id = paramOf(exchange, "productId");
  const found = productsOf(options, exchange.plan).find((one) => one.id === id);
  if (found === undefined) throw notFound(`product ${id}`);
  return found;
}

export function listCategories(options: AccessOptions, exchange: AepExchange): AepCategories {
  return { categories: productIn(options, exchange).categories.map((name) => ({ name })) };
}

export function listPermissionSets(options: AccessOptions, exchange: AepExchange): AepPermissionSets {
  const { id: asked } = productIn(options, exchange);
  const sets = setsOf(exchange.plan).filter((set) => options.wire.productOf(set) === asked);
  const told = sets.map(({ id, name, category = "", pairs }) => {
    const shown = own(options.wire.permissionSets, id) ?? pairs.map(({ type, actions }) => ({ resource: type, actions }));
    return { id, name, category, permissions: shown.map(({ resource, actions }) => ({ resource, actions: [...actions] })) };
  });
  return { "permission-sets": told };
}
