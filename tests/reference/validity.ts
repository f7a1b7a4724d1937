/**
 * What the model asks of a snapshot, as a list of what is wrong with it: the generators promise an empty list, and a failing
 * case is made smaller only as long as the list stays empty.
 */
import type { Nouns, Rec } from "@reeve/core";
import { isOfOffices } from "./offices.ts";
import { own, parsePath, typeAt } from "./paths.ts";

/** Everything that a valid organization would not hold; the sentences are for a person. */
export function faults(records: readonly Rec[]): readonly string[] {
  const values = Map.groupBy(records, ({ kind }) => kind);
  const all: All = <K extends Rec["kind"]>(kind: K) => (values.get(kind) ?? []).map(({ value }) => value as Nouns[K]);
  return [...references(all), ...places(all), ...cycles(all), ...doubles(records)];
}
type All = <K extends Rec["kind"]>(kind: K) => readonly Nouns[K][];

function references(all: All): string[] {
  const found: string[] = [];
  const principals = new Map<string, string>([
    ["members", "group"],
    ["admins", "group"],
  ]);
  for (const { id, type } of all("principal")) principals.set(id, type);
  const [products, sets, roles] = [all("product"), all("permission-set"), all("role")];
  const wants = (ok: boolean, what: string): void => {
    if (!ok) found.push(what);
  };
  const isProduct = (id: string): boolean => products.some((product) => product.id === id);
  for (const set of sets) wants(isProduct(set.product), `set ${set.id}: product`);
  for (const role of roles) {
    wants(isProduct(role.product), `role ${role.id}: product`);
    for (const { set } of role.sets)
      wants(
        sets.some(({ id, product }) => id === set && product === role.product),
        `role ${role.id}: set ${set}`,
      );
    for (const name of role.sandboxes ?? [])
      wants(
        all("resource").some(({ path }) => path.startsWith("/sandboxes/") && parsePath(path)?.[1] === name),
        `role ${role.id}: sandbox ${name}`,
      );
    for (const { scope } of role.sets)
      for (const item of scope ?? [])
        wants(item === "/" || typeAt({ products }, parsePath(item) ?? []) !== undefined, `role ${role.id}: scope ${item}`);
  }
  for (const { group, member } of all("membership"))
    wants(principals.get(group) === "group" && principals.has(member) && group !== "members", `membership ${group} ${member}`);
  for (const { role, principal } of all("assignment"))
    wants(roles.some(({ id }) => id === role) && principals.has(principal), `assignment ${role} ${principal}`);
  for (const { principal } of all("grant")) wants(principals.has(principal), `grant ${principal}`);
  for (const { id, resources, grants } of all("binned")) {
    for (const { owner } of resources) wants(owner === undefined || principals.get(owner) === "user", `bin ${id}: owner`);
    for (const { principal } of grants) wants(principals.has(principal), `bin ${id}: grant ${principal}`);
    const labels = all("label").map((label) => label.id);
    for (const { labels: own = [] } of resources) for (const one of own) wants(labels.includes(one), `bin ${id}: label ${one}`);
  }
  for (const { path, owner } of all("resource")) wants(owner === undefined || principals.get(owner) === "user", `${path}: owner`);
  for (const { product, name } of all("setting"))
    wants(own(products.find(({ id }) => id === product)?.settings ?? {}, name) !== undefined, `setting ${name}`);
  for (const { product, id } of all("operation")) wants(isProduct(product), `operation ${id}`);
  for (const rule of all("operation-rule"))
    wants(
      all("operation").some(({ id, product }) => id === rule.operation && product === rule.product),
      `rule ${rule.operation}`,
    );
  const alternatives = [
    ...all("operation").flatMap((row) => (row.alternatives ?? []).map((each) => ({ product: row.product, each }))),
    ...all("operation-rule").flatMap((row) => row.alternatives.map((each) => ({ product: row.product, each }))),
    ...products.flatMap(({ id, readDefault = [] }) => readDefault.map((each) => ({ product: id, each }))),
    ...all("resource").flatMap(({ path, document = [] }) =>
      document.flatMap((row) =>
        (row.alternatives ?? []).map((each) => ({ product: typeAt({ products }, parsePath(path) ?? [])?.product.id ?? "", each })),
      ),
    ),
  ];
  for (const { product: at, each } of alternatives) {
    const product = each.product ?? at;
    wants(isProduct(product), `alternative: product ${product}`);
    if ("permission" in each)
      wants(
        sets.some(({ id, product: of }) => id === each.permission && of === product),
        `alternative: set ${each.permission}`,
      );
    if ("roles" in each)
      for (const id of each.roles)
        wants(
          roles.some((role) => role.id === id && role.product === product && role.builtIn === true),
          `alternative: role ${id}`,
        );
  }
  return found;
}

