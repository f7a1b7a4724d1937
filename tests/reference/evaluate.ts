/**
 * The reference evaluator: the model's §3 written down as naively as it can be, to be checked against that page line by line
 * and to be compared with the engine, with which it shares no code (types only).
 *
 * Words: *parts* are a path's plain pieces (`paths.ts`); a *place* is what is asked about: a resource, or a collection or
 * child, which stand for a resource with a fresh id. An *ask* is the time, and at most one record that counts outside its window.
 */
import type * as core from "@reeve/core";
import { type Environment, isListOfStrings, labelPrefixes, lookUp, type Truth, truth, variables } from "./conditions.ts";
import { FRESH, fillTarget, formatPath, isWithin, matchRow, type Parts, parsePath, patternMatches, readTarget } from "./paths.ts";

type Evidence = { readonly source: string; readonly [member: string]: string | number };
/** As much of a decision as has one right answer. */
export type Verdict = Pick<core.Decision, "allow" | "code" | "filter"> & { evidence?: Evidence; facts?: core.Facts };
type Timed = core.Membership | core.Assignment | core.Grant;
type Ask = { readonly now: number; readonly counted?: Timed };
/** `shape` is absent of a resource; `unsaid`: the organization, in the place of a further target about which nothing is said. */
type Where = { readonly parts: Parts; readonly product: core.Product; readonly shape?: "collection" | "child" | "unsaid" };
type Place = Where & { readonly type: string; readonly declared: core.ResourceType };
type Who = { readonly id: string; readonly type: string; readonly closure: ReadonlySet<string>; readonly roles: readonly core.Role[] };
type Org = ReturnType<typeof read>;
/** All that steps 3 and 4 look at. `properties`: those sent of the resource; an operation sends none. */
type Question = {
  readonly org: Org;
  readonly ask: Ask;
  readonly who: Who;
  readonly place: Place;
  readonly action: core.Request["action"];
} & {
  readonly request: Pick<core.OperationRequest, "principal" | "context" | "attributes">;
  readonly properties: core.JsonObject | "operation";
};

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const byId = <T extends { readonly id: string }>(things: readonly T[]): readonly T[] => things.toSorted((a, b) => byBytes(a.id, b.id));
const sorted = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].sort(byBytes);
const deny = (code: core.ReasonCode, facts: core.Facts = {}): Verdict => ({ allow: false, code, facts });
const allow = (evidence: Evidence): Verdict => ({ allow: true, code: `allowed_by_${evidence.source}` as core.ReasonCode, evidence });

/** Answers about one snapshot; the records are sorted into their kinds once. */
export function reference(records: readonly core.Rec[]) {
  const org = read(records);
  return {
    evaluate: (request: core.Request, now: number): Verdict => decide(org, request, { now }),
    evaluateOperation: (request: core.OperationRequest, now: number): Verdict => decideOperation(org, request, { now }),
  };
}

function read(records: readonly core.Rec[]) {
  const all = <K extends core.Kind>(kind: K) => records.filter((record) => record.kind === kind).map(({ value }) => value as core.Nouns[K]);
  const [products, resources, grants, links] = [all("product"), all("resource"), all("grant"), all("link")];
  const [principals, memberships, assignments] = [all("principal"), all("membership"), all("assignment")];
  const [operations, rules, settings, tenantIds] = [
    all("operation"),
    all("operation-rule"),
    all("setting"),
    all("organization")[0]?.tenantIds,
  ];
  const [policies, sets, roles] = [byId(all("policy")), byId(all("permission-set")), byId(all("role"))];
  const recordAt = new Map(resources.map((resource) => [resource.path, resource]));
  const named = [...recordAt.keys(), ...grants.map(({ resource }) => resource), ...links.flatMap(({ from, to }) => [from, to])];
  const places = named.flatMap((path) => typeAt({ products }, parsePath(path) ?? []) ?? []);
  /** Everything registered, but `/`, by path. */
  const registered = new Map(places.map((place) => [formatPath(place.parts), place]));
  for (const [path, { declared }] of registered) if (!recordAt.has(path) && declared.open !== true) registered.delete(path);
  const who = { principals, memberships, assignments, roles, grants, tenantIds };
  return { products, resources, links, operations, rules, settings, policies, sets, recordAt, registered, ...who };
}

