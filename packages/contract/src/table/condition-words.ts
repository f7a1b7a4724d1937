/**
 * Conditions in words: JSON Logic over the operators of the model → one English phrase that follows "when".
 *
 * Clauses are joined by ", and" and ", or"; a clause inside another stands in brackets, so that a list inside one ("is approval or
 * deploy") cannot be misread. Plain names are written without quotes, any other text with.
 * Invariant: what has no words of its own is shown as the JSON that it is, never left out.
 */
import type { Condition, Json } from "@reeve/core";

const ROOTS = new Set(["subject", "action", "resource", "context", "attributes"]);
// Without quotes a text must look neither like a variable, which has a dot or is a root, nor like a word of the phrase.
const PLAIN = /^(?!(?:true|false|null|subject|action|resource|context|attributes|like|nothing|and|or|is|not|in)$)[A-Za-z][\w-]*$/;
const STATEMENTS = new Set(["===", "==", "!==", "!=", "in", "<", "<=", ">", ">="]);
const SIGNS = new Set(["<", "<=", ">", ">=", "+", "-"]);
const LABELS: Readonly<Record<string, string>> = {
  "adobe.match_all_labels_by_prefix": "every label",
  "adobe.match_any_labels_by_prefix": "any label",
};

/** A condition as a phrase, such as `step.status is WAITING`. Names below `attributes` stand without that word where nothing else is so called. */
export function conditionWords(condition: Condition): string {
  if (condition === true) return "always";
  if (condition === false) return "never";
  return clause(condition);
}

/** Operator and operands of a node that is no value; a single operand may stand without a list. */
function callOf(node: Json): { readonly operator: string; readonly operands: readonly Json[] } | undefined {
  if (typeof node !== "object" || node === null || Array.isArray(node)) return undefined;
  const [entry, ...more] = Object.entries(node);
  if (entry === undefined || more.length > 0) return undefined;
  const [operator, operand] = entry;
  return { operator, operands: Array.isArray(operand) ? operand : [operand as Json] };
}

function clause(node: Json): string {
  const call = callOf(node);
  if (call === undefined) return valueWords(node);
  const { operator, operands } = call;
  const [a = null, b = null, c = null] = operands;
  if (operator === "var") return variableWords(operands);
  if (operator === "and" || operator === "or") return operands.map(nested).join(`, ${operator} `);
  if (operator === "===" || operator === "==") return `${nested(a)} is ${operator === "==" ? "like " : ""}${nested(b)}`;
  if (operator === "!==" || operator === "!=") return `${nested(a)} is not ${operator === "!=" ? "like " : ""}${nested(b)}`;
  if (operator === "!") return isSimple(a) ? `not ${clause(a)}` : `not (${clause(a)})`;
  if (operator === "!!") return `${nested(a)} is given and not empty`;
  if (operator === "in") return Array.isArray(b) ? `${nested(a)} is ${oneOf(b)}` : `${nested(a)} is in ${nested(b)}`;
  if (operator === "if" && operands.length <= 3) return `if ${nested(a)} then ${nested(b)} else ${nested(c)}`;
  if (SIGNS.has(operator)) return operands.length === 1 ? `${operator}${nested(a)}` : operands.map(nested).join(` ${operator} `);
  const labels = LABELS[operator];
  if (labels !== undefined) return `${labels} of ${nested(c)} that begins with ${valueWords(b)}, if there is one, is among ${nested(a)}`;
  return JSON.stringify(node);
}

/** A clause that is joined with others, or given to an operator, stands in brackets unless it is one plain statement. */
function nested(node: Json): string {
  const operator = callOf(node)?.operator;
  if (operator === undefined || operator === "var") return clause(node);
  const isStatement = STATEMENTS.has(operator) && (callOf(node)?.operands ?? []).every(isSimple);
  return isStatement ? clause(node) : `(${clause(node)})`;
}

function isSimple(node: Json): boolean {
  const operator = callOf(node)?.operator;
  return operator === undefined || operator === "var";
}

function oneOf(list: readonly Json[]): string {
  const words = list.map(valueWords);
  if (words.length === 0) return "one of nothing";
  return words.length === 1 ? (words[0] as string) : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
}

function valueWords(value: Json): string {
  if (typeof value === "string" && PLAIN.test(value)) return value;
  return JSON.stringify(value);
}

function variableWords([name, ...absent]: readonly Json[]): string {
  const text = String(name);
  const below = text.startsWith("attributes.") ? text.slice("attributes.".length) : text;
  const isClear = below.includes(".") && !ROOTS.has(below.split(".")[0] as string);
  const shown = isClear ? below : text;
  return absent.length === 0 ? shown : `${shown} (${valueWords(absent[0] as Json)} if absent)`;
}
