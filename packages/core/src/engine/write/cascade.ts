/**
 * Cascades: deleting removes everything that names what is deleted, in the same write (model §2, *id*).
 *
 * Lists lose the name; a list that says where something counts becomes empty, which is nowhere, and never disappears, which would
 * be everywhere. Effects come in an order in which each can be undone.
 * Invariant: after the effects no record names what was deleted.
 */
import {
  type Alternative,
  type Binned,
  type Change,
  type Key,
  type Kind,
  keyOf,
  type Nouns,
  objectName,
  parentPath,
  REACHES,
  type Rec,
  type Resource,
} from "../../model/index.ts";
import { idOf, reachOf } from "../state/access.ts";
import { isOfOffices } from "../state/offices.ts";
import { recordsOf } from "../state/records.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import { forget, lyingIn } from "./bin.ts";

/** The changes that deleting a record makes, itself last. */
export function cascade(state: State, kind: Kind, key: Key): Change[] {
  const [id = "", second = ""] = key;
  const changes: Change[] = [];
  switch (kind) {
    case "principal":
      ofPrincipal(state, id, changes);
      break;
    case "role":
      ofRole(state, id, changes);
      break;
    case "permission-set":
      rewriteRoles(state, changes, (role) => ({ ...role, sets: role.sets.filter((held) => held.set !== id) }));
      rewriteAlternatives(state, changes, (one) => ("permission" in one && one.permission === id ? undefined : one));
      break;
    case "label":
      ofLabel(state, id, changes);
      break;
    case "resource":
      ofResources(state, [state.tree.find(id)], changes);
      return changes;
    case "binned":
      for (const within of lyingIn(state, (one) => one.within === id)) changes.push(remove("binned", [within]));
      break;
    case "operation":
      if (state.get("operation-rule", [id, second]) !== undefined) changes.push(remove("operation-rule", [id, second]));
      break;
    case "product":
      ofProduct(state, id, changes);
      break;
    default:
      break;
  }
  changes.push(remove(kind, key));
  return changes;
}

function remove(kind: Kind, key: Key): Change {
  return { delete: { kind, key } };
}

function ofPrincipal(state: State, id: string, changes: Change[]): void {
  const { people, tree } = state;
  const principal = people.names.find(id);
  for (const entry of people.groupsOf.entries(principal)) changes.push(remove("membership", [people.names.text(entry >>> 1), id]));
  for (const member of people.membersOf.entries(principal)) changes.push(remove("membership", [id, people.names.text(member)]));
  for (const entry of people.rolesOf.entries(principal)) changes.push(remove("assignment", [state.roles.id(entry >>> 1), id]));
  for (const entry of state.access.reverse.entries(principal)) {
    const path = tree.path(idOf(entry));
    if (!isOfOffices(path)) changes.push(remove("grant", [id, path, REACHES[reachOf(entry)] as string]));
  }
  forget(state, changes, { principal: id });
  removePassive(state, changes, (rec) => {
    if (rec.kind === "developer-project") return rec.value.serviceAccount === id;
    return "principal" in rec.value && rec.value.principal === id;
  });
}

function ofRole(state: State, id: string, changes: Change[]): void {
  for (const principal of state.people.assigneesOf.entries(state.roles.find(id))) {
    changes.push(remove("assignment", [id, state.people.names.text(principal)]));
  }
  rewriteAlternatives(state, changes, (one) => {
    if (!("roles" in one) || !one.roles.includes(id)) return one;
    const roles = one.roles.filter((role) => role !== id);
    return roles.length === 0 ? undefined : { ...one, roles };
  });
  removePassive(state, changes, (rec) => rec.kind === "developer-access" && rec.value.role === id);
  rewriteProjects(state, changes, (role) => role === id);
}

/** Developer projects lose roles. */
function rewriteProjects(state: State, changes: Change[], isGone: (role: string) => boolean): void {
  for (const rec of state.passive()) {
    if (rec.kind !== "developer-project" || !rec.value.roles.some(isGone)) continue;
    changes.push({ put: { kind: rec.kind, value: { ...rec.value, roles: rec.value.roles.filter((role) => !isGone(role)) } } });
  }
}

