/**
 * What the store cannot do, as clients hear of it: every code of its errors over HTTP, on both ways, while it is read and while it is
 * written; and what orchestrators hear at /readyz.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROBLEMS, type ProblemCode } from "@reeve/contract";
import { openSqliteStore, type Store, StoreError } from "@reeve/server";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CHECK } from "./hostile-bodies.ts";
import { makeOrganization, put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

type StoreErrorCode = StoreError["code"];
/** What a request is answered, by the code that the store fails with. */
/** What a write expected is no failure: whoever expects something answers it himself. */
type Failure = Exclude<StoreErrorCode, "object_changed" | "key_reused">;
const TOLD = {
  organization_unknown: "organization_not_found",
  busy: "store_busy",
  disk_full: "disk_full",
  commit_failed: "write_uncertain",
  writes_stopped: "store_stopped",
  store_closed: "draining",
  damaged: "store_damaged",
  store_failed: "store_failed",
  not_answered: "answer_timeout",
  wrong_answer: "store_failed",
  locked: "internal_error",
  newer_database: "internal_error",
  not_a_store: "internal_error",
  directory_unusable: "internal_error",
  network_file_system: "internal_error",
  clock_behind: "internal_error",
  restore_unfinished: "internal_error",
  target_exists: "internal_error",
} as const satisfies Record<Failure, ProblemCode>;
const rows = Object.entries(TOLD) as (readonly [Failure, ProblemCode])[];
const MESSAGE = "SQLITE_CORRUPT: reeve.db in the directory is damaged";

const directory = mkdtempSync(join(tmpdir(), "reeve-failures-"));
let broken: Partial<Store> = {};
let served: Served;
beforeAll(async () => {
  const openStore = (options: { readonly directory: string }): Store => {
    const store = openSqliteStore(options);
    return new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(broken, name) ?? Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  };
  served = await serve({ directory, wiring: { openStore } });
});
beforeEach(() => {
  broken = {};
});
afterAll(async () => {
  broken = {};
  await served?.close();
  rmSync(directory, { recursive: true, force: true });
});

const failing = (code: StoreErrorCode) => async (): Promise<never> => {
  throw new StoreError(code, MESSAGE);
};

describe("a store that fails", () => {
  it.each(rows)("with %s while an organization is loaded is answered with %s on both ways", async (code, told) => {
    broken = {
      // biome-ignore lint/correctness/useYield: it fails before its first page.
      async *load() {
        throw new StoreError(code, MESSAGE);
      },
    };
    for (const query of ["", "?the-long-way"]) {
      const answer = await served.call(`/v1/orgs/Cold@ReeveOrg/check${query}`, { body: CHECK });
      expect([answer.status, answer.body.code], answer.text).toEqual([PROBLEMS[told].status, told]);
      expect(answer.text).not.toMatch(/SQL|reeve\.db|directory/);
    }
  });

  it.each(rows)("with %s while it is written is answered with %s, and nothing is there afterwards", async (code, told) => {
    const one = await makeOrganization(served, []);
    const before = await one.revision();
    broken = { write: failing(code) };
    const answer = await one.write([put("label", { id: "custom/x" })]);
    expect([answer.status, answer.body.code], answer.text).toEqual([PROBLEMS[told].status, told]);
    expect(answer.text).not.toMatch(/SQL|reeve\.db|directory/);
    broken = {};
    expect(await one.revision()).toBe(before);
    await one.writes([put("label", { id: "custom/x" })]);
  });
});

describe("/readyz", () => {
  const ask = async () => {
    const { status, body } = await served.call("/readyz", { token: null });
    return [status, body.status, body.why];
  };
  const why = new StoreError("writes_stopped", MESSAGE);

  it("is not ready when writes are stopped, and says why in plain words", async () => {
    broken = { health: () => ({ writes: "stopped", sinceMs: 1, why }) };
    const [status, said, reason] = await ask();
    expect([status, said]).toEqual([503, "not ready"]);
    expect(reason).toMatch(/takes no writes.*start the server again/);
    expect(reason).not.toMatch(/SQL|reeve\.db|directory/);
  });

  it("is ready while writes are refused one by one, for the next one may be taken", async () => {
    broken = { health: () => ({ writes: "refused", sinceMs: 1, why }) };
    expect(await ask()).toEqual([200, "ready", undefined]);
  });

  it("is not ready when the store does not answer", async () => {
    broken = { heads: failing("store_failed") };
    expect(await ask()).toEqual([503, "not ready", "the store does not answer"]);
  });
});
