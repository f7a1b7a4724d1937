/**
 * The reference evaluator: the model's §3 written down as naively as it can be, to be checked against that page line by line
 * and to be compared with the engine, with which it shares no code (types only).
 *
 * Words: *parts* are a path's plain pieces (`paths.ts`); a *place* is what is asked about: a resource, or a collection or
 * child, which stand for a resource with a fresh id. An *ask* is the time, and at most one record that counts outside its window.
 */
import type * as core from "@reeve/core";
import { type Environment, isListOfStrings, labelPrefixes, lookUp, type Truth, truth, variables } from "./conditions.ts";
import { offices } from "./offices.ts";
import * as paths from "./paths.ts";
import { FRESH, formatPath, isWithin, own, type Parts, type Place, parsePath, sandboxOf, typeAt, type Where } from "./paths.ts";

type Evidence = { readonly source: string; readonly [member: string]: string | number };
/** As much of a decision as has one right answer. */
export type Verdict = Pick<core.Decision, "allow" | "code" | "filter"> & { evidence?: Evidence; facts?: core.Facts };
type Timed = core.Membership | core.Assignment | core.Grant;
type Ask = { readonly now: number; readonly counted?: Timed };
type Org = ReturnType<typeof read>;
type Who = { org: Org; ask: Ask; id: string; type: string; closure: ReadonlySet<string>; roles: readonly core.Role[] };
/** All that steps 3 and 4 look at. `properties`: those sent of the resource; an operation sends none. */
type Question = { who: Who; place: Place; action: core.Request["action"]; request: Sent; properties: core.JsonObject | "operation" };
type Sent = Pick<core.OperationRequest, "principal" | "context" | "attributes">;

const byId = <T extends { readonly id: string }>(things: readonly T[]): readonly T[] => things.toSorted((a, b) => (a.id < b.id ? -1 : 1));
const deny = (code: core.ReasonCode, facts: core.Facts = {}): Verdict => ({ allow: false, code, facts });
const allow = (evidence: Evidence): Verdict => ({ allow: true, code: `allowed_by_${evidence.source}` as core.ReasonCode, evidence });

/** Answers about one snapshot; the records are sorted into their kinds once. */
export function reference(records: readonly core.Rec[]) {
  const org = read(records);
  const evaluate = (request: core.Request, now: number): Verdict => decide(org, request, { now });
  const evaluateOperation = (request: core.OperationRequest, now: number): Verdict => decideOperation(org, request, { now });
  return { evaluate, evaluateOperation };
}

function read(records: readonly core.Rec[]) {
  const all = <K extends core.Kind>(kind: K) => records.filter((record) => record.kind === kind).map(({ value }) => value as core.Nouns[K]);
  const [products, resources, links] = [all("product"), all("resource"), all("link")];
  const grants = [...all("grant"), ...offices(records)];
  const [principals, memberships, assignments] = [all("principal"), all("membership"), all("assignment")];
  const [operations, rules, settings] = [all("operation"), all("operation-rule"), all("setting")];
  const [policies, sets, roles] = [byId(all("policy")), byId(all("permission-set")), byId(all("role"))];
  const recordAt = new Map(resources.map((resource) => [resource.path, resource]));
  const named = [...recordAt.keys(), ...grants.map(({ resource }) => resource), ...links.flatMap(({ from, to }) => [from, to])];
  const isRegistered = ({ parts, declared }: Place): boolean => declared.open === true || recordAt.has(formatPath(parts));
  const places = named.flatMap((path) => typeAt({ products }, parsePath(path) ?? []) ?? []).filter(isRegistered);
  const registered = new Map(places.map((place) => [formatPath(place.parts), place])); // and `/`, which is never looked up
  const who = { principals, memberships, assignments, roles, grants, tenantIds: all("organization")[0]?.tenantIds };
  return { products, resources, links, operations, rules, settings, policies, sets, recordAt, registered, ...who };
}

// §2, who
const counts = (one: Timed, { now, counted }: Ask) =>
  one === counted || ((one.notBefore ?? now) <= now && now < (one.notAfter ?? Infinity));

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
  return { org, ask, id, type, closure, roles: org.roles.filter((role) => assigned.some((assignment) => assignment.role === role.id)) };
}

