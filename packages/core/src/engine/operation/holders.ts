/**
 * Holders: the roles that are not built in and hold a permission set, so that an operation's rule finds them without any name.
 *
 * Each set has its holders for ever, even while nobody holds it: rules keep them.
 * Invariant: `bits` and `at` name exactly the roles whose records of today, with the sets of today, hold the set.
 */
import type { Role } from "../../model/index.ts";
import type { HeldSet } from "../state/catalogue.ts";
import type { Tree } from "../state/tree.ts";

/** `isAnywhere`: the set counts wherever it is asked for, as the role holds it. */
export type Holder = { readonly role: string; readonly held: HeldSet; readonly isAnywhere: boolean };
/** A role as it is wired. */
type Wired = { readonly index: number; readonly record: Role; readonly sets: ReadonlyMap<string, HeldSet> };

export class Holders {
  /** The set's, if anybody holds it: a role holds sets of its own product alone. */
  product: string | undefined;
  /** The roles' indexes, as bits. */
  bits: Int32Array = new Int32Array(1);
  /** Role index → how it holds the set. */
  readonly at = new Map<number, Holder>();
  /** Paths of scopes that somebody was told. A role keeps the nodes of its scopes as long as it is as it is. */
  readonly #paths = new Map<number, string>();

  add({ index, record }: Wired, held: HeldSet): void {
    const word = index >> 5;
    if (word >= this.bits.length) {
      const longer = new Int32Array(Math.max(this.bits.length * 2, word + 1));
      longer.set(this.bits);
      this.bits = longer;
    }
    this.bits[word] = (this.bits[word] as number) | (1 << (index & 31));
    const isAnywhere = held.set.organizationLevel === true || (held.scope === null && held.sandboxes === null);
    this.at.set(index, { role: record.id, held, isAnywhere });
    this.product = record.product;
  }

  remove(index: number): void {
    if (!this.at.delete(index)) return;
    this.bits[index >> 5] = (this.bits[index >> 5] as number) & ~(1 << (index & 31));
    this.#paths.clear();
    if (this.at.size === 0) this.product = undefined;
  }

  /** The path of a node in a scope. */
  path(tree: Tree, node: number): string {
    let path = this.#paths.get(node);
    if (path === undefined) {
      path = tree.path(node);
      this.#paths.set(node, path);
    }
    return path;
  }
}

/** The holders of every set. */
export class HoldersOfSets {
  readonly #sets = new Map<string, Holders>();

  of(set: string): Holders {
    let holders = this.#sets.get(set);
    if (holders === undefined) {
      holders = new Holders();
      this.#sets.set(set, holders);
    }
    return holders;
  }

  add(role: Wired): void {
    if (role.record.builtIn !== true) for (const [set, held] of role.sets) this.of(set).add(role, held);
  }
  remove(role: Wired): void {
    for (const set of role.sets.keys()) this.of(set).remove(role.index);
  }
}
