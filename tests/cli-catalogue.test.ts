/**
 * `reeve catalogue import`, `diff`, `map` and `list` against a real server: plans that change nothing, imports that do, faults with their
 * places, exit codes for pipelines, and questions at a terminal.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Inside, reeveInside, type Terminal } from "./cli-inside.ts";
import { reeve, type Started, shell, startReeve } from "./cli-server.ts";
import { BAD_JSON, BAD_LINES, CLINIC, CLINIC_WITH_LIST, CLINIC_WITH_UNMAPPED, longDocument } from "./clinic-documents.ts";

let home: string;
let server: Started;
let token: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "reeve-catalogue-"));
  server = await startReeve({ environment: { REEVE_DATA_DIR: join(home, ".reeve") } });
  token = readFileSync(join(home, ".reeve/admin-token"), "utf8").trim();
});
afterAll(async () => {
  await server?.stop();
  rmSync(home, { recursive: true, force: true });
});

const file = (name: string, text: string): string => {
  writeFileSync(join(home, name), text);
  return join(home, name);
};

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests that say what they expect.
async function call(path: string, body?: object, method = "POST"): Promise<any> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(`${server.url}/v1/orgs${path}`, {
    headers,
    ...(body === undefined ? {} : { method, body: JSON.stringify(body) }),
  });
  return response.json();
}

let organizations = 0;
async function freshOrganization(): Promise<string> {
  const id = `C${++organizations}@ReeveOrg`;
  await call("", { id, name: id });
  return id;
}

/** Runs the command line in this process; at a terminal where one is given. */
const reeveIn = (org: string, words: readonly string[], terminal?: Terminal): Promise<Inside> =>
  reeveInside(["catalogue", ...words], { environment: { REEVE_URL: server.url, REEVE_TOKEN: token, REEVE_ORG: org }, terminal });

const importing = (path: string, ...more: readonly string[]): string[] => ["import", path, "--product", "clinic", ...more];
const revisionOf = async (org: string): Promise<string> =>
  (await call(`/${org}/check`, { subject: { type: "user", id: "x" }, action: { name: "x" }, resource: { path: "/" } })).context.revision;
const codeOf = async (org: string, [method, target]: readonly [string, string]): Promise<string> => {
  const { context } = await call(`/${org}/operations/check`, { subject: { type: "user", id: "ann" }, product: "clinic", method, target });
  return context.reasons[0].code;
};

/** An organization with the clinic in it. */
async function clinic(text: string): Promise<string> {
  const org = await freshOrganization();
  const { exit, err } = await reeveIn(org, importing(file("imported.yaml", text), "--apply", "--yes", "--quiet"));
  expect([exit, err]).toEqual([0, ""]);
  return org;
}

