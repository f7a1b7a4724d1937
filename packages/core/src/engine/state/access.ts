/**
 * Grants: who was given which access to which resource, found from either end.
 *
 * A grant is one packed integer in the list of its resource and one in that of its principal: the other's id, whether it has a
 * window, its reach, its access type. Windows lie beside, for the few that have one.
 * Invariant: the two lists say the same; at most one grant of reach `self` or `subtree` and one of reach `children` for a pair.
 */
import { type AccessType, type Grant, REACHES, type Reach, type Validity } from "../../model/index.ts";
import { ACCESS_TYPES } from "./catalogue.ts";
import { type Heads, PackedLists } from "./lists.ts";
import { isTimed } from "./people.ts";

/**
 * Packed: reach `self` in the highest bit, then the id, whether it has a window, whether it is of reach `children`, the access type.
 * Ids have 27 bits: 134 million names are far beyond the memory of one process.
 */
export const ID_SHIFT = 4;
const ID_MASK = 0x7fffffff;
export const TIMED = 8;
/** As a flag of an entry. */
export const TO_CHILDREN = 4;
export const SELF_ONLY = 1 << 31;
/** Places in `REACHES`. */
export const SELF = 0;
export const CHILDREN = 2;

export function idOf(entry: number): number {
  return (entry & ID_MASK) >>> ID_SHIFT;
}
export function reachOf(entry: number): number {
  if (entry < 0) return SELF;
  return (entry & TO_CHILDREN) === 0 ? 1 : CHILDREN;
}
/** Grants of reach `self` and `subtree` share a slot. */
export function slotOf(entry: number): 0 | 1 {
  return (entry & TO_CHILDREN) === 0 ? 0 : 1;
}

export const SLOTS = [0, 1] as const;

function pack(id: number, low: number): number {
  return (id << ID_SHIFT) | low;
}

export type Granted = { readonly access: AccessType; readonly reach: Reach; readonly window: Validity | undefined };

export class Access {
  /** Node → principal entries: of grants that reach below, and of those on the node alone. A walk reads the second of one node only. */
  readonly below: PackedLists;
  readonly own: PackedLists;
  /** Principal → node entries. */
  readonly reverse = new PackedLists();
  readonly #windows = new Map<number, Map<number, Validity>>();

  constructor(heads: { readonly below: Heads; readonly own: Heads }) {
    this.below = new PackedLists(heads.below);
    this.own = new PackedLists(heads.own);
  }

  /** The grant in a slot of (node, principal). */
  get(node: number, principal: number, slot: 0 | 1): Granted | undefined {
    const entry = this.entry(node, principal, slot);
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

  /** Puts a grant into a slot in which there is none. */
  add(node: number, principal: number, grant: Grant): void {
    const slot = grant.reach === "children" ? 1 : 0;
    const reach = grant.reach === "self" ? SELF_ONLY : slot === 1 ? TO_CHILDREN : 0;
    const low = reach | (isTimed(grant) ? TIMED : 0) | ACCESS_TYPES.indexOf(grant.access);
    (reach === SELF_ONLY ? this.own : this.below).insert(node, pack(principal, low));
    this.reverse.insert(principal, pack(node, low));
    if (!isTimed(grant)) return;
    const window: Validity = {
      ...(grant.notBefore === undefined ? {} : { notBefore: grant.notBefore }),
      ...(grant.notAfter === undefined ? {} : { notAfter: grant.notAfter }),
    };
    const key = principal * 2 + slot;
    const windows = this.#windows.get(node);
    if (windows === undefined) this.#windows.set(node, new Map([[key, window]]));
    else windows.set(key, window);
  }

  remove(node: number, principal: number, slot: 0 | 1): boolean {
    const entry = this.entry(node, principal, slot);
    if (entry === -1) return false;
    (entry < 0 ? this.own : this.below).remove(node, entry);
    this.reverse.remove(principal, pack(node, entry & (SELF_ONLY | TIMED | TO_CHILDREN | 3)));
    if ((entry & TIMED) !== 0) {
      const windows = this.#windows.get(node) as Map<number, Validity>;
      windows.delete(principal * 2 + slot);
      if (windows.size === 0) this.#windows.delete(node);
    }
    return true;
  }

  get bytes(): number {
    return this.below.bytes + this.own.bytes + this.reverse.bytes;
  }

  /** The packed grant in a slot of (node, principal), or -1. */
  entry(node: number, principal: number, slot: 0 | 1): number {
    const first = this.below.atLeast(node, pack(principal, 0));
    if (first !== -1 && idOf(first) === principal) {
      if (slotOf(first) === slot) return first;
      const second = this.below.atLeast(node, first + 1);
      if (second !== -1 && idOf(second) === principal && slotOf(second) === slot) return second;
    }
    if (slot === 1) return -1;
    const own = this.own.atLeast(node, pack(principal, SELF_ONLY));
    return own !== -1 && idOf(own) === principal ? own : -1;
  }

  /** Every packed grant on a node, as it is now. */
  on(node: number): readonly number[] {
    return [...this.below.entries(node), ...this.own.entries(node)];
  }
}
