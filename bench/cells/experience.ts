/**
 * The cell of the Experience Platform surface at scale: 2,000 roles, 5,000 policies and 100,000 users in one organization.
 *
 * Pages of its lists as a client has them; `effective-policies` of every name beside a single check, asked by the same program over one
 * connection in alternating pairs.
 * Invariant: an answer without what was asked for ends the cell.
 */
import { join } from "node:path";
import type { Policy, Rec, Role } from "@reeve/core";
import { environmentOf, inDirectory, ORGANIZATION, TOKEN } from "../http/kept.ts";
import { answersOf, ask, type Load, SERVER_CORE, type Target, writeScript } from "../http/load.ts";
import { type Started, start } from "../http/process.ts";
import { median } from "../measure.ts";
import type { Numbers } from "./decide.ts";

const SERVER = new URL("../http/server.ts", import.meta.url);
const PRODUCT = "experience-platform";
const ROLES = 2_000;
const POLICIES = 5_000;
const USERS = 100_000;
const SANDBOXES = 20;
const ROLES_A_USER = 3;
const RECORDS_A_WRITE = 1_000;
const PAGE = 100;
const TIMES = 5;
const WARM_SECONDS = 4;
const KEY = "bench";
const ASKER = "user-7";
const BASE = "/data/foundation/access-control";

export type ExperienceArgs = { readonly pairs: number; readonly seconds: number };
type Send = (path: string, sent?: { readonly method?: string; readonly body?: object }) => Promise<Body>;
// biome-ignore lint/suspicious/noExplicitAny: what is looked into is what the surface promises; anything else ends the cell.
type Body = any;
type Caller = { readonly token: string; readonly headers?: Readonly<Record<string, string>> };

export function measureExperience(args: ExperienceArgs): Promise<Numbers> {
  return inDirectory(async (directory) => {
    const server = await start({ file: SERVER, environment: environmentOf(join(directory, "data")), core: SERVER_CORE });
    try {
      const administrator = sending(server, { token: TOKEN });
      await fill(administrator);
      const asked = sending(server, await callerOf(administrator, "user-0"));
      const found = await pages(asked);
      const names = await namesOf(asked);
      const pairs = await beside(server, { ...args, directory, user: await callerOf(administrator, ASKER) }, names);
      return { ...found, names: names.length, ...pairs };
    } finally {
      await server.stop();
    }
  });
}

function sending({ url }: Started, { token, headers = {} }: Caller): Send {
  return async (path, { method, body } = {}) => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const all = { authorization: `Bearer ${token}`, "accept-encoding": "identity", ...type, ...headers };
    const answer = await fetch(url + path, { method: method ?? (body === undefined ? "GET" : "POST"), headers: all, ...content });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
}

async function fill(send: Send): Promise<void> {
  await send("/v1/orgs", { body: { id: ORGANIZATION, name: "Acme" } });
  await send(`/v1/orgs/${ORGANIZATION}/entitlements/${PRODUCT}`, { method: "PUT" });
  let changes: { readonly put: Rec }[] = [];
  const write = async (): Promise<void> => {
    await send(`/v1/orgs/${ORGANIZATION}/changes`, { body: { changes } });
    changes = [];
  };
  for (const rec of records()) {
    changes.push({ put: rec });
    if (changes.length === RECORDS_A_WRITE) await write();
  }
  if (changes.length > 0) await write();
}

/** `user-0` administers; the first role is everybody's, and its subjects the longest list. */
function* records(): Iterable<Rec> {
  for (let i = 0; i < SANDBOXES; i++) yield { kind: "resource", value: { path: `/sandboxes/box-${i}` } };
  for (let i = 0; i < ROLES; i++) yield { kind: "role", value: role(i) };
  for (let i = 0; i < POLICIES; i++) yield { kind: "policy", value: policy(i) };
  for (let i = 0; i < USERS; i++) {
    yield { kind: "principal", value: { id: `user-${i}`, type: "user", active: true } };
    const more = Array.from({ length: ROLES_A_USER }, (_, turn) => 1 + ((i * 7 + turn * 311) % (ROLES - 1)));
    for (const n of [0, ...more]) yield { kind: "assignment", value: { role: `role-${n}`, principal: `user-${i}` } };
  }
  yield { kind: "membership", value: { group: "admins", member: "user-0" } };
}

const SETS = [["manage-schemas"], ["view-schemas", "view-datasets"], ["manage-datasets"]] as const;
function role(i: number): Role {
  const sets = (SETS[i % SETS.length] ?? []).map((set) => ({ set }));
  const [id, name, sandboxes] = [`role-${i}`, `Role ${i}`, [`box-${i % SANDBOXES}`, "prod"]];
  return { product: PRODUCT, id, name, type: "user-defined", sandboxes, sets };
}