function places(all: All): string[] {
  const products = all("product");
  const recorded = new Set(all("resource").map(({ path }) => path));
  const unique = new Map<string, string>();
  const named = [...recorded, ...all("grant").map(({ resource }) => resource), ...all("link").flatMap(({ from, to }) => [from, to])].filter(
    (path) => path !== "/",
  );
  const found: string[] = [];
  for (const path of new Set(named)) {
    const place = typeAt({ products }, parsePath(path) ?? []);
    const parent = place && typeAt({ products }, place.parts.slice(0, -2));
    if (isOfOffices(path)) found.push(`${path}: only offices give anything here`);
    if (place === undefined) found.push(`${path}: no type`);
    else if (place.declared.open !== true && !recorded.has(path)) found.push(`${path}: closed and not registered`);
    else if (
      parent !== undefined &&
      parent.declared.open !== true &&
      !recorded.has(path.slice(0, path.lastIndexOf("/", path.lastIndexOf("/") - 1)))
    )
      found.push(`${path}: parent not registered`);
    else if (place.parts[0] === "sandboxes" && !recorded.has(path.split("/").slice(0, 3).join("/"))) found.push(`${path}: no sandbox`);
    const id = place?.declared.uniqueIds === true ? JSON.stringify([place.product.id, place.type, place.parts.at(-1)]) : undefined;
    if (id !== undefined && unique.has(id)) found.push(`${path}: registered as ${unique.get(id)} too`);
    if (id !== undefined) unique.set(id, path);
  }
  for (const { path, owner, basePath } of all("resource")) {
    const declared = typeAt({ products }, parsePath(path) ?? [])?.declared;
    if (owner !== undefined && declared?.owner === undefined) found.push(`${path}: of a type without owners`);
    if (basePath !== undefined && declared?.actions["call"] === undefined) found.push(`${path}: is not called`);
  }
  return found;
}

function cycles(all: All): string[] {
  const closes = (edges: readonly (readonly [string, string])[]): boolean => {
    const reaches = (from: string, seen: readonly string[]): boolean =>
      seen.includes(from) || edges.some(([a, b]) => a === from && reaches(b, [...seen, from]));
    return edges.some(([from]) => reaches(from, []));
  };
  const groups = all("membership").map(({ member, group }) => [member, group] as const);
  return [
    ...(closes(groups) ? ["groups close a cycle"] : []),
    ...(closes(all("link").map(({ from, to }) => [from, to] as const)) ? ["links close a cycle"] : []),
  ];
}

/** A key twice, two grants of one slot, one base path or operation twice. */
function doubles(records: readonly Rec[]): string[] {
  const keys = records.flatMap(({ kind, value }): unknown[] => {
    if (kind === "grant") return [[kind, value.principal, value.resource, value.reach === "children"]];
    if (kind === "membership") return [[kind, value.group, value.member]];
    if (kind === "assignment") return [[kind, value.role, value.principal]];
    if (kind === "link") return [[kind, value.from, value.linkKind, value.to]];
    if (kind === "resource") return [[kind, value.path], ...(value.basePath === undefined ? [] : [["base", value.basePath]])];
    if (kind === "operation")
      return [
        [kind, value.product, value.id],
        ["row", value.product, value.method, value.path.replace(/\{[^}]*\}/g, "{}")],
      ];
    if (kind === "operation-rule") return [[kind, value.product, value.operation]];
    if (kind === "setting") return [[kind, value.product, value.name]];
    if (kind === "product-administrator") return [[kind, value.product, value.principal]];
    if (kind === "developer-access") return [[kind, value.role, value.principal]];
    return [[kind, "id" in value ? value.id : ""]];
  });
  const seen = new Set<string>();
  return keys.flatMap((key) => {
    const text = JSON.stringify(key);
    if (seen.has(text)) return [`twice: ${text}`];
    seen.add(text);
    return [];
  });
}