// §2, who

const counts = (record: Timed, { now, counted }: Ask): boolean =>
  record === counted || ((record.notBefore ?? -Infinity) <= now && now < (record.notAfter ?? Infinity));

/** The principal, if it is known, active and of the type that was said. The groups `members` and `admins` have no record. */
function whoIs(org: Org, { id, type }: core.Subject, ask: Ask): Who | undefined {
  const typeOf = (name: string): string | undefined =>
    name === "members" || name === "admins" ? "group" : org.principals.find((principal) => principal.id === name && principal.active)?.type;
  if (typeOf(id) !== type) return undefined;
  const closure = new Set([id, "members"]);
  for (const member of closure)
    for (const membership of org.memberships) // The set grows while it is walked, and is walked to its new end.
      if (membership.member === member && counts(membership, ask) && typeOf(membership.group) === "group") closure.add(membership.group);
  const assigned = org.assignments.filter((assignment) => closure.has(assignment.principal) && counts(assignment, ask));
  return { id, type, closure, roles: org.roles.filter((role) => assigned.some((assignment) => assignment.role === role.id)) };
}

// §2, where

/** The type of a path: a root type of some product, and below it types of that product that may lie there. */
function typeAt({ products }: Pick<Org, "products">, parts: Parts): Place | undefined {
  const types = parts.filter((_, i) => i % 2 === 0).map(String);
  const [root = "", type = ""] = [types[0], types.at(-1)];
  const product = products.find((each) => own(each.types, root) !== undefined && own(each.types, root)?.parents === undefined);
  const declared = product && own(product.types, type);
  if (product === undefined || declared === undefined || root === "organization") return undefined;
  const fits = types.every((name, i) => i === 0 || own(product.types, name)?.parents?.includes(types[i - 1] ?? ""));
  return fits ? { parts, product, type, declared } : undefined;
}
/** The sandbox that a place lies in; one that is yet to be made lies in none. */
const sandboxOf = (parts: Parts): string | undefined => (parts[0] === "sandboxes" && typeof parts[1] === "string" ? parts[1] : undefined);
const isIn = (sandboxes: readonly string[] = [], parts: Parts): boolean => sandboxes.some((name) => name === sandboxOf(parts));
const lacksSandbox = (org: Org, parts: Parts): boolean =>
  sandboxOf(parts) !== undefined && !org.recordAt.has(formatPath(parts.slice(0, 2)));

/** `{type, id}`: the path that it stands for. */
function pathOf(org: Org, ref: { type: string; id: string; properties?: core.JsonObject }): string | undefined {
  const { type, id, properties = {} } = ref;
  if (type === "organization") return id === "/" ? "/" : undefined;
  if (typeAt(org, [type, FRESH]) !== undefined) return formatPath([type, id]);
  const sandbox = own(properties, "sandbox");
  if (typeof sandbox === "string" && typeAt(org, ["sandboxes", FRESH, type, FRESH])) return formatPath(["sandboxes", sandbox, type, id]);
  const parts = parsePath(id) ?? [];
  return parts.at(parts.length % 2 === 0 ? -2 : -1) === type ? id : undefined;
}

/** The place that a reference names; on `/` the product is the one that declares the action. */
function locate(org: Org, ref: core.ResourceRef, action: string): Place | undefined {
  const parts = parsePath((ref.path === undefined ? pathOf(org, ref) : ref.path) ?? "no path");
  if (parts === undefined || (ref.child !== undefined && parts.length % 2 === 1)) return undefined;
  if (ref.child !== undefined) return asShape(typeAt(org, [...parts, ref.child, FRESH]), "child");
  if (parts.length % 2 === 1) return asShape(typeAt(org, [...parts, FRESH]), "collection");
  if (parts.length > 0) return typeAt(org, parts);
  const declaring = org.products.flatMap((product) => organizationIn(product) ?? []);
  return declaring.find(({ declared }) => own(declared.actions, action) !== undefined) ?? declaring[0];
}
const asShape = (place: Place | undefined, shape: "collection" | "child"): Place | undefined => place && { ...place, shape };
function organizationIn(product: core.Product): Place | undefined {
  const declared = own(product.types, "organization");
  return declared && { parts: [], product, type: "organization", declared };
}

