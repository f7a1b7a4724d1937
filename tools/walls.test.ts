/**
 * Walls that nobody tried are drawings. Here a small copy of the house is planted with one breach for every line of the import table,
 * every banned call and every size limit, and each tool is run over it once and must name file and rule.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import config from "../.dependency-cruiser.mjs";
import { ROOT } from "./steps.ts";
import { type Finding, ruleNames, tidy } from "./tidy.ts";

const SERVER = "packages/server/src";
const DOORS = [
  ...["core", "contract", "openapi", "server", "cli"].map((name) => `packages/${name}/src/index.ts`),
  ...["core/src/model", "core/src/engine"].map((name) => `packages/${name}/index.ts`),
  ...["store", "store/memory", "store/sql", "feed", "identity", "audit", "app", "http/native", "http/aep"].map(
    (name) => `${SERVER}/${name}/index.ts`,
  ),
  ...[
    `${SERVER}/main.ts`,
    `${SERVER}/config.ts`,
    `${SERVER}/http/problem.ts`,
    "tests/require.ts",
    "packages/core/src/model/limits.test.ts",
  ],
];
const LIBRARIES = [
  "json-logic-engine",
  "typebox",
  "better-sqlite3",
  "pg",
  "jose",
  "fastify",
  "@fastify/swagger",
  "pino",
  "commander",
  "vitest",
  "yaml",
  "ajv-draft-04",
];

/** What each room must not import. The last one is forbidden to the room's tests too. */
const roomBreaches: readonly { readonly room: string; readonly folder: string; readonly never: readonly string[] }[] = [
  { room: "core/model", folder: "packages/core/src/model", never: ["node:fs", "json-logic-engine", "../engine/index.ts"] },
  { room: "core/engine", folder: "packages/core/src/engine", never: ["node:timers", "pino", "../index.ts"] },
  { room: "core/cases", folder: "packages/core/src/cases", never: ["node:fs", "../engine/index.ts"] },
  { room: "contract", folder: "packages/contract/src", never: ["node:fs", "fastify", "@reeve/server"] },
  { room: "openapi", folder: "packages/openapi/src", never: ["node:fs", "@reeve/contract", "@reeve/server"] },
  { room: "server/store", folder: `${SERVER}/store`, never: ["fastify", "../http/problem.ts", "../feed/index.ts", "../app/index.ts"] },
  { room: "server/feed", folder: `${SERVER}/feed`, never: ["node:fs", "../store/sql/index.ts", "../http/problem.ts"] },
  { room: "server/identity", folder: `${SERVER}/identity`, never: ["node:fs", "../app/index.ts", "../http/problem.ts"] },
  { room: "server/audit", folder: `${SERVER}/audit`, never: ["fastify", "../http/problem.ts"] },
  { room: "server/app", folder: `${SERVER}/app`, never: ["fastify", "better-sqlite3", "@reeve/contract", "../http/problem.ts"] },
  { room: "server/http", folder: `${SERVER}/http/native`, never: ["better-sqlite3", "../../feed/index.ts", "../../store/index.ts"] },
  { room: "server/mail", folder: `${SERVER}/mail`, never: ["fastify", "../store/index.ts", "../identity/index.ts"] },
  { room: "server/settings", folder: `${SERVER}/settings`, never: ["node:fs", "../store/index.ts", "fastify"] },
  { room: "cli", folder: "packages/cli/src", never: ["fastify", "@reeve/server"] },
  { room: "catalogues", folder: "catalogues/planted", never: ["fastify", "@reeve/server"] },
  { room: "tests", folder: "tests/planted", never: ["../../packages/core/src/engine/index.ts"] },
  { room: "bench", folder: "bench", never: ["../packages/core/src/engine/index.ts"] },
  { room: "tools", folder: "tools", never: ["../packages/core/src/engine/index.ts"] },
];

