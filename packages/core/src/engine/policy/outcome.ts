/**
 * Outcomes of conditions: true, false, or that it failed, which is neither (model §2, *condition*).
 *
 * Invariant: nothing else is an outcome, so that nobody reads a failure as an answer.
 */
import type { View } from "./readers.ts";

export const FAILED = 2;
export type Outcome = true | false | typeof FAILED;
/** Finds the outcome of a condition over the view of one request. */
export type Run = (view: View) => Outcome;

/** The label operators (model §9). */
export const MATCH_ALL = "adobe.match_all_labels_by_prefix";
export const MATCH_ANY = "adobe.match_any_labels_by_prefix";
