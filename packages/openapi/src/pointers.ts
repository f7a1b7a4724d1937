/**
 * JSON Pointers (RFC 6901): how a place in a document is named.
 *
 * Invariant: `segmentsOf(under(pointer, name))` ends with `name`, whatever characters it has.
 */

export const under = (pointer: string, name: string | number): string =>
  typeof name === "number" ? `${pointer}/${name}` : `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** `undefined`: this is no pointer. */
export function segmentsOf(pointer: string): readonly string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The pointer one segment shorter; of the whole: `undefined`. */
export const parentOf = (pointer: string): string | undefined => (pointer === "" ? undefined : pointer.slice(0, pointer.lastIndexOf("/")));

export type RawObject = { readonly [member: string]: unknown };
export const isObject = (value: unknown): value is RawObject => typeof value === "object" && value !== null && !Array.isArray(value);
/** An own member; what a prototype has is none. */
export const memberOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/** What a pointer leads to; `undefined`: nothing stands there. */
export function valueAt(root: unknown, segments: readonly string[]): unknown {
  let value = root;
  for (const segment of segments) {
    if (Array.isArray(value)) value = INDEX.test(segment) ? value[Number(segment)] : undefined;
    else value = memberOf(value, segment);
    if (value === undefined) return undefined;
  }
  return value;
}