function removePassive(state: State, changes: Change[], names: (rec: Rec) => boolean): void {
  for (const rec of state.passive()) if (names(rec)) changes.push(remove(rec.kind, keyOf(rec)));
}

function ofLabel(state: State, id: string, changes: Change[]): void {
  rewriteRoles(state, changes, (role) => {
    if (role.labels?.includes(id) !== true) return role;
    return { ...role, labels: role.labels.filter((label) => label !== id) };
  });
  for (const resource of state.resources.values()) {
    if (resource.labels?.includes(id) !== true) continue;
    changes.push({ put: { kind: "resource", value: withoutLabel(resource, id) } });
  }
  forget(state, changes, { resource: (one) => (one.labels?.includes(id) === true ? withoutLabel(one, id) : one) });
}

const withoutLabel = (resource: Resource, id: string): Resource => ({
  ...resource,
  labels: (resource.labels ?? []).filter((label) => label !== id),
});

/**
 * Resources go with everything below them, and with every grant, link and scope that names any of these. All at once: a record that
 * names two of them is rewritten once.
 */
function ofResources(state: State, nodes: readonly number[], changes: Change[]): void {
  const { tree } = state;
  const gone = nodes.flatMap((node) => [...tree.below(node)]);
  const paths = new Set(gone.map((node) => tree.path(node)));
  const isGone = (item: string): boolean => paths.has(item);
  const sandboxes = new Set(gone.filter((node) => tree.sandbox(node) === node && tree.parent(node) === ROOT).map((node) => tree.id(node)));
  rewriteRoles(state, changes, (role) => {
    const sets = role.sets.map((held) =>
      held.scope?.some(isGone) === true ? { ...held, scope: held.scope.filter((item) => !isGone(item)) } : held,
    );
    if (role.sandboxes?.some((name) => sandboxes.has(name)) !== true) return { ...role, sets };
    return { ...role, sets, sandboxes: role.sandboxes.filter((name) => !sandboxes.has(name)) };
  });
  for (const policy of state.policies.all()) {
    if (policy.sandboxes === "all" || !policy.sandboxes.some((name) => sandboxes.has(name))) continue;
    const rest = policy.sandboxes.filter((name) => !sandboxes.has(name));
    changes.push({ put: { kind: "policy", value: { ...policy, sandboxes: rest } } });
  }
  const links = new Map<string, Key>();
  for (const node of gone) {
    for (const { link } of state.links.of(node)) links.set(JSON.stringify(link), [link.from, link.linkKind, link.to]);
    for (const holder of state.links.to(node)) {
      for (const { link, to } of state.links.of(holder))
        if (to === node) links.set(JSON.stringify(link), [link.from, link.linkKind, link.to]);
    }
  }
  for (const key of links.values()) changes.push(remove("link", key));
  forget(state, changes, { isGone });
  // What was deleted from below it before belongs to what goes.
  const isBelow = ({ path, within }: Binned): boolean => within === undefined && ancestors(path).some(isGone);
  const removed = new Set(changes.flatMap((one) => ("delete" in one && one.delete.kind === "binned" ? [one.delete.key[0]] : [])));
  for (const id of lyingIn(state, isBelow)) if (!removed.has(id)) changes.push(remove("binned", [id]));
  for (const node of gone)
    for (const grant of state.grantsOn(node)) changes.push(remove("grant", [grant.principal, grant.resource, grant.reach]));
  // Leaves first, so that undoing finds each parent there.
  for (const node of gone.reverse()) if (tree.hasRecord(node)) changes.push(remove("resource", [tree.path(node)]));
}

function ancestors(path: string): readonly string[] {
  const above = parentPath(path);
  return above === undefined ? [] : [above, ...ancestors(above)];
}