/** Rooms that are single files: the breach stands in the file itself. */
const fileBreaches: readonly { readonly rule: string; readonly file: string; readonly imports: string }[] = [
  { rule: "room core door", file: "packages/core/src/index.ts", imports: "node:fs" },
  { rule: "tests in core door", file: "packages/core/src/index.test.ts", imports: "fastify" },
  { rule: "room server root", file: `${SERVER}/config.ts`, imports: "@reeve/cli" },
  { rule: "tests in server root", file: `${SERVER}/config.test.ts`, imports: "@reeve/cli" },
  { rule: "room cli start", file: "packages/cli/src/start.ts", imports: "fastify" },
  { rule: "tests in cli start", file: "packages/cli/src/start.test.ts", imports: "fastify" },
  { rule: "no cycles", file: "packages/core/src/model/one.ts", imports: "./two.ts" },
  { rule: "only doors", file: `${SERVER}/feed/deep.ts`, imports: "../../../core/src/model/index.ts" },
  { rule: "only inner doors", file: `${SERVER}/app/inside.ts`, imports: "../http/problem.ts" },
  { rule: "surfaces apart", file: `${SERVER}/http/native/neighbour.ts`, imports: "../aep/index.ts" },
  { rule: "clients ask identity alone", file: `${SERVER}/http/ims/asking.ts`, imports: "../../app/index.ts" },
  { rule: "people ask identity alone", file: `${SERVER}/http/accounts/asking.ts`, imports: "../../app/index.ts" },
  { rule: "nobody imports main", file: `${SERVER}/config.ts`, imports: "./main.ts" },
  { rule: "tests are not imported", file: "packages/core/src/model/three.ts", imports: "./limits.test.ts" },
  { rule: "resolves", file: "packages/core/src/model/nowhere.ts", imports: "./nowhere-else.ts" },
];

/** What must stay allowed: a wall too many is a fault as well. */
const allowed: readonly { readonly file: string; readonly imports: readonly string[] }[] = [
  { file: "packages/core/src/engine/allowed.ts", imports: ["../model/index.ts", "json-logic-engine"] },
  { file: "packages/core/src/engine/allowed.test.ts", imports: ["../model/index.ts", "vitest", "node:fs"] },
  { file: "packages/contract/src/allowed.ts", imports: ["@reeve/core", "typebox"] },
  { file: "packages/openapi/src/allowed.ts", imports: ["@reeve/core", "yaml", "ajv-draft-04"] },
  { file: `${SERVER}/store/sql/allowed.ts`, imports: ["@reeve/core", "better-sqlite3", "node:fs", "../index.ts"] },
  { file: `${SERVER}/feed/allowed.ts`, imports: ["@reeve/core", "../store/index.ts"] },
  { file: `${SERVER}/identity/allowed.ts`, imports: ["jose", "node:crypto", "../store/index.ts"] },
  { file: `${SERVER}/app/allowed.ts`, imports: ["../store/index.ts", "../feed/index.ts", "../identity/index.ts", "../audit/index.ts"] },
  { file: `${SERVER}/app/allowed.test.ts`, imports: ["../store/memory/index.ts", "vitest"] },
  {
    file: `${SERVER}/http/native/allowed.ts`,
    imports: ["@reeve/core", "@reeve/contract", "../../app/index.ts", "../problem.ts", "fastify", "@fastify/swagger"],
  },
  { file: `${SERVER}/main.ts`, imports: ["./store/sql/index.ts", "./http/native/index.ts", "node:fs", "pino"] },
  { file: "packages/cli/src/token-reset.ts", imports: ["@reeve/server", "commander"] },
  { file: "tests/allowed.test.ts", imports: ["@reeve/server", "../packages/server/src/store/memory/index.ts", "./require.ts"] },
];

