import { parseRecord, type Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { editFiles } from "./edit-files.ts";
import { readSources } from "./read-files.ts";
import { readSource } from "./yaml-source.ts";

const rec = (kind: string, value: unknown): Rec => {
  const parsed = parseRecord(kind, value);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};

/** The text of a file after what `change` makes of its records was exported onto it. */
function edited(text: string, change: (records: readonly Rec[]) => readonly Rec[]): Record<string, string> {
  const read = readSources([readSource("d/all.yaml", Buffer.from(text))]);
  expect(read.faults).toEqual([]);
  const files = editFiles(read, change([...read.placed.values()].map(({ rec: one }) => one)), "d");
  if (!files.ok) throw new Error(files.error.lines.join("\n"));
  return Object.fromEntries(files.value.map((file) => [file.path, file.text]));
}
const withValue = (records: readonly Rec[], id: string, members: object): readonly Rec[] =>
  records.map((one) => ("id" in one.value && one.value.id === id ? rec(one.kind, { ...one.value, ...members }) : one));

const FILE = `# Everybody who works here.

principals:
    # The first one.
    -   {type: user,   id: amy}   # she was here before
    - id: bob # he too
      type: user
      # until the summer
      name: 'Bob'

    # The contractors:
    - {type: user, id: con}
memberships: {team: [bob, amy]}
`;

describe("a file that is edited in place", () => {
  it("is left alone where nothing differs, whatever its style", () => {
    expect(edited(FILE, (records) => records.toReversed())).toEqual({});
  });

  it("changes the member that differs, and keeps comments, order, quotes and indentation", () => {
    expect(edited(FILE, (records) => withValue(records, "bob", { name: "Robert", active: false }))).toEqual({
      "d/all.yaml": FILE.replace("name: 'Bob'\n", "name: Robert\n      active: false\n"),
    });
  });

  it("changes an item on one line, in the order of its members", () => {
    expect(edited(FILE, (records) => withValue(records, "amy", { name: "Amy" }))).toEqual({
      "d/all.yaml": FILE.replace("{type: user,   id: amy}", "{ type: user, id: amy, name: Amy }"),
    });
  });

  it("takes out an item with the comment above it, and its membership", () => {
    const without = (records: readonly Rec[]) => records.filter(({ value }) => !Object.values(value).includes("bob"));
    const text = FILE.replace(/ {4}- id: bob[\s\S]*'Bob'\n/, "").replace("{team: [bob, amy]}", "{ team: [amy] }");
    expect(edited(FILE, without)).toEqual({ "d/all.yaml": text });
  });

  it("puts a new item before the first that is greater and its comment", () => {
    expect(edited(FILE, (records) => [...records, rec("principal", { id: "cab", type: "user" })])).toEqual({
      "d/all.yaml": FILE.replace("    # The contractors:\n", "    - { id: cab, type: user }\n    # The contractors:\n"),
    });
  });

  it("writes a section that is new to the file that is its own", () => {
    expect(edited(FILE, (records) => [...records, rec("label", { id: "core/A" })])).toEqual({
      "d/labels.yaml": "labels:\n  - { id: core/A }\n",
    });
  });

  it("keeps the ends of its lines", () => {
    const text = FILE.replaceAll("\n", "\r\n");
    expect(edited(text, (records) => withValue(records, "bob", { name: "Robert", active: false }))).toEqual({
      "d/all.yaml": text.replace("name: 'Bob'\r\n", "name: Robert\r\n      active: false\r\n"),
    });
  });
});
