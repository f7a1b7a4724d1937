/**
 * Records: what a state consists of, read back from its indexes.
 *
 * Invariant: a state that is made of these is the same; what stands with a record and is none itself, as the grants of offices, is not told.
 */
import type { Rec } from "../../model/index.ts";
import { isOfOffices } from "./offices.ts";
import type { State } from "./state.ts";

/** Every record of a state, in no order. */
export function* recordsOf(state: State): Iterable<Rec> {
  if (state.organization !== undefined) yield { kind: "organization", value: state.organization };
  for (const product of state.catalogue.recordsOfProducts()) yield { kind: "product", value: product };
  for (const set of state.catalogue.sets.values()) yield { kind: "permission-set", value: set };
  for (const label of state.labels.values()) yield { kind: "label", value: label };
  for (const value of state.catalogue.settingRecords()) yield { kind: "setting", value };
  for (const role of state.roles.all()) yield { kind: "role", value: role.record };
  for (const policy of state.policies.all()) yield { kind: "policy", value: policy };
  for (const product of state.operations.all()) {
    for (const value of product.records()) yield { kind: "operation", value };
    for (const value of product.rules()) yield { kind: "operation-rule", value };
  }
  yield* state.passive();
  yield* recordsOfPeople(state);
  yield* recordsOfTree(state);
}

function* recordsOfPeople(state: State): Iterable<Rec> {
  const { people } = state;
  for (let id = 1; id <= people.names.last; id++) {
    const record = people.record(id);
    if (record !== undefined) yield { kind: "principal", value: record };
    const member = people.names.text(id);
    for (const entry of people.groupsOf.entries(id)) {
      const group = people.names.text(entry >>> 1);
      yield { kind: "membership", value: { group, member, ...people.window("membership", id, entry >>> 1) } };
    }
    for (const entry of people.rolesOf.entries(id)) {
      const role = state.roles.id(entry >>> 1);
      yield { kind: "assignment", value: { role, principal: member, ...people.window("assignment", id, entry >>> 1) } };
    }
  }
}

function* recordsOfTree(state: State): Iterable<Rec> {
  for (const node of state.tree.nodes()) {
    if (isOfOffices(state.tree.path(node))) continue;
    const record = state.resource(node);
    if (record !== undefined) yield { kind: "resource", value: record };
    for (const { link } of state.links.of(node)) yield { kind: "link", value: link };
    for (const value of state.grantsOn(node)) yield { kind: "grant", value };
  }
}
