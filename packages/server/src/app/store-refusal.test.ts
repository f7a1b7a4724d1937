/** Failures of the store as problems: every code of the type, and nothing of the store's own words. */
import { describe, expect, it } from "vitest";
import { StoreError } from "../store/index.ts";
import { STORE_REFUSALS, storeRefusal } from "./store-refusal.ts";

type StoreErrorCode = StoreError["code"];
const codes = Object.keys(STORE_REFUSALS) as StoreErrorCode[];
const MESSAGE = "SQLITE_CORRUPT: the file reeve.db of /var/lib/reeve is damaged at page 7";

describe("a failure of the store", () => {
  it.each(codes)("%s has a meaning of its own that tells nothing of the database, or is a bug", (code) => {
    const refusal = storeRefusal(new StoreError(code, MESSAGE, new Error(MESSAGE)));
    if (STORE_REFUSALS[code] === "bug") return expect(refusal).toBeUndefined();
    expect(refusal?.code).toMatch(/^[a-z_]+$/);
    expect(refusal?.detail ?? "").not.toMatch(/SQL|file|page|\/|reeve\.db/i);
  });

  it("that only a start can meet, or that a write answers by itself, is a bug where a request meets it", () => {
    expect(codes.filter((code) => STORE_REFUSALS[code] === "bug")).toEqual([
      "object_changed",
      "key_reused",
      "locked",
      "newer_database",
      "not_a_store",
      "directory_unusable",
      "network_file_system",
      "clock_behind",
      "restore_unfinished",
      "target_exists",
    ]);
  });

  it("is told from every other error", () => {
    expect([new Error("busy"), Object.assign(new Error("x"), { code: "busy" }), "busy", undefined].map(storeRefusal)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });

  it("of which the outcome is not known never says that nothing was written", () => {
    for (const code of ["commit_failed", "not_answered", "wrong_answer", "store_failed"] as const) {
      expect(storeRefusal(new StoreError(code, MESSAGE))?.detail ?? "").not.toMatch(/nothing/i);
    }
  });
});
