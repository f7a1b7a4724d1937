/**
 * The cell of assets: one organization with a space of 50,000 APIs, five versions each, and 10^7 grants on them, of the catalogue that ships.
 *
 * A check by ids and by fresh strings, the complete and sorted list of what one person may view, an entry on the space that reaches all of
 * it, an API that moves with all it has, and what the plan weighs.
 * Invariant: a list of another length, or an entry that reaches nobody, ends the cell.
 */
import { readFileSync } from "node:fs";
import {
  admit,
  apply,
  belongings,
  type Change,
  compiler,
  decide,
  decidePrepared,
  list,
  type Plan,
  type Prepared,
  parseProductDocument,
  prepare,
  type Rec,
  type Request,
} from "@reeve/core";
import { around, CHUNK, median, quantile, time } from "../measure.ts";
import { Random, Zipf } from "../random.ts";
import { NOW, type Numbers } from "./decide.ts";

const CATALOGUE = new URL("../../catalogues/api-management/product.json", import.meta.url);
const SEED = 20_261_122;
const SPACE = "/spaces/apim";
const APIS = 50_000;
const VERSIONS = 5;
const PEOPLE = 100_000;
const GROUPS = 1_000;
const MEMBERS = 50;
const ASKER = "asker@acme";
const TEAM = "team@acme";
/** Versions that the asker may view: by entries on APIs, by his group's, by his own. */
const BY_API = 200 * VERSIONS;
const BY_TEAM = 700;
const BY_SELF = 700;
const LISTED = BY_API + BY_TEAM + BY_SELF;
const ACCESS = ["R", "RX", "RW", "RWX"] as const;
const ROUNDS = { warmUp: 500, chunks: 2_000, singles: 500 };
const KEPT = 100_000;

export type AssetsArgs = { readonly grants: number };

const apiAt = (api: number): string => `${SPACE}/apis/api-${api.toString(36)}`;
const versionAt = (api: number, version: number): string => `${apiAt(api)}/versions/${version}.0`;
const personAt = (n: number): string => `person-${n.toString(36)}@acme`;

export async function measureAssets({ grants }: AssetsArgs): Promise<Numbers> {
  compile(10_000);
  const before = await weigh();
  const started = performance.now();
  const plan = compile(grants);
  const buildMs = performance.now() - started;
  const questions = asking(new Random(SEED, 3));
  const warm = Array.from({ length: KEPT }, questions);
  for (const request of warm) decide(plan, request, NOW);
  const after = await weigh();
  const weights = { inProcess: (after.inProcess - before.inProcess) / grants, rss: (after.rss - before.rss) / grants };
  return { buildMs, ...weights, ...timed(plan, warm, questions), ...listed(plan), ...onSpace(plan), ...moved(plan) };
}

function compile(grants: number): Plan {
  const one = compiler("acme");
  const read = parseProductDocument(JSON.parse(readFileSync(CATALOGUE, "utf8")));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  one.add(read.value);
  one.add(records(grants));
  return one.finish({ revision: 1, epoch: "bench" });
}

function* records(grants: number): Iterable<Rec> {
  const random = new Random(SEED, 1);
  const people = new Zipf(PEOPLE, random);
  for (let n = 0; n < PEOPLE; n++) yield { kind: "principal", value: { id: personAt(n), type: "user", active: true } };
  yield { kind: "principal", value: { id: ASKER, type: "user", active: true } };
  for (let group = 0; group < GROUPS; group++) {
    const id = group === 0 ? TEAM : `group-${group}@acme`;
    yield { kind: "principal", value: { id, type: "group", active: true } };
    if (group === 0) yield { kind: "membership", value: { group: id, member: ASKER } };
    for (let n = 0; n < MEMBERS; n++) yield { kind: "membership", value: { group: id, member: personAt(random.below(PEOPLE)) } };
  }
  yield { kind: "resource", value: { path: SPACE } };
  const each = grants / (APIS * (1 + VERSIONS));
  for (let api = 0; api < APIS; api++) {
    yield { kind: "resource", value: { path: apiAt(api), owner: personAt(people.draw(random)) } };
    yield* granted(apiAt(api), { random, people, each });
    for (let version = 1; version <= VERSIONS; version++) {
      yield { kind: "resource", value: { path: versionAt(api, version), owner: personAt(people.draw(random)) } };
      yield* granted(versionAt(api, version), { random, people, each });
    }
  }
  yield* ofAsker();
}

type Drawing = { readonly random: Random; readonly people: Zipf; readonly each: number };

function* granted(resource: string, { random, people, each }: Drawing): Iterable<Rec> {
  const count = Math.floor(each) + (random.next() < each % 1 ? 1 : 0);
  for (let i = 0; i < count; i++) {
    const principal = random.below(10) === 0 ? `group-${1 + random.below(GROUPS - 1)}@acme` : personAt(people.draw(random));
    const reach = random.below(10) < 6 ? "self" : "subtree";
    yield { kind: "grant", value: { principal, resource, access: random.pick(ACCESS), reach } };
  }
}

