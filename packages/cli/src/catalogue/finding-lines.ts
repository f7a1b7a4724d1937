/**
 * Findings of a document as lines: file, line and column first, as compilers tell them, so that editors jump there.
 *
 * Invariant: every finding is told, whatever their number.
 */
import type { Place } from "@reeve/openapi";
import { EXIT, type Failure } from "../exit.ts";
import { counted } from "./rule-words.ts";

export type Finding = Place & { readonly code: string; readonly detail: string; readonly allowed?: readonly string[] };

export const placeText = (file: string, { line, column }: Pick<Place, "line" | "column">): string => `${file}:${line}:${column}`;

/** Before the code stands what would have been taken, where that is a short list. */
export function findingLine(file: string, finding: Finding): string {
  const { detail, allowed = [], code } = finding;
  const choice = allowed.length === 0 ? "" : ` Allowed: ${allowed.join(", ")}.`;
  return `${placeText(file, finding)}: ${detail}${choice} (${code})`;
}

/** What refuses a document or its import: all of it at once, in the order of its lines. */
export function refusedDocument(file: string, findings: readonly Finding[], what: "fault" | "problem"): Failure {
  const ordered = findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const told = `${file}: ${counted(findings.length, what)}; nothing was changed.`;
  return { exit: EXIT.usage, lines: [told, ...ordered.map((finding) => `  ${findingLine(file, finding)}`)] };
}
