/**
 * Grants: who was given which access to which resource, found from either end.
 *
 * A grant is one packed integer in the list of its resource and one in that of its principal: the other's id, whether it has a
 * window, its reach, its access type. Windows lie beside, for the few that have one.
 * Invariant: the two lists say the same; at most one grant of reach `self` or `subtree` and one of reach `children` for a pair.
 */
import type { AccessType, Grant, Reach, Validity } from "../model/index.ts";
import { ACCESS_TYPES } from "./catalogue.ts";
import { type Heads, PackedLists } from "./lists.ts";
import { isTimed } from "./people.ts";

/** Packed: id << 5 | timed << 4 | reach << 2 | access. Ids have 27 bits: 134 million names are far beyond the memory of one process. */
export const ID_SHIFT = 5;
export const TIMED = 16;
export const REACHES: readonly Reach[] = ["self", "subtree", "children"];
export const SELF = 0;
export const CHILDREN = 2;

export function reachOf(entry: number): number {
  return (entry >> 2) & 3;
}
export function slotOf(entry: number): 0 | 1 {
  return reachOf(entry) === CHILDREN ? 1 : 0;
}

export type Granted = { readonly access: AccessType; readonly reach: Reach; readonly window: Validity | undefined };

export class Access {
  /** Node → principal entries. */
  readonly forward: PackedLists;
  /** Principal → node entries. */
  readonly reverse = new PackedLists();
  readonly #windows = new Map<number, Map<number, Validity>>();

  constructor(heads: Heads) {
    this.forward = new PackedLists(heads);
  }

  /** The grant in a slot of (node, principal). */
  get(node: number, principal: number, slot: 0 | 1): Granted | undefined {
    const entry = this.#entry(node, principal, slot);
    if (entry === -1) return undefined;
    return {
      access: ACCESS_TYPES[entry & 3] as AccessType,
      reach: REACHES[reachOf(entry)] as Reach,
      window: (entry & TIMED) === 0 ? undefined : this.window(node, principal, slot),
    };
  }

  window(node: number, principal: number, slot: 0 | 1): Validity | undefined {
    return this.#windows.get(node)?.get(principal * 2 + slot);
  }

  put(node: number, principal: number, grant: Grant): void {
    const reach = REACHES.indexOf(grant.reach);
    this.remove(node, principal, reach === CHILDREN ? 1 : 0);
    const low = (isTimed(grant) ? TIMED : 0) | (reach << 2) | ACCESS_TYPES.indexOf(grant.access);
    this.forward.insert(node, (principal << ID_SHIFT) | low);
    this.reverse.insert(principal, (node << ID_SHIFT) | low);
    if (!isTimed(grant)) return;
    const window: Validity = {
      ...(grant.notBefore === undefined ? {} : { notBefore: grant.notBefore }),
      ...(grant.notAfter === undefined ? {} : { notAfter: grant.notAfter }),
    };
    const key = principal * 2 + (reach === CHILDREN ? 1 : 0);
    const windows = this.#windows.get(node);
    if (windows === undefined) this.#windows.set(node, new Map([[key, window]]));
    else windows.set(key, window);
  }

  remove(node: number, principal: number, slot: 0 | 1): boolean {
    const entry = this.#entry(node, principal, slot);
    if (entry === -1) return false;
    this.forward.remove(node, entry);
    this.reverse.remove(principal, (node << ID_SHIFT) | (entry & 31));
    if ((entry & TIMED) !== 0) {
      const windows = this.#windows.get(node) as Map<number, Validity>;
      windows.delete(principal * 2 + slot);
      if (windows.size === 0) this.#windows.delete(node);
    }
    return true;
  }

  get bytes(): number {
    return this.forward.bytes + this.reverse.bytes;
  }

  #entry(node: number, principal: number, slot: 0 | 1): number {
    let entry = this.forward.atLeast(node, principal << ID_SHIFT);
    while (entry !== -1 && entry >>> ID_SHIFT === principal) {
      if (slotOf(entry) === slot) return entry;
      entry = this.forward.atLeast(node, entry + 1);
    }
    return -1;
  }
}