function* ofAsker(): Iterable<Rec> {
  for (let api = 0; api < BY_API / VERSIONS; api++) yield grant(ASKER, apiAt(api), "subtree");
  for (let n = 0; n < BY_TEAM; n++) yield grant(TEAM, versionAt(1_000 + n, 1), "self");
  for (let n = 0; n < BY_SELF; n++) yield grant(ASKER, versionAt(2_000 + n, 2), "self");
}
const grant = (principal: string, resource: string, reach: "self" | "subtree"): Rec => ({
  kind: "grant",
  value: { principal, resource, access: "R", reach },
});

function asking(random: Random): () => Request {
  const people = new Zipf(PEOPLE, new Random(SEED, 1));
  return () => {
    const api = random.below(APIS);
    const path = random.below(3) === 0 ? apiAt(api) : versionAt(api, 1 + random.below(VERSIONS));
    const name = random.pick(["view", "call", "edit_details", "edit_permissions"]);
    return { principal: { type: "user", id: personAt(people.draw(random)) }, action: { name }, resource: { path } };
  };
}

function timed(plan: Plan, kept: readonly Request[], questions: () => Request): Numbers {
  const prepared = kept.flatMap((request): Prepared[] => {
    const one = prepare(plan, request);
    return one === undefined ? [] : [one];
  });
  const ids = time<Prepared>({ next: around(prepared), call: (one) => (decidePrepared(plan, one, NOW) ? 1 : 0) }, ROUNDS);
  const next = (): readonly Request[] => JSON.parse(JSON.stringify(Array.from({ length: CHUNK }, questions))) as Request[];
  const strings = time({ next, call: (request) => decide(plan, request, NOW).code.length }, ROUNDS);
  return {
    idsP50: ids.p50,
    stringsP50: strings.p50,
    stringsP99: strings.p99,
    allowed: ids.sum / ((ROUNDS.warmUp + ROUNDS.chunks + ROUNDS.singles) * CHUNK),
  };
}

function listed(plan: Plan): Numbers {
  const times: number[] = [];
  for (let i = 0; i < 100; i++) {
    const began = performance.now();
    const page = list(
      plan,
      { list: "resources", principal: { type: "user", id: ASKER }, action: { name: "view" }, type: "versions", max: 1_000_000 },
      NOW,
    );
    JSON.stringify(page);
    times.push(performance.now() - began);
    if (page.entries.length < LISTED) throw new Error(`${page.entries.length} instead of ${LISTED}`);
  }
  return { listFirstMs: times[0] as number, listMs: median(times.slice(times.length / 3)), listed: LISTED };
}

/** Entries on the space, which reach every API and version: given and taken, each timed by itself, as strings never seen. */
function onSpace(plan: Plan): Numbers {
  const times: number[] = [];
  let now = plan;
  const change = (principal: string, isGiven: boolean): void => {
    const value = { principal, resource: SPACE, access: "R", reach: "subtree" } as const;
    const one = JSON.parse(
      JSON.stringify([isGiven ? { put: { kind: "grant", value } } : { delete: { kind: "grant", key: [principal, SPACE, "subtree"] } }]),
    ) as Change[];
    const began = performance.now();
    now = apply(now, one);
    times.push((performance.now() - began) * 1_000);
  };
  globalThis.gc?.();
  for (let n = 0; n < 20_000; n++) change(personAt(n), true);
  const may = decide(
    now,
    { principal: { type: "user", id: personAt(7) }, action: { name: "view" }, resource: { path: versionAt(APIS - 1, VERSIONS) } },
    NOW,
  );
  if (!may.allow) throw new Error("an entry on the space reaches nobody");
  for (let n = 0; n < 20_000; n++) change(personAt(n), false);
  times.sort((a, b) => a - b);
  return { spaceP50: quantile(times, 0.5), spaceP99: quantile(times, 0.99), spaceWorst: times.at(-1) as number };
}

/** APIs under another name, each with its versions and all their entries, as a write admits it. */
function moved(plan: Plan): Numbers {
  const times: number[] = [];
  let now = plan;
  let grants = 0;
  for (let n = 0; n < MOVES; n++) {
    const [path, to] = [apiAt(n * 101), `${SPACE}/apis/moved-${n}`];
    const named = (text: string): string => to + text.slice(path.length);
    const found = belongings(now, path);
    if (found.resources.length !== 1 + VERSIONS) throw new Error(`${path} is ${found.resources.length} assets`);
    grants += found.grants.length;
    const changes: Change[] = [
      { delete: { kind: "resource", key: [path] } },
      ...found.resources.map((one): Change => ({ put: { kind: "resource", value: { ...one, path: named(one.path) } } })),
      ...found.grants.map((one): Change => ({ put: { kind: "grant", value: { ...one, resource: named(one.resource) } } })),
    ];
    const began = performance.now();
    const admitted = admit(now, changes);
    times.push(performance.now() - began);
    if (!admitted.ok) throw new Error(JSON.stringify(admitted.error));
    now = admitted.value.plan;
  }
  times.sort((a, b) => a - b);
  return { movedP50: quantile(times, 0.5), movedP99: quantile(times, 0.99), movedGrants: grants / MOVES };
}
const MOVES = 200;

async function weigh(): Promise<{ readonly inProcess: number; readonly rss: number }> {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { inProcess: heapUsed + arrayBuffers, rss };
}
