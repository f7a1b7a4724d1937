/**
 * The text of a document → its value, and the way back from a pointer to a line.
 *
 * A text whose first character is `{` and whose next is a quote or `}` is JSON; everything else is YAML 1.2, flow style included.
 * A byte order mark is looked over. Invariant: the value is a tree of JSON values (parts that aliases repeat are shared), no object
 * has a member `__proto__`, and its depth and the number of its values are bounded.
 */
import { fail, type Result } from "@reeve/core";
import type { DocumentFault } from "./faults.ts";
import { readJsonText } from "./json-text.ts";
import { DOCUMENT_LIMITS } from "./limits.ts";
import { lineCounter, type SourceText, type TextFault } from "./positions.ts";
import { readYamlText } from "./yaml-text.ts";

export function readText(given: string): Result<SourceText, readonly DocumentFault[]> {
  const text = given.startsWith("\uFEFF") ? given.slice(1) : given;
  const json = /^\s*\{\s*["}]/.test(text);
  const max = json ? DOCUMENT_LIMITS.jsonCharactersMax : DOCUMENT_LIMITS.yamlCharactersMax;
  if (text.length > max) {
    const detail = `A document in ${json ? "JSON" : "YAML"} has at most ${max} characters; this one has ${text.length}.`;
    return fail([{ code: "too_large", pointer: "", line: 1, column: 1, detail }]);
  }
  if (!json && hasManyMarks(text)) {
    const detail = `A document in YAML has at most ${DOCUMENT_LIMITS.yamlMarksMax} line ends, commas, colons, dashes and brackets; write it as JSON.`;
    return fail([{ code: "too_large", pointer: "", line: 1, column: 1, detail }]);
  }
  const read = json ? readJsonText(text) : readYamlText(text);
  return read.ok ? read : fail(placed(text, read.error));
}

/** Counted before the library sees the text, for its tree cannot be bounded while it grows. */
function hasManyMarks(text: string): boolean {
  let left: number = DOCUMENT_LIMITS.yamlMarksMax;
  for (const _ of text.matchAll(/[\n\r,[{&*!?]|[-:]\s/g)) if (--left < 0) return true;
  return false;
}

function placed(text: string, faults: readonly TextFault[]): readonly DocumentFault[] {
  const positionAt = lineCounter(text);
  const told = faults.slice(0, DOCUMENT_LIMITS.faultsMax).map(({ code, pointer, offset, detail }) => ({
    code,
    pointer,
    ...positionAt(offset),
    detail,
  }));
  return told.sort((a, b) => a.line - b.line || a.column - b.column);
}
