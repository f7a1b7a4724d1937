/**
 * The cell of P10: durable writes through the store's port, one at a time and 64 at once, beside the same four statements bare.
 *
 * The bare ones (head, grant, change set, audit event; one transaction, WAL, synchronous FULL) go into a copy of the same file, with
 * its tables, indexes and triggers, and carry the very rows that the store wrote of these grants in another copy.
 * Invariant: every write is a grant that was not there, and acknowledged only when it is on disk.
 */
import { cpSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Rec } from "@reeve/core";
import { openSqliteStore, type Store } from "@reeve/server";
import { inDirectory, keepOrganization, NOTE, ORGANIZATION, STORE_FILE } from "../http/kept.ts";
import { median } from "../measure.ts";
import { Organization } from "../organization.ts";
import { Random } from "../random.ts";
import type { Numbers } from "./decide.ts";

const SEED = 20_250_615;
const AT_ONCE = 64;
/** Writes of a block at once, for each of a block one at a time: they take about as long. */
const MORE_AT_ONCE = 6;

export type WriteArgs = { readonly grants: number; readonly pairs: number; readonly writes: number };
type Speed = { readonly perSecond: number; readonly cpuUs: number };
type Row = readonly unknown[];
type Rows = { readonly head: Row; readonly object: Row; readonly change: Row; readonly audit: Row };
type Statement = { run(...values: unknown[]): unknown; raw(): Statement; all(...values: unknown[]): unknown[] };
type Bare = { prepare(sql: string): Statement; pragma(text: string): unknown; close(): void };

/** The server's own binding. */
const BareDatabase = createRequire(import.meta.resolve("@reeve/server"))("better-sqlite3") as new (file: string) => Bare;

export function measureWrite({ grants, pairs, writes }: WriteArgs): Promise<Numbers> {
  return inDirectory(async (directory) => {
    const organization = new Organization({ seed: SEED, grants });
    const [ours, floor, copy] = ["ours", "floor", "copy"].map((name) => join(directory, name)) as [string, string, string];
    await keepOrganization(ours, organization);
    for (const other of [floor, copy]) {
      mkdirSync(other);
      cpSync(join(ours, STORE_FILE), join(other, STORE_FILE));
    }
    // A block to warm up, and one for each pair.
    const blocks = pairs + 1;
    const given = newGrants(organization, blocks * writes * (1 + MORE_AT_ONCE));
    const rows = await rowsOf(copy, given.slice(0, blocks * writes));
    const store = openSqliteStore({ directory: ours });
    const bare = new BareStatements(join(floor, STORE_FILE));
    const next = <T>(items: T[], count: number): readonly T[] => items.splice(-count);
    const kinds = {
      single: () => timed(next(given, writes), (block) => writeAll(store, block, 1)),
      floor: () => timed(next(rows, writes), async (block) => bare.writeAll(block)),
      atOnce: () => timed(next(given, writes * MORE_AT_ONCE), (block) => writeAll(store, block, AT_ONCE)),
    };
    try {
      return figuresOf(await blocksOf(kinds, blocks));
    } finally {
      bare.close();
      await store.close();
    }
  });
}

type Kinds<T> = { readonly single: T; readonly floor: T; readonly atOnce: T };

/** A F B, B F A, and so on: the floor stands beside both. The first round only warms. */
async function blocksOf({ single, floor, atOnce }: Kinds<() => Promise<Speed>>, blocks: number): Promise<readonly Kinds<Speed>[]> {
  const found: Kinds<Speed>[] = [];
  for (let block = 0; block < blocks; block++) {
    const isForward = block % 2 === 0;
    const first = await (isForward ? single : atOnce)();
    const middle = await floor();
    const last = await (isForward ? atOnce : single)();
    found.push(isForward ? { single: first, floor: middle, atOnce: last } : { single: last, floor: middle, atOnce: first });
  }
  return found.slice(1);
}

async function timed<T>(items: readonly T[], work: (items: readonly T[]) => Promise<void>): Promise<Speed> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work(items);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: items.length / seconds, cpuUs: (user + system) / items.length };
}

