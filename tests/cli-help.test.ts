/**
 * Every example of every help text, run as it stands against a real server with the demo organization.
 *
 * What an example needs is made by those before it, or by `prepare`; words in capitals stand for ids that only a server knows.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Shell } from "@reeve/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, ROOT, reeve, type Started, shell, startReeve, stopAll } from "./cli-server.ts";
import { CLINIC_WITH_LIST, CLINIC_WITH_UNMAPPED } from "./clinic-documents.ts";
import { PASSWORD } from "./people.ts";

/** 1 is an answer here: a deny, or that something differs or is wrong. */
const MAY_SAY_NO = ["check", "why", "diff", "doctor", "catalogue import", "catalogue diff"];
/** Run by themselves, since they need a server that is stopped. */
const OFFLINE = ["start", "restore", "token reset"];

let home: string;
let server: Started;
const environment = () => ({ REEVE_URL: server.url, REEVE_DATA_DIR: join(home, ".reeve"), REEVE_PORT: "0" });

async function helpOf(words: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const output = { isTerminal: false, hasColour: false, write: (text: string) => void printed.push(text) };
  const one: Shell = { environment: {}, stdout: output, stderr: output };
  await run([...words, "--help"], one);
  return printed.join("");
}

/** Every command that has no commands of its own, with its help. */
async function commandsBelow(words: readonly string[]): Promise<readonly (readonly [command: string, help: string])[]> {
  const help = await helpOf(words);
  const [, listed = ""] = /\nCommands:\n((?: {2}.*\n?)+)/.exec(help) ?? [];
  const names = [...listed.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
  if (names.length === 0) return [[words.join(" "), help]];
  const below = [];
  for (const name of names) below.push(...(await commandsBelow([...words, name])));
  return below;
}

const examplesOf = (help: string): readonly string[] =>
  (/\nExamples?:\n((?: {2}.*\n)+)/.exec(help)?.[1] ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const COMMAND = `${process.execPath} ${join(ROOT, "tools/node.mjs")} ${join(ROOT, "packages/cli/src/main.ts")}`;
/** The line without `npm`, which would run in the checkout's folder and not in the test's. */
const pasted = (example: string): string => example.replace("npm run -s reeve --", COMMAND);
const runLine = (line: string): Promise<Ended> => shell(pasted(line), { directory: home, environment: environment() });

// biome-ignore lint/suspicious/noExplicitAny: answers are taken apart where it is known what they are.
async function asked(path: string, body?: object): Promise<any> {
  const token = readFileSync(join(home, ".reeve/admin-token"), "utf8").trim();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/v1/orgs${path}`, { headers, ...sent });
  expect(response.ok, path).toBe(true);
  return response.json();
}

const DEMO = "/DEMO@ReeveOrg";
const projectOf = async (): Promise<string> =>
  (await asked(`${DEMO}/console/projects`, { name: "Example", product: "cloud-manager", roles: ["developer"] })).id;
const secretOf = async (project: string): Promise<{ id: string }> => asked(`${DEMO}/developer-projects/${project}/credential/secrets`, {});
/** Of the project for which an example before made a secret of that name. */
async function clientOf(name: string): Promise<string> {
  for (const { id } of (await asked(`${DEMO}/console/projects`)).items) {
    const { clientId, secrets } = await asked(`${DEMO}/developer-projects/${id}/credential`);
    if (secrets.some((secret: { name?: string }) => secret.name === name)) return clientId;
  }
  return "";
}

let members = 0;
/** The address of somebody who accepted. */
async function memberOf(): Promise<string> {
  const email = `member${++members}@example.com`;
  const { link } = await asked(`${DEMO}/invitations`, { email });
  const body = JSON.stringify({ token: link.split("#")[1], password: PASSWORD });
  const headers = { "content-type": "application/json" };
  expect((await fetch(`${server.url}/invitations/accept`, { method: "POST", body, headers })).ok).toBe(true);
  return email;
}
const accountOf = async (email: string): Promise<string> =>
  JSON.parse((await runLine(`npm run -s reeve -- accounts list --email ${email} -o json`)).out).items[0].id;

/** Words in capitals, and what this server gives for them. */
const IDS: readonly (readonly [words: string, give: () => Promise<readonly string[]>])[] = [
  [
    "CHANGE-SET",
    async () => [
      (await asked(`${DEMO}/changes`, { changes: [{ put: { kind: "principal", value: { id: "example", type: "user" } } }] })).changeSet,
    ],
  ],
  ["TOKEN-ID", async () => [(await asked(`${DEMO}/tokens`, { principal: "ada", ceiling: "read" })).id]],
  ["INVITATION", async () => [(await asked(`${DEMO}/invitations`, { email: "guest@example.com" })).id]],
  ["CLIENT-ID", async () => [await clientOf("nightly")]],
  ["MEMBER-ADDRESS", async () => [await memberOf()]],
  ["ACCOUNT-ID", async () => [await accountOf(await memberOf())]],
  ["PROJECT SECRET", async () => projectOf().then(async (project) => [project, (await secretOf(project)).id])],
  ["PROJECT", async () => [await projectOf()]],
  ["OLD-ORG REVISION", async () => ["Old@ReeveOrg", (await asked("", { id: "Old@ReeveOrg", name: "Old" })).revision]],
];

/** The example with the ids that this server gave. */
async function filled(example: string): Promise<string> {
  const [words, give] = IDS.find(([one]) => one.split(" ").every((word) => example.includes(word))) ?? [];
  if (words === undefined || give === undefined) return example;
  const given = await give();
  return words.split(" ").reduce((line, word, at) => line.replaceAll(word, given[at] as string), example);
}

const commands = await commandsBelow([]);
/** `test` shows a whole file of cases: that one is run. */
const casesOf = (help: string): string => /A file of cases:\n((?: {2}.*\n)+)/.exec(help)?.[1]?.replaceAll(/^ {2}/gm, "") ?? "";

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "reeve-help-"));
  expect((await reeve(["init"], { directory: home })).code).toBe(0);
  server = await startReeve({ directory: home });
  writeFileSync(join(home, "cases.yaml"), casesOf(await helpOf(["test"])));
  writeFileSync(join(home, "openapi.yaml"), CLINIC_WITH_UNMAPPED);
  writeFileSync(join(home, "openapi-2.yaml"), CLINIC_WITH_LIST);
});
afterAll(async () => {
  await stopAll();
  rmSync(home, { recursive: true, force: true });
});

describe("the help", () => {
  it.each(commands.map(([command, help]) => ({ command, help })))("of $command shows an example and the exit codes", ({ help }) => {
    expect(examplesOf(help).length).toBeGreaterThan(0);
    expect(help).toContain("Exit codes:\n  0  yes");
    for (const example of examplesOf(help)) expect(example).toMatch(/^(REEVE_\w+=\S+ )?(npm run -s reeve --|reeve) /);
  });
});

describe("an example of the help runs as it stands:", () => {
  const online = commands.filter(([command]) => !OFFLINE.includes(command));
  const examples = online.flatMap(([command, help]) => examplesOf(help).map((example) => ({ command, example })));
  it.each(examples)("$example", async ({ command, example }) => {
    const { code, out, err } = await runLine(await filled(example));
    const allowed = MAY_SAY_NO.includes(command) ? [0, 1] : [0];
    expect(allowed, `${out}\n${err}`).toContain(code);
    expect(err).not.toContain("a bug of ours");
  });

  it("those that need a server that is stopped", async () => {
    await server.stop();
    const exampleOf = (name: string): string => examplesOf(commands.find(([command]) => command === name)?.[1] ?? "")[0] ?? "";
    expect((await runLine(exampleOf("token reset"))).code).toBe(0);
    const empty = { ...environment(), REEVE_DATA_DIR: join(home, "restored") };
    expect((await shell(pasted(exampleOf("restore")), { directory: home, environment: empty })).code).toBe(0);
    const [, setting = "", words = ""] = /^(REEVE_\w+=\S+) (?:npm run -s reeve --|reeve) (.*)$/.exec(exampleOf("start")) ?? [];
    const [name = "", value = ""] = setting.split("=");
    expect(words).toBe("start");
    const [other] = [await startReeve({ directory: home, environment: { [name]: value, REEVE_DATA_DIR: empty.REEVE_DATA_DIR } })];
    expect(other.url).toContain(value);
    expect((await reeve(["whoami", "--url", other.url], { directory: home, environment: environment() })).code).toBe(4);
  });
});