/** One breach a rule of tidy. The rule stands for line 2 of the file. */
const UNFINISHED = ["TO", "DO"].join("");
const ELSEWHERE = ["", "home", "someone", "file"].join("/");
const tidyBreaches: Readonly<Record<string, { readonly file: string; readonly code: string }>> = {
  "no clock in core": { file: "packages/core/src/model/clock.ts", code: "export const now = globalThis.Date.now();" },
  "no new Date() in core": { file: "packages/core/src/model/date.ts", code: "export const now = new Date();" },
  "no randomness in core": { file: "packages/core/src/engine/random.ts", code: "export const dice = Math.random;" },
  "no timers in core": { file: "packages/core/src/engine/timer.ts", code: "setTimeout(() => {}, 1);" },
  "nothing waits in core": { file: "packages/core/src/engine/waits.ts", code: "export const later = async () => 1;" },
  "no throw in core/engine": { file: "packages/core/src/engine/throws.ts", code: 'throw new Error("no");' },
  "no console": { file: `${SERVER}/app/prints.ts`, code: 'console.log("hello");' },
  "no eval": { file: "tools/evaluates.ts", code: 'new Function("return 1");' },
  "no locale order": { file: "packages/contract/src/order.ts", code: 'export const order = "a".localeCompare("b");' },
  "no process.env": { file: `${SERVER}/http/environment.ts`, code: "export const port = process.env.REEVE_PORT;" },
  "no JSON.parse here": { file: `${SERVER}/http/parses.ts`, code: 'export const body = JSON.parse("1");' },
  "no status codes in app": { file: `${SERVER}/app/status.ts`, code: "export const problem = { status: 404 };" },
  "no deep imports": { file: "tests/deep.ts", code: 'import "@reeve/core/src/engine/index.ts";' },
  "no test left out": { file: "tests/only.test.ts", code: 'it.only("runs alone", () => {});' },
  "no machine paths": { file: "docs/machine.md", code: `See ${ELSEWHERE}.` },
  "no registry hosts": { file: "docs/host.md", code: `npm install --registry https://${["registry", "example", "org"].join(".")}/` },
  "nothing from outside the repository": { file: "docs/outside.md", code: `Read ${["design", "model.md"].join("/")} first.` },
  "a note has an issue number": { file: "tools/unfinished.ts", code: `// ${UNFINISHED} later` },
  "no drawers": { file: "packages/core/src/model/utils.ts", code: "export {};" },
  "kebab-case names": { file: "packages/core/src/model/camelCase.ts", code: "export {};" },
  "every file in one room": { file: "packages/elsewhere/src/index.ts", code: "export {};" },
  "no silent skips": { file: "tests/silent.test.ts", code: 'it.skipIf(true)("is silent", () => {});' },
};

const longFunction = (lines: number) => `export function long(): number {\n${"  tick();\n".repeat(lines - 1)}  return 1;\n}\n`;
const sizes: readonly { readonly file: string; readonly text: string; readonly rule?: string }[] = [
  { file: "tools/long-function.ts", text: longFunction(71), rule: "noExcessiveLinesPerFunction" },
  { file: "tools/fitting-function.ts", text: longFunction(70) },
  { file: "tools/long-file.ts", text: "tick();\n".repeat(401), rule: "noExcessiveLinesPerFile" },
  { file: "tools/fitting-file.ts", text: "tick();\n".repeat(400) },
  { file: "tools/many-parameters.ts", text: "export const four = (a: 1, b: 2, c: 3, d: 4) => [a, b, c, d];\n", rule: "useMaxParams" },
  { file: "tools/three-parameters.ts", text: "export const three = (a: 1, b: 2, c: 3) => [a, b, c];\n" },
];

type Violation = { readonly from: string; readonly rule: { readonly name: string } };

const planted = roomBreaches.flatMap(({ room, folder, never }) => [
  ...never.map((imports, index) => ({ rule: `room ${room}`, file: `${folder}/planted-${index}.ts`, imports })),
  { rule: `tests in ${room}`, file: `${folder}/planted.test.ts`, imports: never.at(-1)! },
]);
const breaches = [...planted, ...fileBreaches];

let house: string;