/** Registered or open, itself or, of a collection or child, its parent; and not in a sandbox that does not exist. */
function isKnown(org: Org, { parts, shape }: Place): boolean {
  const asked = shape === undefined ? parts : parts.slice(0, -2);
  const isThere = asked.length === 0 || org.registered.has(formatPath(asked)) || typeAt(org, asked)?.declared.open === true;
  return isThere && !lacksSandbox(org, parts);
}

/** Whether an id of the path, of a type whose ids are unique, is registered under another parent. */
function isMisplaced(org: Org, parts: Parts): boolean {
  const above = parts.flatMap((_, i) => (i % 2 === 1 ? (typeAt(org, parts.slice(0, i + 1)) ?? []) : []));
  const isElsewhere = (place: Place, other: Place): boolean =>
    other.declared === place.declared && other.parts.at(-1) === place.parts.at(-1) && formatPath(other.parts) !== formatPath(place.parts);
  return above.some(
    (place) => place.declared.uniqueIds === true && [...org.registered.values()].some((other) => isElsewhere(place, other)),
  );
}

// §2, labels

/** Whose labels a place takes: its parent's and those of its links' other ends, as the product's table says. */
function labelGivers(org: Org, parts: Parts): readonly Parts[] {
  const at = typeAt(org, parts);
  const table = at?.product.labelInheritance;
  if (at === undefined || table === undefined) return [];
  const isA = (type: string, other: Parts): boolean => typeAt(org, other)?.product === at.product && typeAt(org, other)?.type === type;
  const linked = org.links.flatMap((link) => {
    const holder = parsePath(link.from) ?? [];
    const other = [...(parsePath(link.to) ?? []), ...parts.slice(holder.length)]; // the same relative path below the other end
    const isRow = table.links.some(({ kind, from, to }) => kind === link.linkKind && from === at.type && isA(to, other));
    return isWithin(parts, holder) && isRow && other.length <= 32 ? [other] : [];
  });
  const parent = parts.slice(0, -2);
  return [...linked, ...(table.parents.some(([child, above]) => child === at.type && isA(above, parent)) ? [parent] : [])];
}

/** `resource.labels`: own, inherited (by reachability) and sent. */
function resourceLabels({ org, place, properties }: Question): readonly string[] | null {
  if (place.shape === "collection") return [];
  const reached = new Map([[formatPath(place.parts), place.parts]]);
  for (const parts of reached.values()) for (const giver of labelGivers(org, parts)) reached.set(formatPath(giver), giver);
  const stored = [...reached.keys()].flatMap((path) => org.recordAt.get(path)?.labels ?? []);
  const sent = properties === "operation" ? [] : own(properties, "labels");
  if (place.shape === "child" || stored.length > 0 || place.parts.length === 0 || org.registered.has(formatPath(place.parts)))
    return isListOfStrings(sent) && place.shape === undefined ? [...stored, ...sent] : stored;
  return isListOfStrings(sent) ? sent : null;
}

// §2, conditions; §3 step 3

const settingOf = (org: Org, product: core.Product, name: string): boolean | undefined =>
  org.settings.find((setting) => setting.product === product.id && setting.name === name)?.value ?? own(product.settings, name)?.default;
const applies = (role: core.Role, { product, parts }: Where): boolean =>
  role.product === product.id && (product.boundedBy !== "sandboxes" || isIn(role.sandboxes, parts));
/** `subject.roles`: those that apply; outside sandboxes all of the product's. */
const rolesSeen = ({ who, place }: Question): readonly core.Role[] =>
  who.roles.filter((role) => (sandboxOf(place.parts) === undefined ? role.product === place.product.id : applies(role, place)));

