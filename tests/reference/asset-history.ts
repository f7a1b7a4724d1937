/**
 * What a space holds after writes that were acknowledged, one after the other in the order of their revisions: trees, owners, entries and
 * the bin as plain objects. It shares nothing with the server but the sheet's evaluator (`asset-tree.ts`), which says who may do what.
 *
 * Invariant: a write that could not have been done where it stands in the order is an error.
 */
import { type Bit, can, type Entry, type Node } from "./asset-tree.ts";

export type Done =
  | { readonly do: "make"; readonly path: string; readonly owner: string }
  | { readonly do: "give"; readonly path: string; readonly principal: string; readonly access: string; readonly all: boolean }
  | { readonly do: "take"; readonly path: string; readonly principal: string }
  | { readonly do: "transfer"; readonly path: string; readonly owner: string; readonly retain: boolean }
  | { readonly do: "move"; readonly path: string; readonly to: string }
  | { readonly do: "delete"; readonly path: string; readonly id: string }
  | { readonly do: "restore"; readonly id: string; readonly owner: string }
  | { readonly do: "leave" | "join"; readonly principal: string };
/** `by`: absent: who stands above. `revision`: of the answer; several of one revision: all but the first altered nothing. */
export type Acknowledged = { readonly by: string | undefined; readonly revision: number; readonly done: Done };

type Held = { owner: string | null; entries: Entry[] };
/** `within`: what it lay in, where that was deleted after it. */
type Lying = { path: string; nodes: Map<string, Held>; within?: string };
type State = { nodes: Map<string, Held>; bin: Map<string, Lying>; gone: Set<string> };

