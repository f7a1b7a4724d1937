/**
 * Named places: the paths of everything that the records of either plan name, registered or not, by the types along them.
 *
 * What operations are about may lie in a backend and be registered nowhere: the organization knows it by scopes alone.
 * Invariant: a place of either plan is here, once, and every place above it.
 */
import { parsePath } from "../../model/index.ts";
import type { State } from "../state/state.ts";
import { STEPS_A_TURN, type Turns } from "./turns.ts";

export type NamedPlace = { readonly path: string; readonly ids: readonly string[] };

export class NamedPlaces {
  readonly #byTypes = new Map<string, Map<string, NamedPlace>>();
  /** Only what begins with these types is kept. */
  readonly #roots: ReadonlySet<string>;

  constructor(roots: ReadonlySet<string>) {
    this.#roots = roots;
    this.#byTypes.set("[]", new Map([["/", { path: "/", ids: [] }]]));
  }

  /** The state is asked before the first stop only. */
  *add({ tree }: State): Turns<void> {
    const paths = tree.nodes().map((node) => tree.path(node));
    for (const [i, path] of paths.entries()) {
      if (i % STEPS_A_TURN === 0) yield;
      const pairs = parsePath(path)?.pairs ?? [];
      if (pairs.length === 0 || !this.#roots.has(pairs[0]?.type as string)) continue;
      const types = JSON.stringify(pairs.map(({ type }) => type));
      let places = this.#byTypes.get(types);
      if (places === undefined) {
        places = new Map();
        this.#byTypes.set(types, places);
      }
      if (!places.has(path)) places.set(path, { path, ids: pairs.map(({ id }) => id) });
    }
  }

  of(types: readonly string[]): Iterable<NamedPlace> {
    return this.#byTypes.get(JSON.stringify(types))?.values() ?? [];
  }
}
