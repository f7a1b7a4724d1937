/**
 * Flipped bits anywhere in a database file: whoever opens it gets the whole of what was written, or a clear refusal. Never a part of an
 * organization, and never another value.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore, type Store, StoreError } from "@reeve/server";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { seeded } from "./reference/random.ts";

const SEED = Date.now() % 2 ** 30;
const FLIPS = 250;
const PAGE_BYTES = 4_096;
const RECORDS = 600;
const NOTE = { actor: { type: "user", id: "ada" }, action: "test", target: "/", requestId: "r" };
const TOKEN = { hash: new Uint8Array(32).fill(7), kind: "principal", org: "a", principal: "p0", name: "t", createdMs: 1 };
const ITEM = { kind: "session", id: "s", org: "a", principal: "p0", owner: "x", expiresMs: 1, value: { of: "p0" } };
/** What the operator is told of a file that is not as it was. */
const REFUSALS = ["damaged", "not_a_store", "newer_database", "clock_behind"];

const folder = (): string => mkdtempSync(join(tmpdir(), "reeve-damage-"));
const source = folder();
let whole: string;
let bytes: Buffer;

/** Everything that a server reads of an organization before it answers, as text; or the refusal. */
const read = async (store: Store, org: string): Promise<string | StoreError> => {
  try {
    const records: unknown[] = [];
    let head: { revision: number; epoch: string } | undefined;
    for await (const page of store.load(org)) {
      head = page.head;
      records.push(...page.records);
    }
    if (head === undefined) return "no such organization";
    const batch = await store.changes(org, { ...head, revision: 0 }, 100);
    // A follower that is told to reload misses nothing: what it then loads is held against its sums.
    const sets = batch.kind === "reload" ? records.map((put) => ({ put })) : batch.sets.flatMap(({ changes }) => changes);
    return JSON.stringify([head, records, sets.map((change) => JSON.stringify(change)).sort()]);
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
};

beforeAll(async () => {
  const store = openSqliteStore({ directory: source });
  for (const org of ["a", "b"]) {
    await store.create(org, (tx) => {
      for (let n = 0; n < RECORDS; n += 1) {
        tx.put({ kind: "principal", value: { id: `p${n}`, type: "user", active: true } });
        tx.put({ kind: "grant", value: { principal: `p${n}`, resource: `/spaces/${n}`, access: "R", reach: "self" } });
      }
      tx.audit(NOTE);
    });
  }
  await store.tokens.put(TOKEN);
  await store.items.write((tx) => tx.put(ITEM));
  whole = JSON.stringify([await read(store, "a"), await read(store, "b")]);
  await store.close();
  bytes = readFileSync(join(source, "reeve.db"));
  return () => rmSync(source, { recursive: true });
});

/** Opens a copy that differs in one bit, read by a thread if it has `threadFrom` objects; what was read of both organizations, and what was refused. */
const flipped = async (at: number, bit: number, threadFrom?: number): Promise<{ refused: StoreError[]; different: string[] }> => {
  const directory = folder();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  writeFileSync(join(directory, "reeve.db"), copy);
  let store: Store;
  try {
    store = openSqliteStore({ directory, ...(threadFrom === undefined ? {} : { threadFrom }) });
  } catch (error) {
    if (error instanceof StoreError) return { refused: [error], different: [] };
    throw error;
  }
  try {
    const found = [await read(store, "a"), await read(store, "b")];
    const expected = JSON.parse(whole) as string[];
    const token = await store.tokens.find(TOKEN.hash).catch((error: unknown) => (error instanceof StoreError ? undefined : { error }));
    const isOther = token !== undefined && JSON.stringify(token) !== JSON.stringify(TOKEN);
    const item = await store.items
      .find(ITEM.kind, ITEM.id)
      .catch((error: unknown) => (error instanceof StoreError ? undefined : { error }));
    const isOtherItem = item !== undefined && JSON.stringify(item) !== JSON.stringify(ITEM);
    return {
      refused: found.filter((each) => each instanceof StoreError),
      different: [
        ...found.filter((each, index) => typeof each === "string" && each !== expected[index]).map((each) => String(each).slice(0, 200)),
        ...(isOther ? [JSON.stringify(token)] : []),
        ...(isOtherItem ? [JSON.stringify(item)] : []),
      ],
    };
  } finally {
    await store.close().catch(() => undefined);
  }
};

const HEADER_BYTES = 100;

describe("a flipped bit", () => {
  it("in the header of the file is refused with its remedy or harmless", async () => {
    for (let at = 0; at < HEADER_BYTES; at += 1) {
      const { refused, different } = await flipped(at, at % 8);
      expect([at, different]).toEqual([at, []]);
      for (const error of refused) expect([at, REFUSALS.includes(error.code), error.code]).toEqual([at, true, error.code]);
    }
  });

  it(`anywhere behind the header is refused or harmless, over ${FLIPS} of them (seed ${SEED})`, async () => {
    const random = seeded(SEED);
    let refusals = 0;
    for (let n = 0; n < FLIPS; n += 1) {
      const [at, bit] = [HEADER_BYTES + random.below(bytes.length - HEADER_BYTES), random.below(8)];
      const { refused, different } = await flipped(at, bit, n % 10 === 0 ? 0 : undefined);
      expect({ at, bit, different }).toEqual({ at, bit, different: [] });
      for (const error of refused) expect({ at, bit, code: error.code }).toEqual({ at, bit, code: "damaged" });
      refusals += refused.length;
    }
    expect(refusals).toBeGreaterThan(FLIPS / 10);
  });

  it.each([undefined, 0])(
    "in a value of a leaf refuses that organization alone, with its name and the remedy (a thread from %s)",
    async (from) => {
      // One letter of a grant of `a`: `"access":"R"` becomes another access.
      const at = bytes.indexOf('"access":"R","principal":"p17"') + '"access":"'.length;
      const { refused, different } = await flipped(at, 0, from);
      expect(different).toEqual([]);
      expect(refused).toMatchObject([
        { code: "damaged", message: expect.stringMatching(/organization "[ab]" is damaged.*restore a backup/) },
      ]);
    },
  );
});

it("a file that was cut off is refused", async () => {
  for (const pages of [0.5, 1, 2, 10]) {
    const directory = folder();
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    mkdirSync(directory, { recursive: true });
    copyFileSync(join(source, "reeve.db"), join(directory, "reeve.db"));
    writeFileSync(join(directory, "reeve.db"), bytes.subarray(0, pages * PAGE_BYTES));
    const outcome = await (async () => {
      const store = openSqliteStore({ directory });
      try {
        return [await read(store, "a"), await read(store, "b")];
      } finally {
        await store.close().catch(() => undefined);
      }
    })().catch((error: unknown) => [error]);
    for (const each of outcome) expect(each).toMatchObject({ name: "StoreError", code: expect.stringMatching(/damaged|not_a_store/) });
  }
});
