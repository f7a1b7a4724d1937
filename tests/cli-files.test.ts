/**
 * An organization as files: what is exported is applied again as it was, edited in place, compared, refused with places.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Rec } from "@reeve/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeOrganizations, inDirectory, runReeve, writable } from "./fake-organizations.ts";
import { canonical, failAt, organizations, same, TIMEOUT_MS } from "./reference/organizations.ts";

let fake = new FakeOrganizations();
beforeEach(() => {
  fake = new FakeOrganizations();
  vi.stubGlobal("fetch", fake.fetch);
});
afterEach(() => vi.unstubAllGlobals());

const dump = (records: readonly Rec[]): readonly string[] => records.map(canonical).sort();
const textsOf = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(directory, name)).isFile())
      .map((name) => [name, readFileSync(join(directory, name), "utf8")]),
  );

describe("random organizations", () => {
  it(
    "are exported and applied to an empty one as they were, and compared without a difference",
    async () => {
      for (const { seed, records } of organizations(71, 40)) {
        const of = writable(records);
        fake.put("A@x", of);
        await inDirectory(async (directory) => {
          const exported = await runReeve("export", "--org", "A@x", directory);
          if (exported.exit !== 0) failAt(seed, exported.err);
          const applied = await runReeve("apply", "--org", "B@x", "--create", directory);
          if (applied.exit !== 0) failAt(seed, applied.err);
          same(dump(fake.records("B@x")), dump(of), { seed, what: "import(export(organization))" });
          const diff = await runReeve("diff", "--org", "B@x", "--prune", directory);
          if (diff.exit !== 0) failAt(seed, diff.out + diff.err);
          fake.sent.length = 0;
          const again = await runReeve("apply", "--org", "B@x", "--prune", directory);
          same([again.exit, fake.sent.map(({ path }) => path)], [0, ["/v1/orgs/B%40x/export"]], { seed, what: "an apply of nothing" });
        });
        fake.all.clear();
      }
    },
    TIMEOUT_MS,
  );

  it(
    "edit the files of one another in place, and write nothing where nothing differs",
    async () => {
      let before: readonly Rec[] | undefined;
      for (const { seed, records } of organizations(72, 40)) {
        const of = writable(records);
        fake.put("B@x", of);
        await inDirectory(async (directory) => {
          fake.put("A@x", before ?? of);
          await runReeve("export", "--org", "A@x", directory);
          const edited = await runReeve("export", "--org", "B@x", directory);
          if (edited.exit !== 0) failAt(seed, edited.err);
          const diff = await runReeve("diff", "--org", "B@x", "--prune", directory);
          if (diff.exit !== 0) failAt(seed, diff.out + diff.err);
          const texts = textsOf(directory);
          const again = await runReeve("export", "--org", "B@x", directory);
          expect(again.out).toContain("no file differs");
          expect(textsOf(directory)).toEqual(texts);
        });
        before = of;
      }
    },
    TIMEOUT_MS,
  );
});

describe("the commands", () => {
  const standing: readonly Rec[] = [
    { kind: "organization", value: { name: "A", tenantIds: [] } },
    { kind: "principal", value: { id: "ada", type: "user", active: true } },
    { kind: "principal", value: { id: "bob", type: "user", active: true } },
  ];
  const FILE = "principals:\n  - { id: ada, type: user, name: Ada }\n  - { id: cy, type: user }\n";

  it("tell what differs, member by member, and end as diff does", async () => {
    fake.put("A@x", standing);
    await inDirectory(async (directory) => {
      writeFileSync(join(directory, "people.yml"), FILE);
      const { exit, out } = await runReeve("diff", "--org", "A@x", directory);
      expect(exit).toBe(1);
      expect(out).toBe(
        "~ principal ada\n    name: (nothing) → Ada\n+ principal cy\n1 added, 1 changed, 0 deleted, compared with revision e.1.\n" +
          "1 object that no file names is left alone; --prune would delete it.\n",
      );
      const json = await runReeve("diff", "--org", "A@x", "--prune", "--output", "json", join(directory, "people.yml"));
      expect(JSON.parse(json.out)).toMatchObject({
        revision: "e.1",
        differences: [
          { difference: "changed", kind: "principal", key: ["ada"], members: [{ member: "name", after: "Ada" }] },
          { difference: "deleted", key: ["bob"] },
          { difference: "added", key: ["cy"], after: { id: "cy", type: "user", active: true } },
        ],
        unnamed: 1,
      });
      expect((await runReeve("diff", "--org", "A@x", join(directory, "nothing"))).exit).toBe(2);
    });
  });

  it("delete only with --prune and --yes", async () => {
    fake.put("A@x", standing);
    await inDirectory(async (directory) => {
      writeFileSync(join(directory, "people.yaml"), FILE);
      const asked = await runReeve("apply", "--org", "A@x", "--prune", directory);
      expect([asked.exit, asked.err]).toEqual([2, expect.stringContaining("--yes")]);
      expect(fake.records("A@x")).toHaveLength(3);
      await runReeve("apply", "--org", "A@x", directory);
      expect(fake.records("A@x")).toHaveLength(4);
      const { exit } = await runReeve("apply", "--org", "A@x", "--prune", "--yes", directory);
      expect([exit, fake.records("A@x").length]).toEqual([0, 3]);
    });
  });

  it("tell what a write would refuse with its place in the files, and send nothing", async () => {
    fake.put("A@x", standing);
    await inDirectory(async (directory) => {
      writeFileSync(join(directory, "m.yaml"), "memberships:\n  nobody:\n    - ada\n    - zed\n");
      const { exit, err } = await runReeve("apply", "--org", "A@x", directory);
      expect(exit).toBe(2);
      expect(err).toContain("m.yaml:2:3: membership nobody ada: There is no principal nobody. (unknown_reference)");
      expect(err).toContain("m.yaml:4:7: membership nobody zed: There is no principal zed. (unknown_reference)");
      expect(fake.sent.map(({ path }) => path)).toEqual(["/v1/orgs/A%40x/export"]);
    });
  });

  it("take no export that was cut off for one", async () => {
    const whole = (await fake.fetch("http://x/v1/orgs/none/export")).status;
    expect(whole).toBe(404);
    vi.stubGlobal("fetch", async () => new Response('{"revision":"e.1"}\n{"kind":"label","value":{"id":"core/A"}}\n'));
    await inDirectory(async (directory) => {
      const { exit, err } = await runReeve("export", "--org", "A@x", directory);
      expect([exit, err]).toEqual([6, expect.stringContaining("cut off after 1 records")]);
      expect(textsOf(directory)).toEqual({});
    });
  });

  it("run cases against files, and say what was expected, what came and why", async () => {
    await inDirectory(async (directory) => {
      const product = `product:
  id: notes
  boundedBy: none
  settings: {}
  types: { notes: { actions: { read: [R] } } }
  permissionSets: []
  roles: []
  policies: []
  operations: []
`;
      writeFileSync(
        join(directory, "notes.yaml"),
        `${product}---\n${FILE}resources: [{ path: /notes/1 }]\ngrants:\n  /notes/1: [{ principal: ada, access: R, reach: self }]\n`,
      );
      const cases = `cases:
  - title: Ada reads
    ask: { principal: user ada, action: read, resource: /notes/1 }
    expect: { decision: allow, evidence: { source: access } }
  - title: Cy reads
    ask: { principal: user cy, action: read, resource: /notes/1 }
    expect: allow
`;
      await inDirectory(async (other) => {
        const file = join(other, "cases.yaml");
        writeFileSync(file, cases);
        const { exit, out } = await runReeve("test", file, "--against", directory);
        expect(exit).toBe(1);
        expect(out).toContain("  ok    Ada reads\n  FAIL  Cy reads\n");
        expect(out).toMatch(
          /cases\.yaml:5:5\n +expected allow, came deny\n +because: .*\(no_access\)\n +missing: access R on \/notes\/1\n1 passed, 1 failed\.\n$/,
        );
        writeFileSync(file, `${cases}  - { title: x, ask: { principal: ada, action: read, resource: /notes/1 }, expect: maybe }\n`);
        const faulty = await runReeve("test", file, "--against", directory);
        expect(faulty.exit).toBe(2);
        expect(faulty.err).toMatch(
          /cases\.yaml:8:\d+: A principal is .*\n.*cases\.yaml:8:\d+: maybe is no decision\. Allowed: allow, deny\./,
        );
      });
    });
  });
});