// §2, where
const isIn = (sandboxes: readonly string[] = [], parts: Parts): boolean => sandboxes.some((name) => name === sandboxOf(parts));
const lacksSandbox = (org: Org, parts: Parts) => sandboxOf(parts) !== undefined && !org.recordAt.has(formatPath(parts.slice(0, 2)));

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
  return above
    .filter(({ declared }) => declared.uniqueIds)
    .some((place) => [...org.registered.values()].some((other) => isElsewhere(place, other)));
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
  return table.parents.some(([child, above]) => child === at.type && isA(above, parent)) ? [...linked, parent] : linked;
}

/** `resource.labels`: own, inherited (by reachability) and sent. */
function resourceLabels({ who: { org }, place, properties }: Question): readonly string[] | null {
  if (place.shape === "collection") return [];
  const reached = new Map([[formatPath(place.parts), place.parts]]);
  for (const parts of reached.values()) for (const giver of labelGivers(org, parts)) reached.set(formatPath(giver), giver);
  const stored = [...reached.keys()].flatMap((path) => org.recordAt.get(path)?.labels ?? []);
  const sent = properties === "operation" ? [] : own(properties, "labels");
  if (place.shape === "child") return stored;
  if (isListOfStrings(sent)) return [...stored, ...sent];
  return stored.length > 0 || place.parts.length === 0 || org.registered.has(formatPath(place.parts)) ? stored : null;
}

// §2, conditions; §3 step 3
const settingOf = (org: Org, product: core.Product, name: string): boolean | undefined =>
  org.settings.find((setting) => setting.product === product.id && setting.name === name)?.value ?? own(product.settings, name)?.default;
const applies = (role: core.Role, { product, parts }: Where): boolean =>
  role.product === product.id && (product.boundedBy !== "sandboxes" || isIn(role.sandboxes, parts));
/** `subject.roles`: those that apply; outside sandboxes all of the product's. */
const rolesSeen = ({ who, place }: Question): readonly core.Role[] =>
  who.roles.filter((role) => (sandboxOf(place.parts) === undefined ? role.product === place.product.id : applies(role, place)));

/** What a condition sees; `oneRole`: the labels of one role in the place of all. Lists are in no order: no operator asks for it. */
function environment(question: Question, oneRole?: readonly string[]): Environment {
  const { who, place, action, request } = question;
  const { id, type, closure, org, ask } = who;
  const held = rolesSeen(question);
  const roles = { ids: held.map((role) => role.id), labels: oneRole ?? held.flatMap((role) => role.labels ?? []) };
  const stored = org.principals.find((principal) => principal.id === id)?.properties;
  const groups = [...closure].filter((group) => group !== id || type === "group");
  const subject = { type, id, groups, roles, properties: { ...stored, ...request.principal.properties } };
  const record = place.shape === undefined ? org.recordAt.get(formatPath(place.parts)) : undefined;
  const sent = question.properties === "operation" ? {} : question.properties;
  const { labels: _, sandbox: __, ...properties } = { ...record?.properties, ...sent };
  const { owner = null, state = null } = record ?? {};
  const resource = {
    ...{ type: place.type, owner, state, labels: resourceLabels(question), properties, sandbox: sandboxOf(place.parts) ?? null },
    id: place.shape === undefined ? (place.parts.at(-1) ?? "/") : null,
    path: place.shape === "child" ? null : formatPath(place.shape === "collection" ? place.parts.slice(0, -1) : place.parts),
  };
  const given = { context: { ...request.context, now: ask.now }, attributes: request.attributes ?? {} };
  const members = { subject, action: { name: action.name, properties: action.properties ?? {} }, resource, ...given };
  return { members, labelsUnreadable: Object.hasOwn(sent, "labels") && !isListOfStrings(own(sent, "labels")) };
}

/** What a condition comes to: once, or, by `labelsFromOneRole`, with label operators, once for each role's labels (or for none). */
function truths(question: Question, condition: core.Condition): readonly Truth[] {
  const isStrict = (product: core.Product): boolean => settingOf(question.who.org, product, "labelsFromOneRole") === true;
  if (labelPrefixes(condition).length === 0 || !question.who.org.products.some(isStrict)) return [truth(condition, environment(question))];
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
  const { place, action, who } = question;
  // A Deny rule matches unless a condition is false, so that one that fails denies; a Permit rule wants both to be true.
  const isMet = (condition: core.Condition = true): boolean =>
    effect === "deny" ? truths(question, condition).every((value) => value !== false) : truths(question, condition).includes(true);
  for (const { id, status, sandboxes, subjectCondition, rules } of who.org.policies) {
    const isCovered = sandboxOf(place.parts) === undefined || sandboxes === "all" || isIn(sandboxes, place.parts);
    if (status !== "active" || !isCovered || place.product.id === "reeve") continue;
    const rule = rules.findIndex((each) => {
      const fits = each.effect === effect && paths.patternMatches(each.resource, place.parts) && each.actions.includes(action.name);
      return fits && isMet(subjectCondition) && isMet(each.condition) && (effect === "deny" || mayPermit(question, each.condition ?? true));
    });
    if (rule >= 0) return { policy: id, rule };
  }
  return undefined;
}

