/**
 * Patches: one operation, a list of them, or an object that has the list, whatever documents call them.
 *
 * Invariant: an operation that is not understood ends the patch before anything is done.
 */
import type { AepOperation } from "@reeve/contract";
import type { Fault } from "@reeve/core";
import { faulty } from "./refusals.ts";

/** An operation, and where it stands in the body. */
export type PatchOperation = AepOperation & { readonly pointer: string };

const OPERATIONS_MAX = 1_000;
const OPS: readonly string[] = ["add", "replace", "remove"];

/** The operations of a body. Throws with every fault. */
export function patchOf(body: unknown): readonly PatchOperation[] {
  const { list, at } = enveloped(body);
  if (list === undefined) throw faulty([wrong("", "A patch is an operation, a list of operations, or an object with `operations`.")]);
  if (list.length === 0) throw faulty([wrong(at, "A patch has at least one operation.")]);
  if (list.length > OPERATIONS_MAX) throw faulty([wrong(at, `A patch has at most ${OPERATIONS_MAX} operations.`)]);
  const faults: Fault[] = [];
  const operations = list.flatMap((one, index) =>
    operationOf(one, { pointer: Array.isArray(body) || at !== "" ? `${at}/${index}` : "", faults }),
  );
  if (faults.length > 0) throw faulty(faults);
  return operations;
}

function enveloped(body: unknown): { readonly list: readonly unknown[] | undefined; readonly at: string } {
  if (Array.isArray(body)) return { list: body, at: "" };
  if (typeof body !== "object" || body === null) return { list: undefined, at: "" };
  const { operations } = body as { readonly operations?: unknown };
  if (operations === undefined) return { list: [body], at: "" };
  return { list: Array.isArray(operations) ? operations : undefined, at: "/operations" };
}

function operationOf(value: unknown, { pointer, faults }: { readonly pointer: string; readonly faults: Fault[] }): PatchOperation[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    faults.push(wrong(pointer, "An operation is an object with `op`, `path` and `value`."));
    return [];
  }
  const { op, path, value: given } = value as Readonly<Record<string, unknown>>;
  if (typeof op !== "string" || !OPS.includes(op)) faults.push({ ...wrong(`${pointer}/op`, "This is no operation."), allowed: OPS });
  if (typeof path !== "string" || !path.startsWith("/")) faults.push(wrong(`${pointer}/path`, "This is no JSON Pointer."));
  if (op !== "remove" && given === undefined)
    faults.push({ ...wrong(`${pointer}/value`, `${String(op)} needs a value.`), code: "required" });
  return [{ op: op as AepOperation["op"], path: path as string, value: given, pointer }];
}

export function wrong(pointer: string, detail: string): Fault {
  return { code: "not_allowed", pointer, detail };
}

/** The one text or the texts that an operation gives; `undefined`: it gives none, as a `remove` of everything may. */
export function textsOf({ value, pointer }: PatchOperation): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const at = list.findIndex((one) => typeof one !== "string");
  if (at === -1) return list as readonly string[];
  throw faulty([{ ...wrong(Array.isArray(value) ? `${pointer}/value/${at}` : `${pointer}/value`, "This is a text."), code: "wrong_type" }]);
}

/** The text that an operation gives. */
export function textOf({ value, pointer }: PatchOperation): string {
  if (typeof value === "string") return value;
  throw faulty([{ ...wrong(`${pointer}/value`, "This is a text."), code: "wrong_type" }]);
}

/** The path is none of this object's. */
export function unknownPath({ pointer, path }: PatchOperation, allowed: readonly string[]): Error {
  return faulty([{ ...wrong(`${pointer}/path`, `There is nothing to patch at ${path}.`), allowed }]);
}

/**
 * A list of distinct texts after an operation at it, or at one place of it (`index`: a number, or `-` behind the last). At the list itself
 * `add` unites, for what clients send is mostly one of many; `remove` takes away the named, or all where none is.
 */
export function patchedList(list: readonly string[], operation: PatchOperation, index: string | undefined): readonly string[] {
  const { op } = operation;
  if (index === undefined) {
    const given = textsOf(operation);
    if (op === "remove") {
      const gone = new Set(given);
      return given === undefined ? [] : list.filter((one) => !gone.has(one));
    }
    if (given === undefined)
      throw faulty([{ ...wrong(`${operation.pointer}/value`, "This is a text or a list of texts."), code: "wrong_type" }]);
    return bounded([...new Set(op === "add" ? [...list, ...given] : given)], operation);
  }
  return patchedPlace(list, operation, index);
}

/** No list of this surface may be longer; how long each may be is looked at in the end. */
const LIST_MAX = 10_000;

function bounded(list: readonly string[], { pointer }: PatchOperation): readonly string[] {
  if (list.length <= LIST_MAX) return list;
  throw faulty([{ ...wrong(`${pointer}/value`, `A list has at most ${LIST_MAX} members.`), code: "too_many" }]);
}

/** Where an operation at a place of a list of `length` works: a number, or `-` behind the last for `add`; `undefined`: there is no such place. */
export function placeIn(length: number, op: PatchOperation["op"], index: string): number | undefined {
  if (index === "-" && op === "add") return length;
  if (!/^(?:0|[1-9]\d{0,5})$/.test(index)) return undefined;
  const at = Number(index);
  return at < length || (op === "add" && at === length) ? at : undefined;
}

function patchedPlace(list: readonly string[], operation: PatchOperation, index: string): readonly string[] {
  const { op, pointer } = operation;
  const at = placeIn(list.length, op, index);
  if (at === undefined) throw faulty([wrong(`${pointer}/path`, `The list has no place ${index}.`)]);
  if (op === "remove") return list.toSpliced(at, 1);
  const [value, ...more] = textsOf(operation) ?? [];
  if (value === undefined || more.length > 0) throw faulty([{ ...wrong(`${pointer}/value`, "This is one text."), code: "wrong_type" }]);
  return [...new Set(list.toSpliced(at, op === "add" ? 0 : 1, value))];
}