const BITS: Readonly<Record<string, readonly Bit[]>> = {
  read_only: ["R"],
  read_execute: ["R", "X"],
  read_write: ["R", "W"],
  full_access: ["R", "W", "X"],
};
const above = (path: string): string => path.split("/").slice(0, -2).join("/");
const isWithin = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`);
const KINDS = { spaces: "space", apis: "api", versions: "version" } as const;
const kindOf = (path: string): Node["kind"] => KINDS[path.split("/").at(-2) as keyof typeof KINDS];

export class AssetHistory {
  #state: State;
  readonly #space: string;

  constructor(space: string) {
    this.#space = space;
    this.#state = { nodes: new Map([[space, { owner: null, entries: [] }]]), bin: new Map(), gone: new Set() };
  }

  /** Throws where they cannot have happened in the order of their revisions. */
  add(acknowledged: readonly Acknowledged[]): void {
    for (const [revision, group] of [...Map.groupBy(acknowledged, (one) => one.revision)].sort(([a], [b]) => a - b)) {
      const faults: string[] = [];
      const found = group
        .map((first) => this.#after([first, ...group.filter((one) => one !== first)], faults))
        .find((one) => one !== undefined);
      if (found === undefined) throw new Error(`revision ${revision}: ${JSON.stringify(group)}: ${faults.join("; ")}`);
      this.#state = found;
    }
  }

  /** Path → owner and own entries, in order. */
  told(): Readonly<Record<string, readonly unknown[]>> {
    const nodes = [...this.#state.nodes].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(nodes.map(([path, { owner, entries }]) => [path, [owner, ...entries.map(shown).sort()]]));
  }

  #after(group: readonly Acknowledged[], faults: string[]): State | undefined {
    let state = this.#state;
    for (const [index, one] of group.entries()) {
      const before = JSON.stringify(plain(state));
      state = structuredClone(state);
      try {
        this.#apply(state, one);
      } catch (error) {
        faults.push((error as Error).message);
        return undefined;
      }
      if (index > 0 && JSON.stringify(plain(state)) !== before) {
        faults.push(`${one.done.do} altered something beside another write of its revision`);
        return undefined;
      }
    }
    return state;
  }

  #apply(state: State, { by, done }: Acknowledged): void {
    const may = (action: string, path: string): void => {
      const actor = by === undefined ? undefined : { id: by, groups: new Set(["members"]) };
      if (actor !== undefined && !can(actor, action, { node: this.#node(state, path), setting: true }))
        throw new Error(`${by} lacks ${action} on ${path}`);
    };
    switch (done.do) {
      case "make":
        needs(!state.nodes.has(done.path) && state.nodes.has(above(done.path)), `${done.path} cannot be made`);
        state.nodes.set(done.path, { owner: done.owner, entries: [] });
        if (kindOf(done.path) === "api") state.nodes.set(`${done.path}/versions/1.0`, { owner: done.owner, entries: [] });
        return;
      case "give":
        give(state, done, may);
        return;
      case "take": {
        const held = at(state, done.path);
        may("edit_permissions", done.path);
        const rest = held.entries.filter(({ principal }) => principal !== done.principal);
        needs(rest.length === held.entries.length - 1, `${done.principal} has no one entry on ${done.path}`);
        held.entries = rest;
        return;
      }
      case "transfer":
        may("transfer_ownership", done.path);
        transfer(state, done);
        return;
      case "move":
        may("transfer_ownership", done.path);
        move(state, done);
        return;
      case "delete": {
        at(state, done.path);
        may("delete", done.path);
        const nodes = new Map([...state.nodes].filter(([path]) => isWithin(path, done.path)));
        for (const path of nodes.keys()) state.nodes.delete(path);
        for (const one of state.bin.values())
          if (one.path !== done.path && isWithin(one.path, done.path) && one.within === undefined) one.within = done.id;
        state.bin.set(done.id, { path: done.path, nodes });
        return;
      }
      case "restore":
        restore(state, done);
        return;
      case "leave":
        leave(state, done.principal);
        return;
      case "join":
        state.gone.delete(done.principal);
        return;
    }
  }

  #node(state: State, path: string): Node {
    const { owner, entries } = at(state, path);
    return { path, kind: kindOf(path), parent: path === this.#space ? null : this.#node(state, above(path)), owner, entries };
  }
}

function needs(isSo: boolean, fault: string): void {
  if (!isSo) throw new Error(fault);
}

function at({ nodes }: State, path: string): Held {
  const held = nodes.get(path);
  if (held === undefined) throw new Error(`${path} is not there`);
  return held;
}

function give(
  state: State,
  { path, principal, access, all }: Extract<Done, { do: "give" }>,
  may: (action: string, path: string) => void,
): void {
  at(state, path);
  const isForAll = all && kindOf(path) === "version";
  const holder = isForAll ? above(path) : path;
  const held = at(state, holder);
  // Of reach for all versions who gives it must be able to edit these, which the API's permissions say.
  may("edit_permissions", isForAll ? holder : path);
  needs(held.owner !== principal && !state.gone.has(principal), `${principal} cannot be given ${holder}`);
  const scope = isForAll ? "CHILDREN" : all ? "SUBTREE" : "SELF";
  const isSlot = (one: Entry): boolean => one.principal === principal && (one.scope === "CHILDREN") === isForAll;
  held.entries = [...held.entries.filter((one) => !isSlot(one)), { principal, perms: BITS[access] as readonly Bit[], scope }];
}

function transfer(state: State, { path, owner, retain }: Extract<Done, { do: "transfer" }>): void {
  const held = at(state, path);
  needs(!state.gone.has(owner), `${owner} is not there`);
  if (held.owner === owner) return;
  const before = held.owner;
  held.entries = held.entries.filter(({ principal }) => principal !== owner && principal !== before);
  if (retain && before !== null) held.entries.push({ principal: before, perms: ["R", "W", "X"], scope: "SELF" });
  held.owner = owner;
}

function move(state: State, { path, to }: Extract<Done, { do: "move" }>): void {
  at(state, path);
  at(state, above(to));
  needs(!state.nodes.has(to), `${to} is there`);
  const named = (one: string): string => (isWithin(one, path) ? to + one.slice(path.length) : one);
  state.nodes = new Map([...state.nodes].map(([one, held]) => [named(one), held]));
  for (const [id, binned] of state.bin)
    if (binned.path !== path && isWithin(binned.path, path) && binned.within === undefined)
      state.bin.set(id, { path: named(binned.path), nodes: new Map([...binned.nodes].map(([one, held]) => [named(one), held])) });
}

function restore(state: State, { id, owner }: Extract<Done, { do: "restore" }>): void {
  const binned = state.bin.get(id);
  if (binned === undefined) throw new Error(`${id} is not in the bin`);
  at(state, above(binned.path));
  needs(!state.nodes.has(binned.path), `${binned.path} is there again`);
  needs(binned.within === undefined, `${binned.path} lay in what lies in the bin`);
  for (const one of state.bin.values()) if (one.within === id) delete one.within;
  for (const [path, held] of binned.nodes) {
    const whose = held.owner ?? owner;
    state.nodes.set(path, { owner: whose, entries: held.entries.filter(({ principal }) => principal !== whose) });
  }
  state.bin.delete(id);
}

function leave(state: State, principal: string): void {
  needs(![...state.nodes.values()].some(({ owner }) => owner === principal), `${principal} owns something`);
  for (const held of [...state.nodes.values(), ...[...state.bin.values()].flatMap(({ nodes }) => [...nodes.values()])]) {
    held.entries = held.entries.filter((one) => one.principal !== principal);
    if (held.owner === principal) held.owner = null;
  }
  state.gone.add(principal);
}

const shown = ({ principal, perms, scope }: Entry): string => `${principal} ${perms.join("")} ${scope.toLowerCase()}`;
const plain = ({ nodes, bin, gone }: State): unknown => [
  [...nodes].map(([path, { owner, entries }]) => [path, owner, ...entries.map(shown).sort()]).sort(),
  [...bin]
    .map(([id, { path, within = "", nodes: inside }]) => [
      id,
      path,
      within,
      [...inside].map(([one, { owner, entries }]) => [one, owner, ...entries.map(shown).sort()]),
    ])
    .sort(),
  [...gone].sort(),
];