/** So many writers, each of which asks for its next write when the one before is acknowledged. */
async function writeAll(store: Store, grants: readonly Rec[], writers: number): Promise<void> {
  const left = grants[Symbol.iterator]();
  const writer = async (): Promise<void> => {
    for (const grant of left) {
      const { applied } = await store.write(ORGANIZATION, (tx) => {
        tx.put(grant);
        tx.audit(NOTE);
      });
      if (applied !== 1) throw new Error(`a write that altered ${applied} records`);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
}

/** Grants that the organization has not: all over its resources, each of a principal of its own on that resource. */
function newGrants(organization: Organization, count: number): Rec[] {
  const random = new Random(SEED, 50);
  const seen = new Set<number>();
  const grants: Rec[] = [];
  while (grants.length < count) {
    const resource = random.below(organization.resources);
    const principal = random.below(organization.principals);
    const both = resource * organization.principals + principal;
    if (seen.has(both) || organization.grantsOn(resource).some((given) => given.principal === principal)) continue;
    seen.add(both);
    const value = {
      principal: organization.principalId(principal),
      resource: organization.path(resource),
      access: "RW",
      reach: "self",
    } as const;
    grants.push({ kind: "grant", value });
  }
  return grants;
}

/** What the store writes of these grants: the rows, column by column. */
async function rowsOf(directory: string, grants: readonly Rec[]): Promise<Rows[]> {
  const store = openSqliteStore({ directory });
  const before = (await store.heads([ORGANIZATION])).get(ORGANIZATION)?.revision ?? 0;
  await writeAll(store, grants, AT_ONCE);
  await store.close();
  const bare = new BareDatabase(join(directory, STORE_FILE));
  const all = (table: string): Row[] => bare.prepare(`SELECT * FROM ${table} WHERE rev > ? ORDER BY rev`).raw().all(before) as Row[];
  const [[head = []], objects, changes, audits] = [all("org_head"), all("object"), all("changelog"), all("audit_event")];
  bare.close();
  return objects.map((object, i) => ({ head, object, change: changes[i] as Row, audit: audits[i] as Row }));
}

/** The floor: four statements in a transaction, prepared once. */
class BareStatements {
  readonly #bare: Bare;
  readonly #statements: Readonly<Record<"begin" | "head" | "object" | "change" | "audit" | "commit", Statement>>;

  constructor(file: string) {
    const bare = new BareDatabase(file);
    bare.pragma("journal_mode = WAL");
    bare.pragma("synchronous = FULL");
    const insert = (table: string, { before = "", after = "" }): Statement => {
      const columns = (bare.pragma(`table_info(${table})`) as readonly unknown[]).map(() => "?");
      return bare.prepare(`INSERT ${before} INTO ${table} VALUES (${columns.join(", ")}) ${after}`);
    };
    this.#bare = bare;
    this.#statements = {
      begin: bare.prepare("BEGIN IMMEDIATE"),
      head: insert("org_head", { before: "OR REPLACE" }),
      object: insert("object", { after: "ON CONFLICT DO UPDATE SET body = excluded.body" }),
      change: insert("changelog", {}),
      audit: insert("audit_event", {}),
      commit: bare.prepare("COMMIT"),
    };
  }

  writeAll(rows: readonly Rows[]): void {
    const statements = this.#statements;
    for (const { head, object, change, audit } of rows) {
      statements.begin.run();
      statements.head.run(...head);
      statements.object.run(...object);
      statements.change.run(...change);
      statements.audit.run(...audit);
      statements.commit.run();
    }
  }

  close(): void {
    this.#bare.close();
  }
}

function figuresOf(blocks: readonly Kinds<Speed>[]): Numbers {
  const of = (number: (block: Kinds<Speed>) => number): number => median(blocks.map(number));
  const speeds = (name: keyof Kinds<Speed>): Numbers => {
    const ratios = blocks.map((block) => block[name].perSecond / block.floor.perSecond);
    return {
      [`${name}PerSecond`]: of((block) => block[name].perSecond),
      [`${name}CpuUs`]: of((block) => block[name].cpuUs),
      [`${name}Ratio`]: median(ratios),
      [`${name}Low`]: Math.min(...ratios),
      [`${name}High`]: Math.max(...ratios),
      [`${name}Cpu`]: of((block) => block.floor.cpuUs / block[name].cpuUs),
    };
  };
  return { ...speeds("single"), ...speeds("floor"), ...speeds("atOnce") };
}