// §3 step 4
type Holding = { readonly role: core.Role; readonly set: core.PermissionSet };
/** The (role, permission set) of a product that count at a place, in their order; on `/`: in the whole organization. */
function holdings(who: Who, { product, parts }: Where): readonly Holding[] {
  const covers = (role: core.Role, set: core.PermissionSet, scope: readonly string[] | undefined): boolean => {
    if (set.organizationLevel === true || product.boundedBy === "none") return true;
    if (product.boundedBy === "sandboxes") return isIn(role.sandboxes, parts);
    return scope === undefined || scope.some((item) => isWithin(parts, parsePath(item) ?? [FRESH]));
  };
  const roles = who.roles.filter((role) => role.product === product.id);
  const pairs = roles.flatMap((role) => who.org.sets.map((set) => ({ role, set })));
  return pairs.filter(({ role, set }) => role.sets.some((held) => held.set === set.id && covers(role, set, held.scope)));
}
const gives = ({ set: { pairs } }: Holding, type: string, action: string): boolean =>
  pairs.some((pair) => pair.type === type && pair.actions.includes(action));

/** The product's prerequisite, on the nearest resource of its type at or above; none there, none needed. */
function hasPrerequisite(who: Who, { product, parts, shape }: Where): boolean {
  const { of = "", action = "" } = product.prerequisite ?? {};
  const isThere = (i: number): boolean => i % 2 === 0 && parts[i] === of && (shape !== "collection" || i + 2 < parts.length);
  const nearest = shape === "unsaid" ? -2 : parts.findLastIndex((_, i) => isThere(i));
  const isNeeded = shape === "unsaid" || (nearest >= 0 && typeAt(who.org, parts)?.product === product);
  if (product.prerequisite === undefined || !isNeeded) return true;
  return holdings(who, { product, parts: parts.slice(0, nearest + 2) }).some((holding) => gives(holding, of, action));
}

/** The bits of every grant that reaches a place, and RWXO of every ownership that does. */
function bitsAt({ who: { id, org, closure, ask }, place }: Question): string {
  const isReached = (path: string, reach: core.Reach | undefined): boolean => {
    const from = parsePath(path) ?? [FRESH];
    const isHere = from.length === place.parts.length;
    // In Reeve's own product a grant gives the very resource that it names.
    if (place.product.id === "reeve" && !isHere) return false;
    return reach !== undefined && isWithin(place.parts, from) && (reach === "subtree" || (reach === "self") === isHere);
  };
  const held = org.grants.filter((grant) => closure.has(grant.principal) && counts(grant, ask));
  const granted = held.filter(({ resource, reach }) => isReached(resource, reach));
  const owned = org.resources.filter(({ path, owner }) => owner === id && isReached(path, org.registered.get(path)?.declared.owner));
  return granted.map(({ access }) => access).join("") + owned.map(() => "RWXO").join("");
}

/** The first source of access, in the order role, access, admin, policy. */
function source(question: Question): Evidence | undefined {
  const { who, place, action } = question;
  const holding = holdings(who, place).find((held) => gives(held, place.type, action.name));
  if (holding !== undefined && hasPrerequisite(who, place)) return { source: "role", role: holding.role.id, set: holding.set.id };
  const bits = bitsAt(question);
  const isOn = (when: Readonly<Record<string, boolean>>): boolean =>
    Object.entries(when).every(([name, value]) => settingOf(who.org, place.product, name) === value);
  const ways = (own(place.declared.actions, action.name) ?? []).filter((way) => typeof way === "string" || isOn(way.when));
  const open = ways.map((way) => (typeof way === "string" ? way : way.bits)).find((way) => [...way].every((bit) => bits.includes(bit)));
  if (open !== undefined) return { source: "access", bits: open };
  if (place.product.adminMayAll === true && who.closure.has("admins")) return { source: "admin" };
  const permit = firstRule(question, "permit");
  return permit && { source: "policy", ...permit };
}

