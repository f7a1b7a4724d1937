/**
 * The door of Reeve's core: the model and the engine. Pure: no input or output, no clock, no randomness; times are arguments.
 *
 * Compile the records of an organization into a plan, ask the plan, apply changes to it for a new one.
 */
export { decide } from "./engine/decide.ts";
export { decideOperation } from "./engine/decide-operation.ts";
export { type At, apply, compiler, type Plan, type PlanOptions, records } from "./engine/plan.ts";
export * from "./model/index.ts";
