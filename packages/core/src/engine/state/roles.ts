/**
 * Roles, wired to the actions that their permission sets give.
 *
 * Each role has a small index for ever; its record may come and go. Wiring writes the role into every action info that one of
 * its sets names, with the scope of that set as nodes of the tree.
 * Invariant: an action info names exactly the roles whose records, with the sets of today, hold it.
 */
import { compareUtf8, escapeId, type Role, SANDBOXES } from "../../model/index.ts";
import { HoldersOfSets } from "../operation/holders.ts";
import type { ActionInfo, Catalogue, HeldSet } from "./catalogue.ts";
import { RolesBy } from "./roles-by.ts";
import type { Tree } from "./tree.ts";

export type RoleInfo = {
  readonly index: number;
  readonly record: Role;
  /** Nodes of the sandboxes that it holds. */
  readonly sandboxes: ReadonlySet<number>;
  /** Set id → as held, for operations' rules. */
  readonly sets: ReadonlyMap<string, HeldSet>;
  readonly wired: readonly ActionInfo[];
  /** Nodes to release with the role. */
  readonly uses: readonly number[];
};

export class Roles {
  readonly #indexes = new Map<string, number>();
  readonly #ids: string[] = [""];
  /** Indexes in the order of their ids, and back: where each stands. */
  readonly #ordered: number[] = [];
  #ranks = new Int32Array(1);
  readonly #infos: (RoleInfo | undefined)[] = [undefined];
  readonly #catalogue: Catalogue;
  readonly #tree: Tree;

  constructor(catalogue: Catalogue, tree: Tree) {
    this.#catalogue = catalogue;
    this.#tree = tree;
  }

  index(id: string): number {
    const known = this.#indexes.get(id);
    if (known !== undefined) return known;
    const index = this.#ids.push(id) - 1;
    this.#infos.push(undefined);
    this.#indexes.set(id, index);
    let [low, high] = [0, this.#ordered.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareUtf8(this.id(this.#ordered[middle] as number), id) < 0) low = middle + 1;
      else high = middle;
    }
    this.#ordered.splice(low, 0, index);
    return index;
  }
  find(id: string): number {
    return this.#indexes.get(id) ?? 0;
  }
  id(index: number): string {
    return this.#ids[index] as string;
  }
  /** Where a role stands among all in the order of ids: indexes tell in which order the records came, and no answer may. */
  rank(index: number): number {
    return this.ranks[index] as number;
  }
  /** The same for all, by index; good until a role comes. */
  get ranks(): Int32Array {
    if (this.#ranks.length !== this.#ids.length) {
      this.#ranks = new Int32Array(this.#ids.length);
      for (let rank = 0; rank < this.#ordered.length; rank++) this.#ranks[this.#ordered[rank] as number] = rank;
    }
    return this.#ranks;
  }
  at(index: number): RoleInfo | undefined {
    return this.#infos[index];
  }
  *all(): Iterable<RoleInfo> {
    for (const info of this.#infos) if (info !== undefined) yield info;
  }

  /** The roles that hold a sandbox, by its node. */
  readonly inSandbox = new RolesBy<number>();
  /** The roles that hold a label. */
  readonly withLabel = new RolesBy<string>();
  /** The roles that are not built in and hold a permission set. */
  readonly holders = new HoldersOfSets();

  put(id: string, record: Role | undefined): void {
    const index = this.index(id);
    const old = this.#infos[index];
    if (old !== undefined) {
      for (const action of old.wired) action.drop(index);
      this.withLabel.remove(index, old.record.labels ?? []);
      this.inSandbox.remove(index, old.sandboxes);
      this.holders.remove(old);
    }
    const info = record === undefined ? undefined : this.#wire(index, record);
    this.#infos[index] = info;
    if (info !== undefined) this.holders.add(info);
    this.withLabel.add(index, record?.labels ?? []);
    if (old !== undefined) for (const node of old.uses) this.#tree.release(node);
  }

  /** Wires a role again, or every one, after sets or the catalogue have changed. */
  rewire(holding?: string): void {
    for (const info of [...this.all()]) {
      if (holding === undefined || info.record.sets.some((held) => held.set === holding)) this.put(info.record.id, info.record);
    }
  }

  #wire(index: number, record: Role): RoleInfo {
    const uses: number[] = [];
    const use = (path: string): number => {
      const node = this.#tree.use(path);
      uses.push(node);
      return node;
    };
    const sandboxes = new Set((record.sandboxes ?? []).map((name) => use(`/${SANDBOXES}/${escapeId(name)}`)));
    this.inSandbox.add(index, sandboxes);
    const sets = new Map<string, HeldSet>();
    const wired: ActionInfo[] = [];
    const product = this.#catalogue.products.get(record.product);
    const scoped = product?.record.boundedBy === "scopes";
    for (const entry of [...record.sets].sort((a, b) => compareUtf8(a.set, b.set))) {
      const set = this.#catalogue.sets.get(entry.set);
      if (set === undefined || set.product !== record.product) continue;
      const whole = !scoped || entry.scope === undefined || entry.scope.includes("/");
      const scope = whole ? null : new Set((entry.scope as readonly string[]).map(use));
      const bounds = product?.record.boundedBy === "sandboxes" ? sandboxes : null;
      const held: HeldSet = { role: index, set, scope, sandboxes: bounds, texts: undefined };
      sets.set(set.id, held);
      for (const pair of set.pairs) {
        const type = product?.types.get(pair.type);
        for (const name of pair.actions) {
          const action = type?.actions.get(name);
          if (action === undefined || action.holders.get(index)?.some((other) => other.set === set) === true) continue;
          action.hold(held);
          wired.push(action);
        }
      }
    }
    return { index, record, sandboxes, sets, wired, uses };
  }
}