// §3, the decision
function decide(org: Org, request: core.Request, ask: Ask): Verdict {
  const who = whoIs(org, request.principal, ask);
  if (who === undefined) return deny("unknown_principal");
  const place = paths.locate(org, request.resource, request.action.name);
  if (place === undefined) return deny("unknown_type");
  if (!isKnown(org, place)) return deny("unknown_resource");
  if (isMisplaced(org, place.parts)) return deny("wrong_parent");
  if (own(place.declared.actions, request.action.name) === undefined) return deny("unknown_action");
  const question = { who, place, action: request.action, request, properties: request.resource.properties ?? {} };
  const denied = firstRule(question, "deny");
  if (denied !== undefined) return deny("denied_by_policy", denied);
  const evidence = source(question);
  return evidence ? allow(evidence) : refuse("no_access", who, (again) => decide(org, request, again));
}

/** A refusal that names each record of the closure which, counted alone although outside its window, would have sufficed. */
function refuse(code: core.ReasonCode, { org, closure, ask }: Who, again: (ask: Ask) => Verdict): Verdict {
  const timed = [...org.memberships, ...org.assignments, ...org.grants];
  const ofClosure = timed.filter((record) => closure.has("member" in record ? record.member : record.principal));
  const late = ofClosure.filter((record) => ask.counted === undefined && !counts(record, ask) && again({ ...ask, counted: record }).allow);
  const missing = late.map(({ notBefore = -Infinity, ...record }) => {
    const ids = Object.entries(record).filter(([name]) => ["group", "member", "role", "principal", "resource", "reach"].includes(name));
    return { kind: ask.now < notBefore ? ("not_yet" as const) : ("expired" as const), ...Object.fromEntries(ids) };
  });
  return deny(code, { missing });
}

// §3, operations
function decideOperation(org: Org, request: core.OperationRequest, ask: Ask): Verdict {
  const { why, segments, trailingSlash } = paths.readTarget(request.target);
  if (why !== undefined) return deny("ambiguous_path", { why });
  const product = org.products.find(({ id }) => id === request.product);
  if (product === undefined) return deny("unknown_operation");
  const again = (counted: Ask): Verdict => decideOperation(org, request, counted);
  const asked = trailingSlash && product.trailingSlashIsNone !== true ? undefined : segments;
  const version = versionBelow(org, product, segments);
  if (version !== undefined) return decideCall(version, request, { org, ask, asked, again });
  const rows = org.operations.filter((operation) => operation.product === product.id);
  const { row, parameters } = (asked && paths.matchRow(rows, request.method, asked)) ?? {};
  if (row === undefined || parameters === undefined) return deny("unknown_operation");
  const ownRule = org.rules.find((rule) => rule.product === product.id && rule.operation === row.id);
  const rule = ownRule?.alternatives ?? row.alternatives ?? (row.method === "GET" ? product.readDefault : undefined);
  if (rule === undefined) return deny("unmapped_operation");

  const further = (row.also ?? []).map(({ name, type }) => ({ type, path: own(request.targets ?? {}, name) }));
  const given = further.flatMap(({ path, type }) => (typeof path === "string" ? [{ path, type }] : []));
  const targets = [{ path: paths.fillTarget(row.target, parameters), type: undefined }, ...given];
  if (targets.some(({ path }) => isMisplaced(org, parsePath(path) ?? []))) return deny("wrong_parent");
  const places = targets.flatMap(({ path, type }) => targetAt(org, { path, type, product }) ?? []);
  if (places.length < targets.length) return deny("unknown_type");
  if (places.some(({ parts }) => lacksSandbox(org, parts))) return deny("unknown_resource");
  const tenant = parameters.get(row.organizationParameter ?? "");
  if (tenant !== undefined && org.tenantIds?.includes(tenant) !== true) return deny("wrong_organization");

  const who = whoIs(org, request.principal, ask);
  if (who === undefined) return deny("unknown_principal");
  const sets = rule.flatMap((alternative) => org.sets.filter(({ id }) => "permission" in alternative && id === alternative.permission));
  const names = [`${row.method} ${row.path}`, ...sets.flatMap(({ pairs }) => pairs.flatMap(({ actions }) => actions))];
  const asking = { who, request, properties: "operation" } as const;
  const questions = places.flatMap((place) => names.map((name) => ({ ...asking, place, action: { name } })));
  const denied = questions.map((question) => firstRule(question, "deny")).find((found) => found !== undefined);
  if (denied !== undefined) return deny("denied_by_policy", denied);
  // A further target about which nothing is said is covered by nothing narrower than the organization.
  const unsaid: Where[] = further.some(({ path }) => path === undefined) ? [{ product, parts: [], shape: "unsaid" }] : [];
  const wheres = [...places.map((place) => ({ ...place, product })), ...unsaid];
  const standings = rule.map((alternative) => standing(alternative, questions[0]!, wheres));
  const alternative = standings.indexOf("holds");
  if (alternative >= 0) return { ...allow({ source: "rule", operation: row.id, alternative }), ...(row.filter && { filter: row.filter }) };
  return refuse(standings.includes("unavailable") ? "attribute_unavailable" : "no_access", who, again);
}

