import { describe, expect, it } from "vitest";
import { LIMITS } from "./limits.ts";
import { parseRecord } from "./parse.ts";
import { emailKey, parseAccount } from "./parse-people.ts";

/** What is refused, as "code pointer"; nothing when the value is good. */
const faults = (kind: string, value: unknown): readonly string[] => {
  const read = parseRecord(kind, value);
  return read.ok ? [] : read.error.map((fault) => `${fault.code} ${fault.pointer}`);
};

describe("an organization", () => {
  it("has a name, and no tenant ids unless it says so", () => {
    expect(parseRecord("organization", { name: "ACME" })).toEqual({
      ok: true,
      value: { kind: "organization", value: { name: "ACME", tenantIds: [] } },
    });
    expect(faults("organization", { name: "ACME", tenantIds: ["1", "acme prod"] })).toEqual([]);
  });

  it("has no tenant id twice, no empty name, and nothing else", () => {
    expect(faults("organization", { name: "", tenantIds: ["1", "1"], id: "x" })).toEqual([
      "empty /name",
      "duplicate /tenantIds/1",
      "unknown_member /id",
    ]);
    expect(
      faults("organization", { name: "ACME", tenantIds: Array.from({ length: LIMITS.tenantIdsMax + 1 }, (_, index) => `${index}`) }),
    ).toEqual(["too_many /tenantIds"]);
  });
});

describe("a principal", () => {
  it("is active unless it says otherwise", () => {
    expect(parseRecord("principal", { id: "ann", type: "user" })).toEqual({
      ok: true,
      value: { kind: "principal", value: { id: "ann", type: "user", active: true } },
    });
    expect(
      faults("principal", {
        id: "a.B_9@x:y-z",
        type: "service-account",
        active: false,
        name: "Bot é",
        properties: { a: [1, { b: null }] },
      }),
    ).toEqual([]);
  });

  it.each(["members", "admins"])("is never named %s, which is a system group", (id) => {
    expect(faults("principal", { id, type: "group" })).toEqual(["reserved /id"]);
  });

  it.each([
    ["", "empty"],
    ["a b", "malformed_id"],
    ["é", "malformed_id"],
    ["a/b", "malformed_id"],
    ["x".repeat(129), "too_long"],
    ["constructor", "reserved"],
    [7, "wrong_type"],
    [null, "wrong_type"],
  ])("has no id %j", (id, code) => {
    expect(faults("principal", { id, type: "user" })).toEqual([`${code} /id`]);
  });

  it("is of a known type", () => {
    expect(faults("principal", { id: "ann", type: "robot" })).toEqual(["not_allowed /type"]);
    expect(faults("principal", { id: "ann" })).toEqual(["required /type"]);
  });

  it.each([
    ["a\nb", "malformed_text"],
    ["\ud800", "malformed_text"],
    ["\u0085", "malformed_text"],
    ["é".repeat(257), "too_long"],
  ])("has no name %j", (name, code) => {
    expect(faults("principal", { id: "ann", type: "user", name })).toEqual([`${code} /name`]);
  });

  it("has a name counted in characters, not in UTF-16 units", () => {
    expect(faults("principal", { id: "ann", type: "user", name: "😀".repeat(LIMITS.nameCharactersMax) })).toEqual([]);
  });
});

describe("a membership", () => {
  it("puts a principal into a group, for a time", () => {
    expect(faults("membership", { group: "admins", member: "ann" })).toEqual([]);
    expect(faults("membership", { group: "staff", member: "members", notBefore: 0, notAfter: 1 })).toEqual([]);
  });

  it("never fills the group of all members", () => {
    expect(faults("membership", { group: "members", member: "ann" })).toEqual(["reserved /group"]);
  });

  it.each([
    [{ notBefore: 5, notAfter: 5 }, "out_of_range /notAfter"],
    [{ notBefore: 6, notAfter: 5 }, "out_of_range /notAfter"],
    [{ notBefore: -1 }, "out_of_range /notBefore"],
    [{ notAfter: LIMITS.timeMsMax + 1 }, "out_of_range /notAfter"],
    [{ notAfter: 1.5 }, "wrong_type /notAfter"],
    [{ notAfter: "2026-01-01" }, "wrong_type /notAfter"],
    [{ notBefore: null }, "wrong_type /notBefore"],
  ])("has no window %j", (window, fault) => {
    expect(faults("membership", { group: "staff", member: "ann", ...window })).toEqual([fault]);
  });
});

describe("administrators and developers", () => {
  it("are pairs of ids", () => {
    expect(faults("product-administrator", { product: "cloud-manager", principal: "ann" })).toEqual([]);
    expect(faults("product-administrator", { product: "cloud-manager" })).toEqual(["required /principal"]);
    expect(faults("developer-access", { role: "developer", principal: "ann" })).toEqual([]);
    expect(faults("developer-access", { role: "a role", principal: "ann" })).toEqual(["malformed_id /role"]);
  });

  it("make projects with roles and a service account", () => {
    const project = { id: "p1", name: "Deploy", product: "cloud-manager", roles: ["developer"], serviceAccount: "bot" };
    expect(faults("developer-project", project)).toEqual([]);
    expect(faults("developer-project", { ...project, roles: ["a", "a"], secret: "x" })).toEqual([
      "duplicate /roles/1",
      "unknown_member /secret",
    ]);
    expect(faults("developer-project", { ...project, roles: "developer" })).toEqual(["wrong_type /roles"]);
  });
});

describe("an account", () => {
  it("is an id and an address, told apart trimmed and without case", () => {
    expect(parseAccount({ id: "1", email: " Ann@Example.com\t" })).toEqual({ ok: true, value: { id: "1", email: "Ann@Example.com" } });
    expect(emailKey(" Ann@Example.com\t")).toBe(emailKey("ann@example.COM"));
  });

  it.each(["", "  ", "ann", "@example.com", "ann@", "a b@example.com", "a@b@c", "a@b\u0000"])("has no address %j", (email) => {
    expect(parseAccount({ id: "1", email }).ok).toBe(false);
  });

  it("has nothing else", () => {
    const read = parseAccount({ email: 7, password: "x" }, "/accounts/0");
    expect(read.ok ? [] : read.error.map((fault) => fault.pointer)).toEqual([
      "/accounts/0/id",
      "/accounts/0/email",
      "/accounts/0/password",
    ]);
  });
});
