/**
 * The door of Reeve's core: the model and the engine. Pure: no input or output, no clock, no randomness; times are arguments.
 *
 * Compile the records of an organization into a plan, ask the plan, apply changes to it for a new one.
 */

export { administrators, isSuspended } from "./engine/administration.ts";
export { decide } from "./engine/decide/decide.ts";
export { decidePrepared, type Prepared, prepare } from "./engine/decide/prepare.ts";
export type { FoundDifference } from "./engine/difference/comparison.ts";
export {
  type DifferencePage,
  type DifferenceQuery,
  type DifferencesAsked,
  difference,
  differences,
  foundDifferences,
  type Plans,
} from "./engine/difference/difference.ts";
export type { Difference, OperationPossibility, PlacePossibility, Possibility } from "./engine/difference/possibility.ts";
export { type DifferenceSummary, differenceCounter, differenceSummary, type Sums } from "./engine/difference/summary.ts";
export { type EffectiveEntry, type EffectivePage, type EffectiveQuery, effective } from "./engine/explain/effective.ts";
export { type Explanation, explain, explainOperation, type RuleTried, type Tried } from "./engine/explain/explain.ts";
export { type HeldEntry, type HeldQuery, held } from "./engine/explain/held.ts";
export { type Told, tell, toldOf } from "./engine/explain/tell.ts";
export { MARKS_A_CHECK, type SpelledChecks, tellSpelled } from "./engine/explain/tell-spelled.ts";
export { type GroupMember, groupMembers } from "./engine/list/group-members.ts";
export {
  type ActionQuery,
  type Entry,
  type ListQuery,
  list,
  type Page,
  type PrincipalQuery,
  type ResourceQuery,
  type RoleQuery,
} from "./engine/list/list.ts";
export { decideOperation } from "./engine/operation/decide-operation.ts";
export { readTarget, type Target } from "./engine/operation/target.ts";
export {
  type At,
  apply,
  assignees,
  belongings,
  binned,
  catalogueRecords,
  compiler,
  findRecord,
  givenTo,
  grantsOn,
  memberships,
  ownedBy,
  type Plan,
  type PlanOptions,
  principals,
  product,
  productIds,
  projectsOf,
  records,
  registeredOf,
  sandboxes,
  withBasePath,
} from "./engine/plan.ts";
export { type AdmitOptions, type Admitted, admit } from "./engine/write/admit.ts";
export { warningsOf } from "./engine/write/warnings.ts";
export * from "./model/index.ts";