/** The resource that an operation's target names, of the type that the row says; `/` is the organization to the operation's product. */
function targetAt(org: Org, { path, type, product }: { path: string; type: string | undefined; product: core.Product }): Place | undefined {
  const parts = parsePath(path);
  const place = parts?.length === 0 ? paths.organizationIn(product) : parts && parts.length % 2 === 0 ? typeAt(org, parts) : undefined;
  return type === undefined || type === place?.type ? place : undefined;
}

/** How an alternative stands: `unavailable` when all holds but a condition that names an attribute that was not given. */
function standing(alternative: core.Alternative, question: Question, wheres: readonly Where[]): "holds" | "unavailable" | "fails" {
  const { who } = question;
  const product = alternative.product === undefined ? wheres[0]?.product : who.org.products.find(({ id }) => id === alternative.product);
  if (product === undefined) return "fails";
  const roles = who.roles.filter((role) => role.product === product.id);
  // Of another product's permission the scope must be the organization.
  const at = (where: Where): Where => ({ product, parts: product === where.product ? where.parts : [] });
  const isHeld = (id: string, where: Where): boolean => holdings(who, at(where)).some(({ set, role }) => set.id === id && !role.builtIn);
  let opens = roles.length > 0;
  if ("roles" in alternative) opens = roles.some(({ id, builtIn }) => builtIn === true && alternative.roles.includes(id));
  if ("permission" in alternative) opens = wheres.every((where) => isHeld(alternative.permission, where));
  if (!opens || !wheres.every((where) => hasPrerequisite(who, { ...where, product }))) return "fails";
  const { when = true } = alternative;
  const seen = environment(question);
  const isAbsent = ({ name }: { name: string }): boolean => name.startsWith("attributes.") && lookUp(name, seen.members) === undefined;
  if (variables(when).some(isAbsent)) return "unavailable";
  return truth(when, seen) === true ? "holds" : "fails";
}

type Version = core.Resource & { readonly base: readonly string[]; readonly place: Place };
/** The registered version of the product whose base path is the longest with which the path begins. */
function versionBelow(org: Org, product: core.Product, segments: readonly string[]): Version | undefined {
  const versions = org.resources.flatMap((resource) => {
    const place = org.registered.get(resource.path);
    const base = resource.basePath?.slice(1).split("/");
    return base && place?.product === product && isWithin(segments, base) ? [{ ...resource, base, place }] : [];
  });
  return versions.toSorted((a, b) => b.base.length - a.base.length)[0];
}

type Call = { org: Org; ask: Ask; asked: readonly string[] | undefined; again: (ask: Ask) => Verdict };
/** An operation of a version: `call` on the version, and then what the version's document asks besides. */
function decideCall({ base, place, document }: Version, request: core.OperationRequest, { org, ask, asked, again }: Call): Verdict {
  const who = whoIs(org, request.principal, ask);
  if (who === undefined) return deny("unknown_principal");
  const call: Question = { who, place, action: { name: "call" }, request, properties: "operation" };
  const denied = firstRule(call, "deny");
  if (denied !== undefined) return deny("denied_by_policy", denied);
  const evidence = source(call);
  if (evidence === undefined) return refuse("no_access", who, again);
  if (document === undefined) return allow(evidence);
  const row = asked && paths.matchRow(document, request.method, asked.slice(base.length))?.row;
  if (row === undefined) return deny("unknown_operation");
  const name = `${row.method} ${row.path}`;
  const forbidden = firstRule({ ...call, action: { name } }, "deny");
  if (forbidden !== undefined) return deny("denied_by_policy", forbidden);
  if (row.alternatives === undefined) return allow(evidence);
  const standings = row.alternatives.map((alternative) => standing(alternative, call, [place]));
  const alternative = standings.indexOf("holds");
  if (alternative >= 0) return allow({ source: "rule", operation: name, alternative });
  return refuse(standings.includes("unavailable") ? "attribute_unavailable" : "no_access", who, again);
}
