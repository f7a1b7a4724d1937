/**
 * Links between resources, found from either end.
 *
 * They are kept by the node of their holder: a schema uses classes, a dataset has a schema. They give no access.
 * Invariant: both directions know the same links.
 */
import type { Link } from "../../model/index.ts";

export class Links {
  /** Holder → its links; target → the holders of links to it. */
  readonly #from = new Map<number, { readonly link: Link; readonly to: number }[]>();
  readonly #to = new Map<number, Set<number>>();

  get size(): number {
    return this.#from.size;
  }
  of(holder: number): readonly { readonly link: Link; readonly to: number }[] {
    return this.#from.get(holder) ?? [];
  }
  /** Holders of links that end at a node. */
  to(node: number): Iterable<number> {
    return this.#to.get(node) ?? [];
  }
  *holders(): Iterable<number> {
    yield* this.#from.keys();
  }
  find(holder: number, link: Link): { readonly link: Link; readonly to: number } | undefined {
    return this.of(holder).find((other) => other.link.linkKind === link.linkKind && other.link.to === link.to);
  }
  add(holder: number, to: number, link: Link): void {
    const links = this.#from.get(holder);
    if (links === undefined) this.#from.set(holder, [{ link, to }]);
    else links.push({ link, to });
    const holders = this.#to.get(to);
    if (holders === undefined) this.#to.set(to, new Set([holder]));
    else holders.add(holder);
  }
  remove(holder: number, to: number, link: Link): void {
    const links = this.of(holder).filter((other) => other.link.linkKind !== link.linkKind || other.to !== to);
    if (links.length === 0) this.#from.delete(holder);
    else this.#from.set(holder, links);
    if (links.some((other) => other.to === to)) return;
    const holders = this.#to.get(to);
    holders?.delete(holder);
    if (holders?.size === 0) this.#to.delete(to);
  }
}
