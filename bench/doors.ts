/**
 * The doors of the core that may not be there yet: a cell that needs one is left out, and its row says so.
 *
 * Invariant: nothing but the core's public door is looked at.
 */
import * as core from "@reeve/core";
import type { Plan, Request } from "@reeve/core";

/** A request whose names are ids of one plan already: what a caller keeps who asks the same thing often. */
export type PreparedDoor = {
  readonly prepare: (plan: Plan, request: Request) => object | undefined;
  readonly decidePrepared: (plan: Plan, prepared: object, now: number) => boolean;
};
export type ListDoor = { readonly list: (plan: Plan, query: object, now: number) => object };

export function preparedDoor(): PreparedDoor | undefined {
  const found = core as Partial<PreparedDoor>;
  return found.prepare === undefined || found.decidePrepared === undefined ? undefined : (found as PreparedDoor);
}

export function listDoor(): ListDoor | undefined {
  const found = core as Partial<ListDoor>;
  return found.list === undefined ? undefined : (found as ListDoor);
}
