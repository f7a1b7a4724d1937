/** The door of the use cases: what a surface can ask for, each guarded by `guard`. */
export { type CatalogueFault, type CatalogueFiles, type Catalogues, DEMO_ORGANIZATION, readCatalogues } from "./catalogues.ts";
export { type Changes, createChanges, type WriteRefused, type WriteResult } from "./changes.ts";
export { type Guarded, guard, type Refused } from "./guard.ts";
export type { Unanswered } from "./plan-at.ts";
export { type Answered, createQuestions, type Question, type Questions } from "./questions.ts";
export { createTables, type Tables } from "./tables.ts";
