/** Spelled checks: what is read where it stands is what JSON reads; everything else is left to JSON. REEVE_SEED remakes a run. */
import { LIMITS, MARKS_A_CHECK } from "@reeve/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSpelled } from "./spelled.ts";

type Names = { readonly type: string; readonly id: string; readonly name: string; readonly path: string };
const NAMES: Names = { type: "user", id: "ann@acme", name: "view", path: "/sandboxes/prod/schemas/1" };
const itemOf = ({ type, id, name, path }: Names) => ({ subject: { type, id }, action: { name }, resource: { path } });
const ITEM = itemOf(NAMES);

/** The names of a body as they are read; `undefined`: they are left to JSON. */
function read(body: string, isBatch = true): readonly Names[] | undefined {
  // Behind other bytes, as in a chunk.
  const bytes = Buffer.from(`head${body}`, "latin1").subarray(4);
  const checks = readSpelled({ text: body, bytes }, isBatch);
  if (checks === undefined) return undefined;
  const { text, view, marks } = checks;
  const at = (mark: number): string => {
    const [from, to] = [marks[mark] as number, marks[mark + 1] as number];
    expect(Buffer.from(view.buffer, view.byteOffset + from, to - from).toString("latin1")).toBe(text.slice(from, to));
    return text.slice(from, to);
  };
  return Array.from({ length: marks.length / MARKS_A_CHECK }, (_, index) => {
    const own = index * MARKS_A_CHECK;
    return { type: at(own), id: at(own + 2), name: at(own + 4), path: at(own + 6) };
  });
}

/** The same by JSON, of bodies that hold nothing else: each member once, as a text of its kind. */
function parsed(body: string, isBatch: boolean): readonly Names[] {
  const value = JSON.parse(body) as { readonly evaluations: readonly (typeof ITEM)[] } | typeof ITEM;
  const items = isBatch && "evaluations" in value ? value.evaluations : [value as typeof ITEM];
  return items.map(({ subject, action, resource }) => ({ ...subject, ...action, ...resource }));
}

const batchOf = (...items: readonly string[]): string => `{"evaluations":[${items.join(",")}]}`;
const plain = fc.string({ unit: fc.constantFrom(..."abz019/@._-~ {}[]:,"), minLength: 1, maxLength: 12 });
const spaces = fc.constantFrom("", "", "", " ", "   ");

/** An object with its members in some order, with spaces. */
function spelled(members: readonly (readonly [string, fc.Arbitrary<string>])[]): fc.Arbitrary<string> {
  const member = ([name, value]: readonly [string, fc.Arbitrary<string>]) =>
    fc.tuple(spaces, spaces, spaces, value, spaces).map(([a, b, c, text, d]) => `${a}"${name}"${b}:${c}${text}${d}`);
  return fc
    .tuple(fc.shuffledSubarray([...members.keys()], { minLength: members.length }), ...members.map(member))
    .map(([order, ...texts]) => `{${order.map((index) => texts[index]).join(",")}}`);
}
const quoted = plain.map((text) => `"${text}"`);
const item = spelled([
  [
    "subject",
    spelled([
      ["type", quoted],
      ["id", quoted],
    ]),
  ],
  ["action", spelled([["name", quoted]])],
  ["resource", spelled([["path", fc.oneof(quoted, fc.constant('""'))]])],
]);

describe("spelled checks", () => {
  it("are read as JSON reads them, in any order and with spaces", () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), fc.array(plain, { maxLength: 3 }), (items, ids) => {
        const alike = ids.map((id) => JSON.stringify(itemOf({ ...NAMES, id, path: id })));
        const body = batchOf(...items, ...alike);
        expect(read(body)).toEqual(parsed(body, true));
        expect(read(items[0] as string, false)).toEqual(parsed(items[0] as string, false));
      }),
    );
  });

  it("are read as JSON reads them or not at all, whatever byte is another one, lacks or is too many", () => {
    const good = batchOf(...["a", "bb", "ccc"].map((id) => JSON.stringify(itemOf({ ...NAMES, id }))));
    const bytes = [...'"\\{}[]:, aZ09/\n\t\u0000\u001f\u007f'];
    let count = 0;
    for (let at = 0; at <= good.length; at++) {
      const [before, after, behind] = [good.slice(0, at), good.slice(at), good.slice(at + 1)];
      for (const body of [before, before + behind, ...bytes.flatMap((byte) => [before + byte + after, before + byte + behind])]) {
        const found = read(body);
        if (found === undefined) continue;
        count++;
        expect(found, body).toEqual(parsed(body, true));
        // Nothing was left away.
        expect(JSON.parse(body), body).toEqual({ evaluations: found.map(itemOf) });
      }
    }
    expect(count).toBeGreaterThan(1_000);
  });

  const text = JSON.stringify(ITEM);
  const others: Record<string, string> = {
    "no item": batchOf(),
    "another member of the batch": `{"evaluations":[${text}],"subject":{"type":"user","id":"a"}}`,
    "the batch's member twice": `{"evaluations":[${text}],"evaluations":[]}`,
    "a member that nobody knows": batchOf(text, text.replace('{"subject"', '{"x":1,"subject"')),
    "a member named as prototypes are": batchOf(text.replace('{"name"', '{"__proto__":{},"name"')),
    "a member twice": batchOf(text, text.replace('"action":', '"subject":{"type":"user","id":"eve"},"action":')),
    "a member twice for another": batchOf(text.replace('"action":{"name":"view"}', '"subject":{"type":"user","id":"eve"}')),
    "an id twice": batchOf(text.replace('"id":', '"id":"eve","id":')),
    "an id twice and no type": batchOf(text.replace('"type":"user"', '"id":"eve"')),
    "an escape": batchOf(text.replace("ann", String.raw`\u0061nn`)),
    "an escaped quote": batchOf(text.replace("ann", String.raw`ann\"`)),
    "an escape in a name of a member": batchOf(text.replace('"path"', String.raw`"\u0070ath"`)),
    "a control character": batchOf(text.replace("ann", "a\u0001nn")),
    "another kind": batchOf(text.replace('"view"', "1")),
    "an empty id": batchOf(text, text.replace("ann@acme", "")),
    "an id that is too long": batchOf(text, text.replace("ann@acme", "a".repeat(LIMITS.textCharactersMax + 1))),
    "a path that is too long": batchOf(text.replace("/sandboxes", `/${"a".repeat(LIMITS.pathCharactersMax)}`)),
    "too many items": batchOf(...new Array<string>(LIMITS.batchMax + 1).fill(text)),
    properties: batchOf(text.replace('"id":', '"properties":{},"id":')),
    "something behind it": `${batchOf(text)}x`,
    "an item that ends too early": batchOf(text, text.slice(0, -1)),
  };
  it.each(Object.entries(others))("with %s are left to JSON", (_, body) => {
    expect(read(body)).toBeUndefined();
  });

  it("may be as many as a batch takes", () => {
    const body = batchOf(...new Array<string>(LIMITS.batchMax).fill(text));
    expect(read(body)).toEqual(parsed(body, true));
  });

  it("are not changed by what is read next", () => {
    const bytes = Buffer.from(text);
    const checks = readSpelled({ text, bytes }, false);
    const marks = [...(checks?.marks ?? [])];
    read(batchOf(JSON.stringify(itemOf({ ...NAMES, type: "service-account" }))));
    expect([...(checks?.marks ?? [])]).toEqual(marks);
  });
});
