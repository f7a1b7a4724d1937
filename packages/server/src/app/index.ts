/** The door of the use cases: what a surface can ask for, each guarded by `guard`. */
export { type Catalogues, DEMO_ORGANIZATION, readCatalogues } from "./catalogues.ts";
export { type Changes, createChanges, type WriteRefused } from "./changes.ts";
export { guard } from "./guard.ts";
export { REVISION_WAIT_MS, type Unanswered } from "./plan-at.ts";
export { createQuestions, type Question, type Questions } from "./questions.ts";
export { writeRevision } from "./revision.ts";
export { storeRefusal } from "./store-refusal.ts";
export { STORE_MS, strictStore } from "./strict-store.ts";
export { createTables, type Tables } from "./tables.ts";
export { timedStore } from "./timed-store.ts";
