/**
 * Places: the resources that are registered on either side in what is touched, by numbers that are the same on both sides.
 *
 * Nodes become others when a state goes back and forth between plans; numbers stay. A *land* is one side's nodes for them, good until
 * the tree moves, with the *kind* of each: places are of one kind if they have one type and depth and nothing tells them apart, which is
 * that no scope, no policy's id and no grant to a group names them or what lies between them and the nearest place above that is
 * named. Owners, and grants to who is no group, are left out of account: who has them is asked about their places apart.
 * Invariant: on places of one kind check answers alike to whoever has nothing of his own there, unless a condition reads its id.
 */
import { escapeId, parsePattern } from "../../model/index.ts";
import { isPlaced, placeOf } from "../decide/place.ts";
import { idOf } from "../state/access.ts";
import { effectiveLabels } from "../state/labels.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import { STEPS_A_TURN, type Turns } from "./turns.ts";

export class Places {
  readonly paths: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #below = new Map<string, Set<number>>();

  /** Numbers what is registered in a state at and below some places. The state is asked before the first stop only. */
  *add({ tree }: State, tops: Iterable<string>): Turns<void> {
    const listed: (readonly [string, readonly string[]])[] = [];
    for (const top of tops) {
      const node = tree.find(top);
      const nodes = node === 0 ? [] : tree.below(node).filter((one) => tree.registered(one));
      listed.push([top, nodes.map((one) => tree.path(one))]);
    }
    for (const [top, paths] of listed) {
      const found = this.#below.get(top) ?? new Set();
      this.#below.set(top, found);
      for (const [i, path] of paths.entries()) {
        found.add(this.#number(path));
        if (i % STEPS_A_TURN === 0) yield;
      }
    }
  }
  /** The number of a place that has one. */
  at(path: string): number | undefined {
    return this.#numbers.get(path);
  }
  below(top: string): Iterable<number> {
    return this.#below.get(top) ?? [];
  }

  #number(path: string): number {
    let number = this.#numbers.get(path);
    if (number === undefined) {
      number = this.paths.push(path) - 1;
      this.#numbers.set(path, number);
    }
    return number;
  }
}

/** What conditions read of resources: places that differ in it are of two kinds. */
export type Features = { readonly state: boolean; readonly owner: boolean; readonly properties: boolean; readonly labels: boolean };

export function featuresIn(conditions: string): Features {
  return {
    state: conditions.includes('"resource.state"'),
    owner: conditions.includes('"resource.owner"'),
    properties: conditions.includes('"resource.properties'),
    // Label operators read them, whatever they are given.
    labels: conditions.includes('"resource.labels"') || conditions.includes('"adobe.'),
  };
}

export class Land {
  /** By number: the node, or 0 where nothing is registered on this side. */
  readonly nodes: Int32Array;
  readonly kinds: Int32Array;
  readonly #state: State;
  readonly #read: Features;
  readonly #moves: number;
  readonly #paths: readonly string[];
  readonly #numbers: Int32Array;
  readonly #kindsOfNodes: Int32Array;
  readonly #kindsBelow = new Map<string, number>();
  readonly #named: ReadonlySet<number>;
  readonly #literals: ReadonlySet<string>;
  #lastKind = 0;

  constructor(state: State, { paths }: Places, read: Features) {
    this.#state = state;
    this.#read = read;
    this.#moves = state.tree.moves;
    this.#paths = paths;
    this.nodes = new Int32Array(paths.length);
    this.kinds = new Int32Array(paths.length);
    this.#numbers = new Int32Array(state.tree.names.last + 1);
    this.#kindsOfNodes = new Int32Array(state.tree.names.last + 1);
    this.#named = new Set([...state.roles.all()].flatMap(({ uses }) => uses));
    this.#literals = literalsOf(state);
  }

  get isGood(): boolean {
    return this.#moves === this.#state.tree.moves;
  }
  /** The number of a node, or -1. */
  numberOf(node: number): number {
    return (this.#numbers[node] ?? 0) - 1;
  }

  /** Looks every place up. Comes to nothing where the tree moves meanwhile, which `isGood` tells. `resume`: brings the state back after a stop. */
  *fill(resume: () => void): Turns<void> {
    const { tree } = this.#state;
    for (let number = 0; number < this.#paths.length; number++) {
      if (number % STEPS_A_TURN === 0) {
        yield;
        resume();
        if (!this.isGood) return;
      }
      const node = tree.find(this.#paths[number] as string);
      if (node === 0 || !tree.registered(node) || !(node === ROOT || isPlaced(this.#state, node))) continue;
      this.nodes[number] = node;
      this.kinds[number] = this.#kindWithFeatures(node);
      this.#numbers[node] = number + 1;
    }
  }

  /** What stands beside the kind of the place itself is no matter of what lies below. */
  #kindWithFeatures(node: number): number {
    const kind = this.#kindOf(node);
    if (node === ROOT || !Object.values(this.#read).includes(true)) return kind;
    const { resources, tree } = this.#state;
    const { state, properties } = resources.get(node) ?? {};
    const read = this.#read;
    return this.#kindNamed(
      JSON.stringify([
        kind,
        read.state ? (state ?? null) : null,
        read.owner ? tree.owner(node) : null,
        read.properties ? (properties ?? null) : null,
        read.labels ? effectiveLabels(this.#state, placeOf(this.#state, node)) : null,
      ]),
    );
  }
  #kindOf(node: number): number {
    const known = this.#kindsOfNodes[node] as number;
    if (known !== 0) return known;
    const { tree } = this.#state;
    const kind = this.#isNamed(node) ? ++this.#lastKind : this.#kindNamed(`${this.#kindOf(tree.parent(node))}/${tree.typeName(node)}`);
    this.#kindsOfNodes[node] = kind;
    return kind;
  }
  #kindNamed(name: string): number {
    let kind = this.#kindsBelow.get(name);
    if (kind === undefined) {
      kind = ++this.#lastKind;
      this.#kindsBelow.set(name, kind);
    }
    return kind;
  }

  /** Whether something may tell a place from its siblings. A sandbox is a place of its own. */
  #isNamed(node: number): boolean {
    const { tree, people, access } = this.#state;
    if (node === ROOT || tree.sandbox(node) === node || this.#named.has(node)) return true;
    if (this.#literals.size > 0) {
      const path = tree.path(node);
      if (this.#literals.has(path.slice(path.lastIndexOf("/") + 1))) return true;
    }
    const owner = tree.owner(node);
    if (owner !== 0 && people.type(owner) === "group") return true;
    if (access.below.count(node) === 0 && access.own.count(node) === 0) return false;
    return access.on(node).some((entry) => people.type(idOf(entry)) === "group");
  }
}

/** Everything that patterns of policies spell out, as it stands in paths. */
function literalsOf({ policies }: State): ReadonlySet<string> {
  const literals = new Set<string>();
  for (const { status, rules } of policies.all()) {
    if (status !== "active") continue;
    for (const { resource } of rules) {
      for (const [i, part] of (parsePattern(resource) ?? []).entries()) if (part !== null && i % 2 === 1) literals.add(escapeId(part));
    }
  }
  return literals;
}