/** Deny rules, no two with the same pattern, for schemas and what lies below them. */
function policy(i: number): Policy {
  const condition = { "===": [{ var: "resource.properties.tier" }, "secret"] };
  const resource = `/sandboxes/box-${i % SANDBOXES}/schemas/schema-${i}${i % 2 === 0 ? "" : "/*"}`;
  const rules = [{ effect: "deny" as const, resource, condition, actions: ["read", "write"] }];
  return { id: `policy-${i}`, name: `Policy ${i}`, product: PRODUCT, status: "active", sandboxes: "all", rules };
}

async function callerOf(send: Send, principal: string): Promise<Caller> {
  const { secret } = await send(`/v1/orgs/${ORGANIZATION}/tokens`, { body: { principal, ceiling: "admin", clientId: KEY } });
  return { token: secret, headers: { "x-api-key": KEY, "x-gw-ims-org-id": ORGANIZATION, "x-sandbox-name": "prod" } };
}

/** Every list of the surface that grows, at its beginning, in its middle and at its end, each page the median of five. */
async function pages(send: Send): Promise<Numbers> {
  const lists: readonly (readonly [path: string, items: string, total: number])[] = [
    ["/administration/roles", "roles", ROLES],
    ["/administration/policies", "policies", POLICIES],
    ["/administration/roles/role-0/subjects", "items", USERS],
  ];
  const found: number[] = [];
  for (const [path, items, total] of lists) {
    for (const start of await places(send, path, total)) {
      const times: number[] = [];
      for (let i = 0; i < TIMES; i++) {
        const began = performance.now();
        const page = await send(`${BASE}${path}?limit=${PAGE}&start=${start}`);
        times.push(performance.now() - began);
        if (page[items].length === 0) throw new Error(`${path} from ${start}: nothing`);
      }
      console.error(`${path} from ${start}: ${median(times).toFixed(1)} ms`);
      found.push(median(times));
    }
  }
  return { pageMaxMs: Math.max(...found), pageP50Ms: median(found) };
}

/** Where pages begin: the first, one in the middle, the last; read to the end, where as many are there as there should be. */
async function places(send: Send, path: string, total: number): Promise<readonly number[]> {
  const starts: number[] = [];
  let count = 0;
  for (let start: number | null = 0; start !== null; ) {
    starts.push(start);
    const page: Body = await send(`${BASE}${path}?limit=${PAGE}&start=${start}`);
    count += page._page.count;
    start = page._page.next;
  }
  // What the product ships stands beside.
  if (count < total) throw new Error(`${path}: ${count} of ${total}`);
  return [0, starts[Math.floor(starts.length / 2)] as number, starts.at(-1) as number];
}

async function namesOf(send: Send): Promise<readonly string[]> {
  const reference: Record<string, object> = await send(`${BASE}/acl/reference`);
  return Object.entries(reference).flatMap(([kind, names]) => Object.keys(names).map((name) => `/${kind}/${name}`));
}

type Beside = ExperienceArgs & { readonly directory: string; readonly user: Caller };

/** A check and `effective-policies` of all names about the same user, in the order A B B A. */
async function beside(server: Started, { directory, user, ...args }: Beside, names: readonly string[]): Promise<Numbers> {
  const question = { subject: { type: "user", id: ASKER }, action: { name: "read" }, resource: { path: "/sandboxes/prod/schemas/one" } };
  const check = { sent: { bodies: [JSON.stringify(question)], token: TOKEN }, path: `/v1/orgs/${ORGANIZATION}/check` };
  const effective = { sent: { bodies: [JSON.stringify(names)], ...user }, path: `${BASE}/acl/effective-policies` };
  const loads = { check: [] as Load[], effective: [] as Load[] };
  const sides = Object.entries({ check, effective }).map(([name, { sent, path }]) => {
    const target: Target = { url: server.url + path, cpuUs: server.cpuUs };
    return { name: name as keyof typeof loads, sent, target, script: writeScript(directory, sent, name) };
  });
  for (const { target, sent, script } of sides) {
    expectHeld(await answersOf(target, sent));
    await ask(target, { connections: 1, seconds: WARM_SECONDS, script });
  }
  for (let pair = 0; pair < args.pairs; pair++) {
    for (const { name, target, script } of pair % 2 === 0 ? sides : sides.toReversed())
      loads[name].push(await ask(target, { connections: 1, seconds: args.seconds, script }));
  }
  const ratios = (of: (load: Load) => number): number => median(loads.effective.map((load, at) => of(load) / of(loads.check[at] as Load)));
  return {
    latency: ratios(({ p50Us }) => p50Us),
    cpu: ratios(({ cpuUs }) => cpuUs),
    effectiveUs: median(loads.effective.map(({ p50Us }) => p50Us)),
    checkUs: median(loads.check.map(({ p50Us }) => p50Us)),
  };
}

/** The user may read schemas, and both answers say so. */
function expectHeld(answers: readonly string[]): void {
  for (const answer of answers)
    if (!/"decision":true|"\/resource-types\/schemas":\["read"/.test(answer)) throw new Error(`nothing is held: ${answer.slice(0, 300)}`);
}