/** A product goes with its parts, its settings, and the resources of its types. */
function ofProduct(state: State, id: string, changes: Change[]): void {
  const roots = [...state.catalogue.roots()].filter((type) => type.product.id === id);
  for (const rec of recordsOf(state)) {
    if (
      rec.kind === "operation-rule" ||
      rec.kind === "setting" ||
      rec.kind === "product-administrator" ||
      rec.kind === "developer-project"
    ) {
      if (rec.value.product === id) changes.push(remove(rec.kind, keyOf(rec)));
    }
  }
  for (const operation of state.operations.find(id)?.records() ?? []) changes.push(remove("operation", [id, operation.id]));
  const others = (one: Alternative): Alternative | undefined => (one.product === id ? undefined : one);
  rewriteAlternatives(state, changes, others);
  rewriteProjects(state, changes, (role) => state.roles.at(state.roles.find(role))?.record.product === id);
  for (const policy of state.policies.all()) if (policy.product === id) changes.push(remove("policy", [policy.id]));
  const isOfRoot = (path: string): boolean => roots.some(({ name }) => path.startsWith(`/${name}/`));
  removePassive(state, changes, (rec) => rec.kind === "binned" && isOfRoot(rec.value.path));
  for (const role of state.roles.all()) {
    if (role.record.product !== id) continue;
    for (const principal of state.people.assigneesOf.entries(role.index)) {
      changes.push(remove("assignment", [role.record.id, state.people.names.text(principal)]));
    }
    removePassive(state, changes, (rec) => rec.kind === "developer-access" && rec.value.role === role.record.id);
    changes.push(remove("role", [role.record.id]));
  }
  for (const set of state.catalogue.sets.values()) if (set.product === id) changes.push(remove("permission-set", [set.id]));
  const nodes: number[] = [];
  for (let child = state.tree.firstChild(ROOT); child !== 0; child = state.tree.next(child)) {
    const type = state.tree.type(child);
    if (type !== undefined && roots.includes(type)) nodes.push(child);
  }
  ofResources(state, nodes, changes);
  dropPutsOfRemoved(changes);
}

/** A record that is rewritten on the way and removed in the end is only removed. */
function dropPutsOfRemoved(changes: Change[]): void {
  const removed = new Set<string>();
  for (const change of changes) if ("delete" in change) removed.add(objectName(change.delete));
  const kept = changes.filter(
    (change) => "delete" in change || !removed.has(objectName({ kind: change.put.kind, key: keyOf(change.put) })),
  );
  changes.splice(0, changes.length, ...kept);
}

function rewriteRoles(state: State, changes: Change[], rewrite: (role: Nouns["role"]) => Nouns["role"]): void {
  for (const { record } of state.roles.all()) {
    const rewritten = rewrite(record);
    if (JSON.stringify(rewritten) !== JSON.stringify(record)) changes.push({ put: { kind: "role", value: rewritten } });
  }
}

/** Rewrites the alternatives of every rule, own rule, read default and document; `undefined` takes one out. */
function rewriteAlternatives(state: State, changes: Change[], rewrite: (one: Alternative) => Alternative | undefined): void {
  const rewritten = (list: readonly Alternative[]): readonly Alternative[] | undefined => {
    const next = list.map(rewrite).filter((one) => one !== undefined);
    return next.length === list.length && next.every((one, index) => one === list[index]) ? undefined : next;
  };
  for (const product of state.catalogue.recordsOfProducts()) {
    const readDefault = rewritten(product.readDefault ?? []);
    if (readDefault !== undefined) changes.push({ put: { kind: "product", value: { ...product, readDefault } } });
    for (const operation of state.operations.find(product.id)?.records() ?? []) {
      const alternatives = rewritten(operation.alternatives ?? []);
      if (alternatives !== undefined) changes.push({ put: { kind: "operation", value: { ...operation, alternatives } } });
    }
    for (const rule of state.operations.find(product.id)?.rules() ?? []) {
      const alternatives = rewritten(rule.alternatives);
      if (alternatives !== undefined) changes.push({ put: { kind: "operation-rule", value: { ...rule, alternatives } } });
    }
  }
  const documented = (resource: Resource): Resource => {
    // An empty list stays: nobody is let through, where no list would let through whoever may call.
    const document = resource.document?.map((row) => ({ row, alternatives: rewritten(row.alternatives ?? []) }));
    if (document?.some(({ alternatives }) => alternatives !== undefined) !== true) return resource;
    return {
      ...resource,
      document: document.map(({ row, alternatives }) => (alternatives === undefined ? row : { ...row, alternatives })),
    };
  };
  for (const resource of state.resources.values()) {
    const left = documented(resource);
    if (left !== resource) changes.push({ put: { kind: "resource", value: left } });
  }
  forget(state, changes, { resource: documented });
}
