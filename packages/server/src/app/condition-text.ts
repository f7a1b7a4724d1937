/** Conditions that come as a text of JSON. Invariant: what is read is a condition, or there is a fault that names its line and column. */
import { type Condition, checkCondition, type Fault } from "@reeve/core";
import { lineCounter, readJsonText } from "@reeve/openapi";

const CHARACTERS_MAX = 65_536;

/** What a text says; `undefined`: nothing, which is true, or faults are added. `pointer`: of the text. */
export function readCondition(text: string | null | undefined, pointer: string, faults: Fault[]): Condition | undefined {
  if (text === undefined || text === null || text.trim() === "") return undefined;
  const at = (detail: string, place?: { readonly line: number; readonly column: number }): Fault => ({
    code: "malformed_condition",
    pointer,
    detail: place === undefined ? detail : `Line ${place.line}, column ${place.column}: ${detail}`,
  });
  if (text.length > CHARACTERS_MAX) {
    faults.push(at(`A condition has at most ${CHARACTERS_MAX} characters.`));
    return undefined;
  }
  const read = readJsonText(text);
  if (!read.ok) {
    const positionAt = lineCounter(text);
    faults.push(...read.error.map(({ detail, offset }) => at(detail, positionAt(offset))));
    return undefined;
  }
  const { value, locate } = read.value;
  const found = checkCondition(value);
  const places = found.length === 0 ? undefined : locate(new Set(found.map((fault) => fault.pointer)));
  for (const { pointer: inner, detail } of found) faults.push(at(detail, places?.get(inner)));
  return value as Condition;
}