/** What a condition sees; `labels`: those of one role in the place of all. */
function environment(question: Question, labels?: readonly string[]): Environment {
  const { org, who, place, action, request, ask } = question;
  const roles = rolesSeen(question);
  const record = place.shape === undefined ? org.recordAt.get(formatPath(place.parts)) : undefined;
  const sent = question.properties === "operation" ? {} : question.properties;
  const { labels: _, sandbox: __, ...properties } = { ...record?.properties, ...sent };
  const subject = {
    type: who.type,
    id: who.id,
    groups: sorted([...who.closure].filter((id) => id !== who.id || who.type === "group")),
    roles: { ids: roles.map(({ id }) => id), labels: labels ?? sorted(roles.flatMap((role) => role.labels ?? [])) },
    properties: { ...org.principals.find(({ id }) => id === who.id)?.properties, ...request.principal.properties },
  };
  const resource = {
    type: place.type,
    id: place.shape === undefined ? String(place.parts.at(-1) ?? "/") : null,
    path: place.shape === "child" ? null : formatPath(place.shape === "collection" ? place.parts.slice(0, -1) : place.parts),
    sandbox: sandboxOf(place.parts) ?? null,
    owner: record?.owner ?? null,
    state: record?.state ?? null,
    labels: resourceLabels(question),
    properties,
  };
  const given = { context: { ...request.context, now: ask.now }, attributes: request.attributes ?? {} };
  const members = { subject, action: { name: action.name, properties: action.properties ?? {} }, resource, ...given };
  return { members, labelsUnreadable: Object.hasOwn(sent, "labels") && !isListOfStrings(own(sent, "labels")) };
}

/** What a condition comes to: once, or, by `labelsFromOneRole`, with label operators, once for each role's labels (or for none). */
function truths(question: Question, condition: core.Condition): readonly Truth[] {
  const { org } = question;
  const isOneByOne = labelPrefixes(condition).length > 0 && org.products.some((product) => settingOf(org, product, "labelsFromOneRole"));
  if (!isOneByOne) return [truth(condition, environment(question))];
  const labels = rolesSeen(question).map((role) => role.labels ?? []);
  return (labels.length === 0 ? [[]] : labels).map((list) => truth(condition, environment(question, list)));
}

/** Whether a Permit rule may count here: in a sandbox a role must apply; with label operators there must be a label for them. */
function mayPermit(question: Question, condition: core.Condition): boolean {
  const { place, who } = question;
  const prefixes = labelPrefixes(condition);
  const hasLabel = (resourceLabels(question) ?? []).some((label) => prefixes.some((prefix) => label.startsWith(prefix)));
  return (prefixes.length === 0 || hasLabel) && (sandboxOf(place.parts) === undefined || who.roles.some((role) => applies(role, place)));
}

/** The first rule of the effect that matches, by policy id, then by its place in the policy. */
function firstRule(question: Question, effect: "deny" | "permit"): { policy: string; rule: number } | undefined {
  const { place, action, org } = question;
  // A Deny rule matches unless a condition is false, so that one that fails denies; a Permit rule wants both to be true.
  const isMet = (condition: core.Condition = true): boolean =>
    effect === "deny" ? truths(question, condition).every((value) => value !== false) : truths(question, condition).includes(true);
  for (const { id, status, sandboxes, subjectCondition, rules } of org.policies) {
    const isCovered = sandboxOf(place.parts) === undefined || sandboxes === "all" || isIn(sandboxes, place.parts);
    if (status !== "active" || !isCovered || place.product.id === "reeve") continue;
    const rule = rules.findIndex((each) => {
      const fits = each.effect === effect && patternMatches(each.resource, place.parts) && each.actions.includes(action.name);
      return fits && isMet(subjectCondition) && isMet(each.condition) && (effect === "deny" || mayPermit(question, each.condition ?? true));
    });
    if (rule >= 0) return { policy: id, rule };
  }
  return undefined;
}

// §3 step 4

type Holding = { readonly role: core.Role; readonly set: core.PermissionSet };
/** The (role, permission set) of a product that count at a place, in their order; on `/`: in the whole organization. */
function holdings(org: Org, who: Who, { product, parts }: Where): readonly Holding[] {
  const covers = (role: core.Role, set: core.PermissionSet, scope: readonly string[] | undefined): boolean => {
    if (set.organizationLevel === true || product.boundedBy === "none") return true;
    if (product.boundedBy === "sandboxes") return isIn(role.sandboxes, parts);
    return scope === undefined || scope.some((item) => isWithin(parts, parsePath(item) ?? [FRESH]));
  };
  const roles = who.roles.filter((role) => role.product === product.id);
  const pairs = roles.flatMap((role) => org.sets.map((set) => ({ role, set })));
  return pairs.filter(({ role, set }) => role.sets.some((held) => held.set === set.id && covers(role, set, held.scope)));
}
const gives = ({ set }: Holding, type: string, action: string): boolean =>
  set.pairs.some((pair) => pair.type === type && pair.actions.includes(action));