function put(file: string, text: string): void {
  const path = join(house, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const importing = (specifiers: readonly string[]) => specifiers.map((specifier) => `import "${specifier}";\n`).join("");

function build(): void {
  const imports = new Map<string, string[]>(DOORS.map((file) => [file, []]));
  const add = (file: string, specifier: string) => imports.set(file, [...(imports.get(file) ?? []), specifier]);
  for (const { file, imports: specifier } of breaches) add(file, specifier);
  for (const { file, imports: specifiers } of allowed) for (const specifier of specifiers) add(file, specifier);
  for (const [file, specifiers] of imports) put(file, `${importing(specifiers)}export type Planted = 1;\n`);
  put("packages/core/src/model/two.ts", 'import type { Planted } from "./one.ts";\nexport type Second = Planted;\n');
  for (const name of LIBRARIES) {
    put(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    put(`node_modules/${name}/index.js`, "");
  }
  mkdirSync(join(house, "node_modules/@reeve"), { recursive: true });
  for (const name of ["core", "contract", "openapi", "server", "cli"]) {
    cpSync(join(ROOT, `packages/${name}/package.json`), join(house, `packages/${name}/package.json`));
    symlinkSync(`../../packages/${name}`, join(house, `node_modules/@reeve/${name}`), "dir");
  }
  for (const file of [".dependency-cruiser.mjs", "biome.json"]) cpSync(join(ROOT, file), join(house, file));
  for (const { file, code } of Object.values(tidyBreaches)) put(file, `\n${code}\n`);
  for (const { file, text } of sizes) put(file, text);
}

function run(program: string, args: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  const options = { cwd: house, encoding: "utf8", maxBuffer: 1 << 26 } as const;
  return spawnSync(process.execPath, [join(ROOT, "node_modules", program), ...args], options);
}

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), "reeve-walls-"));
  build();
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

describe("the walls between the rooms", () => {
  let violations: readonly Violation[];
  beforeAll(() => {
    const args = ["--config", ".dependency-cruiser.mjs", "--output-type", "json", "packages", "tests", "tools", "catalogues", "bench"];
    violations = JSON.parse(run("dependency-cruiser/bin/dependency-cruiser.mjs", args).stdout).summary.violations;
  });

  it.each(breaches)("$rule: $file may not import $imports", ({ rule, file }) => {
    expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule);
  });

  it("have no line that nothing breaks here", () => {
    const broken = new Set(breaches.map(({ rule }) => rule));
    expect(config.forbidden.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
  });

  it.each(allowed)("let $file import what its line says", ({ file }) => {
    expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toEqual([]);
  });
});

describe("tidy", () => {
  let findings: readonly Finding[];
  beforeAll(() => {
    findings = tidy(house);
  });

  it.each(Object.entries(tidyBreaches))("names file, line and what to use instead: %s", (rule, { file }) => {
    const named = findings.filter((finding) => finding.file === file && finding.rule === rule);
    const whole = ["no drawers", "kebab-case names", "every file in one room"].includes(rule);
    expect(named.map(({ line }) => line)).toEqual([whole ? 1 : 2]);
    expect(named[0]?.instead).not.toBe("");
  });

  it("has no rule that nothing breaks here", () => {
    expect(ruleNames.filter((rule) => !(rule in tidyBreaches))).toEqual([]);
  });

  it("finds nothing in words of comments and strings", () => {
    put("packages/core/src/model/words.ts", '/** Date.now() and eval are banned. */\nexport const words = "Math.random()";\n');
    expect(tidy(house).filter(({ file }) => file.endsWith("/words.ts"))).toEqual([]);
  });
});

describe("the limits of size", () => {
  let report: string;
  beforeAll(() => {
    const { stdout, stderr } = run("@biomejs/biome/bin/biome", ["lint", "--max-diagnostics=none", "--colors=off", "tools"]);
    report = stdout + stderr;
  });

  it.each(sizes)("$file: $rule", ({ file, rule }) => {
    const named = report.split("\n").filter((line) => line.startsWith(`${file}:`) || line.startsWith(`${file} lint`));
    const broken = named.flatMap((line) => /lint\/\w+\/(noExcessiveLines\w+|useMaxParams)/.exec(line)?.[1] ?? []);
    expect(broken).toEqual(rule === undefined ? [] : [rule]);
  });
});