describe("catalogue import", () => {
  it("tells a plan and changes nothing, then does it, and then has nothing to do", async () => {
    const org = await freshOrganization();
    const path = file("clinic.yaml", CLINIC_WITH_UNMAPPED);
    const before = await revisionOf(org);
    const planned = await reeveIn(org, importing(path));
    expect(planned.exit).toBe(1);
    expect(planned.out).toBe(`+ product clinic
+ permission set ward-edit
+ built-in role nurse
+ GET /wards/{wardId}: role nurse, on /ward/{wardId}
+ DELETE /wards/{wardId}: permission ward-edit, on /ward/{wardId}
+ PUT /wards/{wardId}: no rule
Without a rule, and changing something: refused to everybody until there is one:
  ${path}:19:5: PUT /wards/{wardId}
3 added, 0 changed, 0 unchanged, 0 orphaned; 1 mutation and 0 reads without a rule.
Nothing was changed yet: --apply imports it (6 objects).
`);
    expect(await revisionOf(org)).toBe(before);
    const applied = await reeveIn(
      org,
      importing(path, "--apply", "--yes", "--reason", "because", "--source", "the clinic", "--name", "The clinic"),
    );
    expect(applied.exit).toBe(0);
    const revision = await revisionOf(org);
    expect(applied.out).toMatch(
      new RegExp(`\\nImported: 6 objects, revision ${revision}, change set [\\w-]+\\.\\nRules that would fit: .*map --product clinic\\n$`),
    );
    expect((await call(`/${org}/change-sets?limit=1`)).items[0]).toMatchObject({ action: "catalogue.import", reason: "because" });
    expect(await call(`/${org}/operations/clinic/getWard`)).toMatchObject({ source: "the clinic", target: "/ward/{wardId}" });
    expect(await call(`/${org}/products/clinic`)).toMatchObject({ name: "The clinic" });
    const again = await reeveIn(org, importing(path, "--apply"));
    expect([again.exit, again.out.trimEnd().split("\n").at(-1)]).toEqual([0, "Nothing is left to import."]);
    expect(await revisionOf(org)).toBe(revision);
  });

  it("tells which members change, what becomes an orphan, and what only a part of the product leaves alone", async () => {
    const org = await clinic(CLINIC);
    const next = file("next.yaml", CLINIC.replace("profiles: [Nurse]", "permission: Ward Edit").replace(/ {4}delete:[\s\S]*$/, ""));
    const planned = await reeveIn(org, importing(next));
    expect(planned.out).toContain("~ GET /wards/{wardId}\n    rule: role nurse → permission ward-edit\n");
    expect(planned.out).toContain("- DELETE /wards/{wardId}: not in the document; it stays, as an orphan, and is enforced\n");
    const partial = await reeveIn(org, importing(next, "--partial", "--base-path", "/v2", "--output", "json"));
    const value = JSON.parse(partial.out);
    expect([partial.exit, partial.err, value.plan.orphaned, value.plan.added[0].operation.path]).toEqual([1, "", [], "/v2/wards/{wardId}"]);
  });

  it("refuses a bad document with every fault at its place, in JSON and in YAML, and imports nothing", async () => {
    const org = await freshOrganization();
    const json = file("bad.json", BAD_JSON);
    const { exit, out, err } = await reeveIn(org, importing(json, "--apply", "--yes", "--quiet"));
    expect([exit, out]).toEqual([2, ""]);
    const [head, ...lines] = err.trimEnd().split("\n");
    expect(head).toBe(`${json}: ${BAD_LINES.length} faults; nothing was changed.`);
    expect(lines.map((line) => Number(/^ {2}.*bad\.json:(\d+):\d+: .*\(\w+\)$/.exec(line)?.[1]))).toEqual(BAD_LINES);
    expect(err).toContain("Did you mean");
    const yaml = file("bad.yaml", CLINIC.replace("operationId: getWard", "operationId: [5]").replace("description: It", "describtion: It"));
    const other = await reeveIn(org, importing(yaml, "--apply", "--yes"));
    expect([other.exit, other.err]).toEqual([
      2,
      expect.stringMatching(/bad\.yaml:12:7: .*\n.*bad\.yaml:17:20: .*\n.*bad\.yaml:17:29: .* Allowed: description, /),
    ]);
    const asked = await reeveIn(org, importing(yaml, "--output", "json"));
    expect([asked.exit, asked.err, JSON.parse(asked.out).state]).toEqual([2, "", "refused"]);
    expect((await call(`/${org}/products/clinic`)).code).toBe("object_not_found");
  });

  it("refuses rules that name what there is not, and files that cannot be read", async () => {
    const org = await freshOrganization();
    const path = file("wrong.yaml", CLINIC.replace("permission: Ward Edit", "permission: Ward Edt"));
    const { exit, err } = await reeveIn(org, importing(path, "--apply", "--yes", "--quiet"));
    expect([exit, err]).toEqual([
      2,
      expect.stringMatching(
        /1 problem; nothing was changed\.\n {2}.*wrong\.yaml:18:\d+: .*Did you mean "Ward Edit"\?.*\(unknown_permission\)\n$/,
      ),
    ]);
    expect(await reeveIn(org, importing(join(home, "nothing.yaml")))).toMatchObject({
      exit: 2,
      err: expect.stringContaining("it is not there"),
    });
    expect(await reeveIn(org, importing(home))).toMatchObject({ exit: 2, err: expect.stringContaining("it is a directory") });
    writeFileSync(join(home, "latin"), Uint8Array.of(0x61, 0xe9));
    expect(await reeveIn(org, importing(join(home, "latin")))).toMatchObject({ exit: 2, err: expect.stringContaining("not UTF-8") });
    expect((await reeveIn("Nowhere@ReeveOrg", importing(path, "--quiet"))).exit).toBe(5);
  });

  it("is applied at a terminal after a yes, not after anything else, and not where somebody wrote in between", async () => {
    const org = await freshOrganization();
    const path = file("clinic.yaml", CLINIC);
    const none = await reeveIn(org, importing(path, "--apply"));
    expect([none.exit, none.err]).toEqual([2, expect.stringContaining("--yes")]);
    for (const said of ["n", "", undefined]) {
      expect(await reeveIn(org, importing(path, "--apply"), { answer: () => said })).toMatchObject({
        exit: 1,
        out: expect.stringMatching(/Nothing was changed\.\n$/),
      });
    }
    const late = await reeveIn(org, importing(path, "--apply"), {
      answer: async () => {
        await call(`/${org}/changes`, { changes: [{ put: { kind: "principal", value: { id: "late", type: "user" } } }] });
        return "y";
      },
    });
    expect([late.exit, late.err]).toEqual([2, expect.stringContaining("revision_conflict")]);
    expect((await call(`/${org}/products/clinic`)).code).toBe("object_not_found");
    const questions: string[] = [];
    const answered = await reeveIn(org, importing(path, "--apply"), {
      answer: (question) => (questions.push(question) < 2 ? "what?" : "Y"),
    });
    expect([answered.exit, questions]).toEqual([0, Array(2).fill("Import this (5 objects)? [y/N] ")]);
  });

  it("shows how far it is: a bar at a terminal, a line a stage elsewhere, nothing when it shall be quiet", async () => {
    const org = await freshOrganization();
    const path = file("long.json", longDocument(1_000));
    const lines = await reeveIn(org, importing(path));
    expect([lines.exit, lines.out.includes("1000 added")]).toEqual([1, true]);
    expect(lines.err.split("\n")).toEqual(expect.arrayContaining([`${path}: sending`, `${path}: reading the text`]));
    expect(lines.err).not.toContain("\r");
    const bar = await reeveIn(org, importing(path), { answer: () => undefined });
    expect(bar.err).toMatch(/^\r\[\.{24}\] {3}0 % sending *\r\[/);
    expect(bar.err).toMatch(/\r +\r$/);
    for (const quiet of [["--quiet"], ["--output", "yaml"]]) expect((await reeveIn(org, importing(path, ...quiet))).err).toBe("");
  });

  it("reads a document from stdin, as a process", async () => {
    const org = await freshOrganization();
    const environment = { REEVE_URL: server.url, REEVE_TOKEN: token, REEVE_ORG: org };
    const path = file("clinic.yaml", CLINIC);
    const { code, out } = await shell(`npm run -s reeve -- catalogue import - --product clinic --apply --yes < "${path}"`, { environment });
    expect([code, out]).toEqual([0, expect.stringContaining("Imported: 5 objects")]);
    expect((await reeve(["catalogue", ...importing(path, "--apply", "--quiet")], { environment })).code).toBe(0);
  });
});

describe("catalogue diff", () => {
  const files = (before: string, after: string): string[] => ["diff", file("before.yaml", before), file("after.yaml", after)];

  it("ends with 0 where nothing differs but words, with 1 where more does, and with 7 for an unmapped mutation", async () => {
    const same = await reeveIn("", files(CLINIC, CLINIC));
    expect([same.exit, same.out]).toEqual([0, "No differences.\n"]);
    const words = await reeveIn("", files(CLINIC, CLINIC.replace('version: "1"', 'version: "2"')));
    expect([words.exit, words.out]).toEqual([
      0,
      '~ version: "1" → "2"\n0 added, 0 removed, 0 changed. Only words differ: nothing that permissions depend on.\n',
    ]);
    const more = await reeveIn("", files(CLINIC_WITH_UNMAPPED, CLINIC_WITH_LIST));
    expect([more.exit, more.out]).toEqual([
      1,
      "+ GET /wards: any role\n1 added, 0 removed, 0 changed.\n1 mutation had no rule before either.\n",
    ]);
    const fewer = await reeveIn("", files(CLINIC_WITH_UNMAPPED, CLINIC));
    expect([fewer.exit, fewer.out]).toEqual([1, "- PUT /wards/{wardId}\n0 added, 1 removed, 0 changed.\n"]);
    const unmapped = await reeveIn("", files(CLINIC, CLINIC_WITH_UNMAPPED));
    expect([unmapped.exit, unmapped.out]).toEqual([
      7,
      expect.stringMatching(/after\.yaml:19:5: PUT \/wards\/\{wardId\}\n1 added, 0 removed, 0 changed; 1 unmapped mutation\.\n$/),
    ]);
    const lost = await reeveIn("", [...files(CLINIC, CLINIC.replace(/ {6}x-authorization: \{ permission.*\n/, "")), "--output", "json"]);
    expect([lost.exit, JSON.parse(lost.out)]).toMatchObject([
      7,
      {
        changed: [{ method: "DELETE", members: [{ member: "rule", before: [{ permission: "Ward Edit" }] }, { member: "scope" }] }],
        unmappedMutations: [{ method: "DELETE", path: "/wards/{wardId}", at: { line: 15 } }],
      },
    ]);
  });

  it("tells rules that changed as they were and as they are", async () => {
    const { exit, out } = await reeveIn("", files(CLINIC, CLINIC.replace("profiles: [Nurse]", "anyRole: true")));
    expect([exit, out]).toEqual([1, "~ GET /wards/{wardId}\n    rule: role Nurse → any role\n0 added, 0 removed, 1 changed.\n"]);
  });

  it("tells the faults of both documents at once, and what does not go together", async () => {
    const { exit, out, err } = await reeveIn("", [...files(BAD_JSON, CLINIC.replace("openapi: 3.1.0", "openapi: 4.0.0")), "--quiet"]);
    expect([exit, out]).toEqual([2, ""]);
    expect(err).toMatch(/before\.yaml: 4 faults[\s\S]*after\.yaml: 1 fault;[\s\S]*after\.yaml:1:1: /);
    const path = file("clinic.yaml", CLINIC);
    for (const words of [
      ["diff", path],
      ["diff", path, path, "--product", "p"],
      ["diff", path, path, "--partial"],
      ["diff", "-", "-"],
    ]) {
      expect((await reeveIn("", words)).exit).toBe(2);
    }
  });

  it("compares with what stands on the server, with the rules given there, and changes nothing", async () => {
    const org = await clinic(CLINIC);
    const before = await revisionOf(org);
    const against = (text: string): Promise<Inside> => reeveIn(org, ["diff", file("newer.yaml", text), "--product", "clinic", "--quiet"]);
    expect(await against(CLINIC)).toMatchObject({ exit: 0, out: "No differences.\n" });
    expect(await against(CLINIC_WITH_UNMAPPED)).toMatchObject({
      exit: 7,
      out: expect.stringContaining("newer.yaml:19:5: PUT /wards/{wardId}"),
    });
    expect(await against(CLINIC.replace(/ {4}delete:[\s\S]*$/, ""))).toMatchObject({
      exit: 1,
      out: expect.stringContaining("would stay, as an orphan"),
    });
    expect(await against(CLINIC.replace("permission: Ward Edit", "permission: Ward Edt"))).toMatchObject({ exit: 2 });
    expect(await reeveIn(org, ["diff", file("newer.yaml", CLINIC), "--product", "clinik", "--quiet"])).toEqual({
      exit: 5,
      out: "",
      err: `There is no product clinik in ${org} to compare with. Did you mean clinic?\n`,
    });
    expect(await revisionOf(org)).toBe(before);
    await reeveIn(org, importing(file("imported.yaml", CLINIC_WITH_UNMAPPED), "--apply", "--yes"));
    const standing = await against(CLINIC_WITH_UNMAPPED);
    expect([standing.exit, standing.out]).toEqual([0, "No differences.\n1 mutation had no rule before either.\n"]);
  });
});

describe("catalogue map and list", () => {
  it("show what has no rule, with the rule that would fit and why, and write nothing", async () => {
    const org = await clinic(CLINIC_WITH_UNMAPPED);
    const before = await revisionOf(org);
    const { exit, out, err } = await reeveIn(org, ["map", "--product", "clinic"]);
    expect(exit).toBe(0);
    expect(out).toMatch(
      /^OPERATION +METHOD +PATH +SUGGESTION +TARGET +SURE +WHY\neditWard +PUT +\/wards\/\{wardId\} +permission ward-edit +\/ → \/ward\/\{wardId\} +high +\S.*\n$/,
    );
    expect(err).toContain("1 operation without a rule; 1 could be taken over");
    const items = JSON.parse((await reeveIn(org, ["map", "--product", "clinic", "-o", "json"])).out).items;
    expect(items).toMatchObject([{ operation: "editWard", target: "/", suggestion: { alternatives: [{ permission: "ward-edit" }] } }]);
    expect(await revisionOf(org)).toBe(before);
    expect((await reeveIn(org, ["list"])).out).toMatch(/\nclinic +Clinic +3 +1 +0 +0\n/);
    expect(await reeveIn(org, ["map", "--product", "clinik"])).toMatchObject({
      exit: 5,
      err: expect.stringContaining("Did you mean clinic?"),
    });
  });

  it("take over what is named, rule and target in one change set, and an import keeps both", async () => {
    const org = await clinic(CLINIC_WITH_UNMAPPED);
    expect(await codeOf(org, ["PUT", "/wards/7"])).toBe("unmapped_operation");
    const wrong = await reeveIn(org, ["map", "--product", "clinic", "--take", "editWard", "--take", "editWrd", "--take", "getWard"]);
    expect([wrong.exit, wrong.err]).toEqual([
      2,
      "No operation editWrd is without a rule. Did you mean editWard?\nNo operation getWard is without a rule.\n",
    ]);
    expect(await codeOf(org, ["PUT", "/wards/7"])).toBe("unmapped_operation");
    const taken = await reeveIn(org, ["map", "--product", "clinic", "--take", "editWard"]);
    expect([taken.exit, taken.out]).toEqual([
      0,
      expect.stringMatching(/^Taken over: PUT \/wards\/\{wardId\}: permission ward-edit, on \/ward\/\{wardId\}\n/),
    ]);
    const [last] = (await call(`/${org}/change-sets?limit=1`)).items;
    expect(last).toMatchObject({ changes: 2, reason: expect.stringContaining("PUT /wards/{wardId}") });
    expect(await call(`/${org}/operations/clinic/editWard`)).toMatchObject({ target: "/ward/{wardId}" });
    expect(await codeOf(org, ["PUT", "/wards/7"])).toBe("unknown_principal");
    const again = await reeveIn(org, importing(file("imported.yaml", CLINIC_WITH_UNMAPPED)));
    expect([again.exit, again.out]).toEqual([
      0,
      "0 added, 0 changed, 3 unchanged, 0 orphaned; all have a rule.\nNothing is left to import.\n",
    ]);
    expect((await reeveIn(org, ["map", "--product", "clinic"])).out).toBe("");
  });

  it("ask for each at a terminal, write each yes, and stop when they are told to", async () => {
    const org = await clinic(CLINIC_WITH_UNMAPPED);
    const words = ["map", "--product", "clinic", "--interactive"];
    expect(await reeveIn(org, words)).toMatchObject({ exit: 2, err: expect.stringContaining("--take") });
    expect(await reeveIn(org, [...words, "--take", "editWard"], { answer: () => "y" })).toMatchObject({ exit: 2 });
    for (const said of ["n", "skip", "q", undefined]) {
      expect(await reeveIn(org, words, { answer: () => said })).toMatchObject({
        exit: 0,
        out: expect.stringContaining("0 of 1 taken over."),
      });
    }
    const late = await reeveIn(org, words, {
      answer: async () => {
        await call(`/${org}/operation-rules/clinic/editWard`, { alternatives: [{ anyRole: true }] }, "PUT");
        return "y";
      },
    });
    expect([late.exit, late.err]).toEqual([2, expect.stringContaining("object_changed")]);
    expect(await call(`/${org}/operation-rules/clinic/editWard`)).toMatchObject({ alternatives: [{ anyRole: true }] });
    const other = await clinic(CLINIC_WITH_UNMAPPED);
    const yes = await reeveIn(other, words, { answer: () => "y" });
    expect([yes.exit, yes.out]).toEqual([
      0,
      expect.stringMatching(/^1 of 1: PUT \/wards\/\{wardId\} \(editWard\)\n {2}rule: permission ward-edit\n[\s\S]*1 of 1 taken over\.\n$/),
    ]);
    expect(await call(`/${other}/operation-rules/clinic/editWard`)).toMatchObject({ alternatives: [{ permission: "ward-edit" }] });
  });
});