/** The product's prerequisite, on the nearest resource of its type at or above; none there, none needed. */
function hasPrerequisite(org: Org, who: Who, { product, parts, shape }: Where): boolean {
  const { of, action } = product.prerequisite ?? {};
  const isThere = (i: number): boolean => i % 2 === 0 && parts[i] === of && (shape !== "collection" || i + 2 < parts.length);
  const nearest = parts.findLastIndex((_, i) => isThere(i));
  const isNeeded = shape === "unsaid" || (nearest >= 0 && typeAt(org, parts)?.product === product);
  if (of === undefined || action === undefined || !isNeeded) return true;
  const on = shape === "unsaid" ? [] : parts.slice(0, nearest + 2);
  return holdings(org, who, { product, parts: on }).some((holding) => gives(holding, of, action));
}

/** The bits of every grant that reaches a place, and RWXO of every ownership that does. */
function bitsAt({ org, who, ask, place }: Question): string {
  const isReached = (path: string, reach: core.Reach): boolean => {
    const from = parsePath(path) ?? [FRESH];
    return isWithin(place.parts, from) && (reach === "subtree" || (reach === "self") === (from.length === place.parts.length));
  };
  const granted = org.grants.filter(
    (grant) => who.closure.has(grant.principal) && counts(grant, ask) && isReached(grant.resource, grant.reach),
  );
  const owned = org.resources.filter(({ path, owner }) => {
    const reach = org.registered.get(path)?.declared.owner;
    return owner === who.id && reach !== undefined && isReached(path, reach);
  });
  return granted.map(({ access }) => access).join("") + owned.map(() => "RWXO").join("");
}

/** The first source of access, in the order role, access, admin, policy. */
function source(question: Question): Evidence | undefined {
  const { org, who, place, action } = question;
  const holding = holdings(org, who, place).find((held) => gives(held, place.type, action.name));
  if (holding !== undefined && hasPrerequisite(org, who, place)) return { source: "role", role: holding.role.id, set: holding.set.id };
  const bits = bitsAt(question);
  const way = own(place.declared.actions, action.name)
    ?.map((each) => (typeof each === "string" ? { bits: each, when: {} } : each))
    .filter(({ when }) => Object.entries(when).every(([name, value]) => settingOf(org, place.product, name) === value))
    .find((each) => [...each.bits].every((bit) => bits.includes(bit)));
  if (way !== undefined) return { source: "access", bits: way.bits };
  if (place.product.adminMayAll === true && who.closure.has("admins")) return { source: "admin" };
  const permit = firstRule(question, "permit");
  return permit && { source: "policy", ...permit };
}

// §3, the decision

function decide(org: Org, request: core.Request, ask: Ask): Verdict {
  const { action, resource, principal, context = {} } = request;
  const who = whoIs(org, principal, ask);
  if (who === undefined) return deny("unknown_principal");
  const place = locate(org, resource, action.name);
  if (place === undefined) return deny("unknown_type");
  if (!isKnown(org, place)) return deny("unknown_resource");
  if (isMisplaced(org, place.parts)) return deny("wrong_parent");
  if (own(place.declared.actions, action.name) === undefined) return deny("unknown_action");
  const question = { org, ask, who, place, action, request: { principal, context }, properties: resource.properties ?? {} };
  const denied = firstRule(question, "deny");
  if (denied !== undefined) return deny("denied_by_policy", denied);
  const evidence = source(question);
  return evidence === undefined ? refuse("no_access", question, (again) => decide(org, request, again)) : allow(evidence);
}

