import { describe, expect, it } from "vitest";
import { readSources } from "./read-files.ts";
import { faultLine } from "./told.ts";
import { readSource } from "./yaml-source.ts";

const reading = (...texts: readonly string[]) => {
  const read = readSources(texts.map((text, index) => readSource(index === 0 ? "a.yaml" : `${index}.yaml`, Buffer.from(text))));
  return { values: [...read.placed.values()].map(({ rec }) => rec.value), faults: read.faults.map(faultLine) };
};

describe("files of an organization", () => {
  it("are read by their sections, in one document or in many, by groups and tables", () => {
    const text = [
      "principals: [{ id: ada, type: user }]",
      "memberships:",
      "  team:",
      "    - ada",
      '    - { member: bob, notAfter: "2026-01-02T03:04:05Z", notBefore: 5 }',
      "---",
      "settings: { p: { strict: true } }",
      "operationRules:",
      "  p: { op: [] }",
      "grants:",
      "  /x/1: [{ principal: ada, access: R, reach: self, givenBy: root, givenAt: 2026-01-02T03:04:05.678Z }]",
    ].join("\r\n");
    expect(reading(`\ufeff${text}`)).toEqual({
      faults: [],
      values: [
        { id: "ada", type: "user", active: true },
        { group: "team", member: "ada" },
        { group: "team", member: "bob", notAfter: 1767323045000, notBefore: 5 },
        { product: "p", name: "strict", value: true },
        { product: "p", operation: "op", alternatives: [] },
        { principal: "ada", resource: "/x/1", access: "R", reach: "self", givenBy: "root", givenAt: 1767323045678 },
      ],
    });
  });

  it("tell every fault at once, with file, line, column, the item and what is allowed", () => {
    const people = "principals:\n  - { id: ada, type: usr }\n  - id: 0123\n    type: user\n    colour: red\n  - { type: user }\n";
    const { faults } = reading(people, "grants:\n  nowhere:\n    - { principal: ada, access: RWXO, reach: self }\nrolls: []\n");
    expect(faults).toEqual([
      expect.stringMatching(/^a\.yaml:2:22: principal ada: .*Allowed: user, group, service-account\. \(not_allowed\)$/),
      expect.stringMatching(/^a\.yaml:3:9: principal: This must be a string\. In quotes it is one: "0123"\. \(wrong_type\)$/),
      expect.stringMatching(/^a\.yaml:5:13: principal: colour: .* \(unknown_member\)$/),
      expect.stringMatching(/^a\.yaml:6:5: principal: id: This member is required\. \(required\)$/),
      expect.stringMatching(/^1\.yaml:2:3: grant ada nowhere self: .*\(malformed_path\)$/),
      expect.stringMatching(/^1\.yaml:3:33: grant ada nowhere self: Owner access .* Allowed: R, RX, RW, RWX\. \(not_allowed\)$/),
      expect.stringMatching(/^1\.yaml:4:1: There is no section rolls\. Allowed: product, organization, .*\(unknown_member\)$/),
    ]);
  });

  it("name both places of a key that stands twice, and of a slot of grants", () => {
    const { faults } = reading(
      "labels:\n  - { id: core/A }\ngrants:\n  /:\n    - { principal: a, access: R, reach: self }\n",
      "labels:\n\n  - { id: core/A, name: B }\ngrants:\n  /:\n    - { principal: a, access: R, reach: subtree }\n",
    );
    expect(faults).toEqual([
      "1.yaml:3:5: label core/A: This stands already at a.yaml:2:5. (duplicate)",
      "1.yaml:6:7: grant a / subtree: This stands already at a.yaml:5:7. (duplicate)",
    ]);
  });

  it.each([
    ["a key twice", "labels: []\nlabels: []", /a\.yaml:2:1: labels stands already at a\.yaml:1:1\. \(duplicate\)/],
    ["a prototype's name", "principals: [{ id: a, type: user, __proto__: { x: 1 } }]", /__proto__.*\(reserved\)|This name is reserved/],
    ["a prototype's name in properties", "principals: [{ id: a, type: user, properties: { constructor: 1 } }]", /reserved/],
    ["an anchor", "labels: [&a { id: core/A }]", /a\.yaml:1:.*anchors are not read/],
    ["a bomb of aliases", "a: &a [x]\nlabels: [*a, *a]", /anchors|aliases|no section/],
    ["a tag", "labels: [{ id: !!binary aGk= }]", /Tags/],
    ["a tab", "labels:\n\t- { id: core/A }", /a\.yaml:2:.*\(malformed_yaml\)/],
    ["another version", "%YAML 1.1\n---\nlabels: []", /YAML 1\.1 is not read here/],
    ["a number too long", "principals: [{ id: a, type: user, properties: { n: 12345678901234567890 } }]", /cannot be kept as a number/],
    ["no number", "principals: [{ id: a, type: user, properties: { n: .nan } }]", /\.nan cannot be kept as a number\. [^\n]*$/],
    ["yes for a boolean", "settings: { p: { s: yes } }", /settings?.*true or false/],
    ["a day that is none", "memberships: { g: [{ member: a, notAfter: 2026-02-30T00:00:00Z }] }", /is no time/],
    ["a list at the top", "- 1", /object of sections/],
    ["nesting without end", "[".repeat(100_000), /malformed_yaml/],
    ["nesting that ends", `principals: [{ id: a, type: user, properties: { x: ${"[".repeat(20_000)}${"]".repeat(20_000)} } }]`, /nested/],
    ["a section that is no list", "labels: { a: 1 }", /must be a list/],
  ])("refuse %s", (_, text, told) => {
    const { faults, values } = reading(text);
    expect(faults.join("\n")).toMatch(told);
    expect(values).toEqual([]);
  });

  it("refuse what is no UTF-8", () => {
    expect(readSource("a.yaml", Uint8Array.of(0xff, 0xfe, 0x20)).faults[0]?.detail).toBe("The file is not UTF-8.");
  });

  it("keep texts that look like something else", () => {
    const { values, faults } = reading(
      'labels:\n  - { id: core/1, name: no }\n  - { id: core/2, name: "010" }\n  - { id: core/3, name: 1:30 x }\n',
    );
    expect([values, faults]).toEqual([
      [
        { id: "core/1", name: "no" },
        { id: "core/2", name: "010" },
        { id: "core/3", name: "1:30 x" },
      ],
      [],
    ]);
  });
});
