/**
 * Values as YAML text: what is short stands on one line, what is long is written as a block.
 *
 * Invariant: text stays text for every reader. What YAML 1.1 or 1.2 would read as something else (yes, no, on, 010, 1:30, dates) is
 * quoted, and a number is written so that both read it as that number.
 */
const COLUMNS = 120;
/** A key that is longer needs a mark of its own (YAML 1.2, 7.4.2). */
const IMPLICIT_KEY_MAX = 1_000;

const PLAIN = /^[\p{L}_/][\p{L}\p{N}_./@+()'=&* -]*$/u;
const PLAIN_WITH_MARKS = /^[\p{L}_/](?:[\p{L}\p{N}_./@+()'=&* {}-]|:(?=[^\s:,[\]{}]))*$/u;
const OTHER_IN_YAML = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/g;

function textOf(text: string, inFlow: boolean): string {
  const isPlain = inFlow ? PLAIN.test(text) : PLAIN_WITH_MARKS.test(text);
  if (isPlain && !text.endsWith(" ") && !OTHER_IN_YAML.test(text)) return text;
  const quoted = JSON.stringify(text);
  // Pairs of surrogates are characters; JSON.stringify has escaped those that stand alone.
  return quoted.replace(UNPRINTABLE, (unit) =>
    unit >= "\ud800" && unit <= "\udfff" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function numberOf(value: number): string {
  const text = Number.isSafeInteger(value) || !Number.isInteger(value) ? String(value) : value.toExponential();
  // YAML 1.1 takes an exponent only after a point.
  return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text;
}

export function scalarText(value: unknown, inFlow = false): string {
  if (typeof value === "string") return textOf(value, inFlow);
  if (typeof value === "number") return Object.is(value, -0) ? "0" : numberOf(value);
  return String(value);
}

const isCollection = (value: unknown): value is object => typeof value === "object" && value !== null;
const membersOf = (value: object): readonly (readonly [string, unknown])[] =>
  Object.entries(value).filter(([, member]) => member !== undefined);

/** On one line, whatever its length. */
export function flowText(value: unknown): string {
  if (!isCollection(value)) return scalarText(value, true);
  if (Array.isArray(value)) return `[${value.map(flowText).join(", ")}]`;
  const members = membersOf(value).map(([name, member]) => `${flowKey(name)}: ${flowText(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function flowKey(name: string): string {
  const key = scalarText(name, true);
  return key.length > IMPLICIT_KEY_MAX ? `? ${key} ` : key;
}

/** One line where it fits in what is left of the line after `used` columns. */
function fits(value: unknown, used: number): string | undefined {
  if (!isCollection(value)) return scalarText(value);
  if (Object.keys(value).length === 0) return flowText(value);
  const text = flowText(value);
  return used + text.length <= COLUMNS ? text : undefined;
}

/** What stands after `- `, in column `indent`: one line, or a block whose further lines begin there. */
export function itemText(value: unknown, indent: number): string {
  return fits(value, indent) ?? blockText(value as object, indent);
}

/** A block in column `indent`, without the indentation of its first line. */
export function blockText(value: object, indent: number): string {
  const margin = `\n${" ".repeat(indent)}`;
  if (Array.isArray(value)) return value.map((item) => `- ${itemText(item, indent + 2)}`).join(margin);
  return membersOf(value)
    .map(([name, member]) => entryText(name, member, indent))
    .join(margin);
}

/** `name: value`, in column `indent`. */
export function entryText(name: string, value: unknown, indent: number): string {
  const key = scalarText(name);
  const margin = " ".repeat(indent);
  if (key.length > IMPLICIT_KEY_MAX) return `? ${key}\n${margin}: ${itemText(value, indent + 2)}`;
  const line = fits(value, indent + key.length + 2);
  if (line !== undefined) return `${key}: ${line}`;
  return `${key}:\n${margin}  ${blockText(value as object, indent + 2)}`;
}