/** A refusal that names each record of the closure which, counted alone although outside its window, would have sufficed. */
function refuse(code: core.ReasonCode, { org, who, ask }: Question, again: (ask: Ask) => Verdict): Verdict {
  const timed = [...org.memberships, ...org.assignments, ...org.grants];
  const ofClosure = timed.filter((record) => who.closure.has("member" in record ? record.member : record.principal));
  const late = ofClosure.filter((record) => ask.counted === undefined && !counts(record, ask) && again({ ...ask, counted: record }).allow);
  const missing = late.map(({ notBefore = -Infinity, ...record }) => {
    const ids = Object.entries(record).filter(([name]) => ["group", "member", "role", "principal", "resource", "reach"].includes(name));
    return { kind: ask.now < notBefore ? ("not_yet" as const) : ("expired" as const), ...Object.fromEntries(ids) };
  });
  return deny(code, { missing });
}

// §3, operations

function decideOperation(org: Org, request: core.OperationRequest, ask: Ask): Verdict {
  const { why, segments, trailingSlash } = readTarget(request.target);
  if (why !== undefined) return deny("ambiguous_path", { why });
  const product = org.products.find(({ id }) => id === request.product);
  if (product === undefined) return deny("unknown_operation");
  const isLost = trailingSlash && product.trailingSlashIsNone !== true;
  const version = versionBelow(org, product, segments);
  if (version !== undefined) return decideCall(org, request, { version, rest: isLost ? undefined : segments, ask });
  const rows = isLost ? [] : org.operations.filter((operation) => operation.product === product.id);
  const { row, parameters } = matchRow(rows, request.method, segments) ?? {};
  if (row === undefined || parameters === undefined) return deny("unknown_operation");
  const ownRule = org.rules.find((rule) => rule.product === product.id && rule.operation === row.id);
  const rule = ownRule?.alternatives ?? row.alternatives ?? (row.method === "GET" ? product.readDefault : undefined);
  if (rule === undefined) return deny("unmapped_operation");

  const further = (row.also ?? []).map(({ name, type }) => ({ type, path: own(request.targets ?? {}, name) }));
  const given = further.flatMap(({ path, type }) => (typeof path === "string" ? [{ path, type }] : []));
  const targets = [{ path: fillTarget(row.target, parameters), type: undefined }, ...given];
  if (targets.some(({ path }) => isMisplaced(org, parsePath(path) ?? []))) return deny("wrong_parent");
  const places = targets.flatMap(({ path, type }) => placeOfTarget(org, { path, type, product }) ?? []);
  const [target] = places;
  if (target === undefined || places.length < targets.length) return deny("unknown_type");
  if (places.some(({ parts }) => lacksSandbox(org, parts))) return deny("unknown_resource");
  const tenant = parameters.get(row.organizationParameter ?? "");
  if (tenant !== undefined && org.tenantIds?.includes(tenant) !== true) return deny("wrong_organization");
  const who = whoIs(org, request.principal, ask);
  if (who === undefined) return deny("unknown_principal");

  const sets = rule.flatMap((alternative) => org.sets.filter(({ id }) => "permission" in alternative && id === alternative.permission));
  const names = [`${row.method} ${row.path}`, ...sets.flatMap(({ pairs }) => pairs.flatMap(({ actions }) => actions))];
  const question = { org, ask, who, place: target, action: { name: names[0] ?? "" }, request, properties: "operation" } as const;
  const denied = firstDenied(places.flatMap((place) => names.map((name) => ({ ...question, place, action: { name } }))));
  if (denied !== undefined) return deny("denied_by_policy", denied);
  // A further target about which nothing is said is covered by nothing narrower than the organization.
  const unsaid: Where[] = further.some(({ path }) => path === undefined) ? [{ product, parts: [], shape: "unsaid" }] : [];
  const wheres = [...places.map(({ parts }) => ({ product, parts })), ...unsaid];
  const standings = rule.map((alternative) => standing(alternative, question, wheres));
  const alternative = standings.indexOf("holds");
  if (alternative >= 0) return { ...allow({ source: "rule", operation: row.id, alternative }), ...(row.filter && { filter: row.filter }) };
  const code = standings.includes("unavailable") ? "attribute_unavailable" : "no_access";
  return refuse(code, question, (counted) => decideOperation(org, request, counted));
}

