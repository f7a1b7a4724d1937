/**
 * Parts: a place's path cut into collections and ids, as patterns of policies see it. A fresh id has neither hash nor text.
 *
 * Nothing is cut: the hashes are those that the tree keeps, and a text is made only where a pattern has the same hash.
 * Invariant: what `fill` was told holds until it is told again.
 */
import { LIMITS } from "../../model/index.ts";
import type { Place } from "../decide/place.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import type { Parts } from "./shape.ts";

/** A child may lie one pair below the longest path. */
const PARTS_MAX = 2 * (LIMITS.pathPairsMax + 1);

export class PlaceParts implements Parts {
  count = 0;
  isFresh = false;
  /** The hash of the first part stands at `first`: nodes are met from below, and fill the first half from its end. */
  readonly hashes = new Int32Array(2 * PARTS_MAX);
  first = PARTS_MAX;
  /** The node of each pair that has one, as its hashes stand. */
  readonly #nodes = new Int32Array(PARTS_MAX);
  #state: State | undefined;
  #place: Place | undefined;

  fill(state: State, place: Place): void {
    this.#state = state;
    this.#place = place;
    const { hashes } = this;
    const { tree } = state;
    let first = PARTS_MAX;
    for (let node = place.above; node !== ROOT; node = tree.parent(node)) {
      this.#nodes[first - 1] = node;
      hashes[--first] = tree.idHash(node);
      hashes[--first] = tree.typeHash(node);
    }
    let end = PARTS_MAX;
    for (let i = 0; i < place.rest.length; i++) {
      const pair = place.rest[i] as Place["rest"][number];
      hashes[end++] = tree.names.hash(pair.type);
      hashes[end++] = tree.names.hash(pair.id);
    }
    this.isFresh = place.kind !== "resource";
    if (this.isFresh) {
      hashes[end] = tree.names.hash(place.type?.name ?? "");
      end += 2;
    }
    this.first = first;
    this.count = end - first;
  }

  /** The text of a part: a collection's name, or an id. */
  text(part: number): string {
    const [state, place] = [this.#state as State, this.#place as Place];
    const at = this.first + part;
    if (at < PARTS_MAX) {
      const node = this.#nodes[at | 1] as number;
      return part % 2 === 0 ? state.tree.typeName(node) : state.tree.id(node);
    }
    const pair = place.rest[(at - PARTS_MAX) >> 1];
    if (pair === undefined) return place.type?.name ?? "";
    return part % 2 === 0 ? pair.type : pair.id;
  }
}
