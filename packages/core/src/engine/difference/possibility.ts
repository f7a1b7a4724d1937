/**
 * Possibilities: what somebody may do by one plan and not by another, as it is told.
 *
 * Invariant: places first, then operations, each in byte order.
 */
import type { Condition } from "../../model/index.ts";
import type { Principal } from "./answers.ts";

/** An action at a resource or a collection. */
export type PlacePossibility = { readonly resource: string; readonly action: string };
/**
 * An operation, `METHOD template`. `within`: it is so for every target at or below this place; a collection stands for what no
 * record names: from there on the ids are fresh. `when`: only where one of these conditions over attributes is true. `unless`, of
 * what is lost: where one of these is true it is still allowed.
 */
export type OperationPossibility = {
  readonly product: string;
  readonly operation: string;
  readonly within: string;
  readonly when?: readonly Condition[];
  readonly unless?: readonly Condition[];
};
export type Possibility = PlacePossibility | OperationPossibility;
/** What a principal may do after and not before, and the other way round; at least one of both. Places first, then operations, in byte order. */
export type Difference = { readonly principal: Principal; readonly gains: readonly Possibility[]; readonly loses: readonly Possibility[] };