/** The resource that an operation's target names, of the type that the row says; `/` is the organization to the operation's product. */
function placeOfTarget(org: Org, asked: { path: string; type?: string | undefined; product: core.Product }): Place | undefined {
  const parts = parsePath(asked.path);
  if (parts === undefined || parts.length % 2 === 1) return undefined;
  const place = parts.length === 0 ? organizationIn(asked.product) : typeAt(org, parts);
  return asked.type === undefined || asked.type === place?.type ? place : undefined;
}

const firstDenied = (questions: readonly Question[]) =>
  questions.map((question) => firstRule(question, "deny")).find((rule) => rule !== undefined);

/** How an alternative stands: `unavailable` when all holds but a condition that names an attribute that was not given. */
function standing(alternative: core.Alternative, question: Question, wheres: readonly Where[]): "holds" | "unavailable" | "fails" {
  const { org, who } = question;
  const asked = wheres[0]?.product;
  const product = alternative.product === undefined ? asked : org.products.find(({ id }) => id === alternative.product);
  if (product === undefined) return "fails";
  const roles = who.roles.filter((role) => role.product === product.id);
  // Of another product's permission the scope must be the organization.
  const isHeld = (set: string, parts: Parts): boolean =>
    holdings(org, who, { product, parts: product === asked ? parts : [] }).some(
      ({ role, set: { id } }) => id === set && role.builtIn !== true,
    );
  let opens = roles.length > 0;
  if ("roles" in alternative) opens = roles.some(({ id, builtIn }) => builtIn === true && alternative.roles.includes(id));
  if ("permission" in alternative) opens = wheres.every(({ parts }) => isHeld(alternative.permission, parts));
  if (!opens || !wheres.every((where) => hasPrerequisite(org, who, { ...where, product }))) return "fails";
  const { when = true } = alternative;
  const seen = environment(question);
  const attributes = variables(when).filter(({ name }) => name.startsWith("attributes."));
  if (attributes.some(({ name }) => lookUp(name, seen.members) === undefined)) return "unavailable";
  return truth(when, seen) === true ? "holds" : "fails";
}

const baseOf = ({ basePath }: core.Resource): readonly string[] => basePath?.slice(1).split("/") ?? [];
/** The registered version of the product whose base path is the longest with which the path begins. */
function versionBelow(org: Org, product: core.Product, segments: readonly string[]): core.Resource | undefined {
  const ofProduct = org.resources.filter(({ basePath, path }) => basePath !== undefined && org.registered.get(path)?.product === product);
  const above = ofProduct.filter((version) => isWithin(segments, baseOf(version)));
  return above.toSorted((a, b) => baseOf(b).length - baseOf(a).length)[0];
}

type Call = { readonly version: core.Resource; readonly rest: readonly string[] | undefined; readonly ask: Ask };
/** An operation of a version: `call` on the version, and what the version's document asks besides. */
function decideCall(org: Org, request: core.OperationRequest, { version, rest, ask }: Call): Verdict {
  const row = rest && matchRow(version.document ?? [], request.method, rest.slice(baseOf(version).length))?.row;
  if (version.document !== undefined && row === undefined) return deny("unknown_operation");
  const who = whoIs(org, request.principal, ask);
  if (who === undefined) return deny("unknown_principal");
  const place = org.registered.get(version.path);
  if (place === undefined || own(place.declared.actions, "call") === undefined) return deny("unknown_action");
  const question = { org, ask, who, place, action: { name: "call" }, request, properties: "operation" } as const;
  const document = row && { ...question, action: { name: `${row.method} ${row.path}` } };
  const denied = firstDenied(document === undefined ? [question] : [question, document]);
  if (denied !== undefined) return deny("denied_by_policy", denied);
  const evidence = source(question);
  const standings = row?.alternatives?.map((alternative) => standing(alternative, question, [place])) ?? ["holds"];
  if (evidence !== undefined && standings.includes("holds")) return allow(evidence);
  const code = evidence !== undefined && standings.includes("unavailable") ? "attribute_unavailable" : "no_access";
  return refuse(code, question, (counted) => decideOperation(org, request, counted));
}
