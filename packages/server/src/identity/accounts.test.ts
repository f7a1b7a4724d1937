/** Accounts: one for an address, made by whoever accepts first, and nobody's by inviting it. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../store/memory/memory-store.ts";
import { createAccounts, INVITATION_MS } from "./accounts.ts";
import { createPasswords } from "./passwords.ts";

const NOTE = { actor: { type: "user", id: "ada" }, action: "test", target: "/", requestId: "r" };
const BY = { actor: { type: "user", id: "bob" }, requestId: "r" };
const [MINE, OTHER] = ["correct horse battery", "another long password"];
const ADA = { org: "acme", principal: "ada", email: "Ada@Example.com" };

async function world() {
  const store = memoryStore();
  for (const org of ["acme", "globex"])
    await store.create(org, (tx) => {
      for (const id of ["ada", "bob"]) tx.put({ kind: "principal", value: { id, type: "user", active: true } });
      tx.audit(NOTE);
    });
  let nowMs = 1_000_000;
  const passwords = createPasswords({ cost: { memoryKiB: 64, passes: 1, lanes: 1 } });
  const accounts = createAccounts({ items: store.items, passwords, clock: () => nowMs });
  const invite = async (asked: Partial<typeof ADA> = {}) => {
    const made = await accounts.invite({ ...ADA, ...asked, by: BY });
    if (!made.ok) throw new Error(made.error.code);
    return made.value;
  };
  const accept = async (token: string, password: string) => {
    const done = await accounts.accept({ token, password, requestId: "r" });
    return done.ok ? done.value.id : done.error.code;
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { store, accounts, invite, accept, pass };
}

describe("an invitation", () => {
  it("makes an account with its first password, and links it to the user", async () => {
    const { accounts, invite, accept } = await world();
    const { token, told } = await invite();
    expect(token).toMatch(/^rvi_[\w-]{43}$/);
    expect(JSON.stringify(told)).not.toContain(token);
    const id = await accept(token, MINE);
    expect(await accounts.find(id)).toEqual({ id, email: "Ada@Example.com" });
    expect(await accounts.persons(id)).toEqual([{ org: "acme", principal: "ada" }]);
    expect(await accounts.authenticate({ email: " ada@EXAMPLE.com", password: MINE })).toEqual({ id, email: "Ada@Example.com" });
    expect(await accounts.authenticate({ email: "ada@example.com", password: OTHER })).toBeUndefined();
    expect(await accounts.authenticate({ email: "eve@example.com", password: MINE })).toBeUndefined();
  });

  it("counts once, for seven days, until it is withdrawn, and until a newer one for the same user", async () => {
    const { accounts, invite, accept, pass } = await world();
    const [first, second] = [await invite(), await invite({ email: "a@b" })];
    expect(await accept(first.token, MINE)).toBe("invitation_not_found");
    await accept(second.token, MINE);
    expect(await accept(second.token, MINE)).toBe("invitation_not_found");
    const late = await invite({ principal: "bob", email: "bob@x" });
    pass(INVITATION_MS - 1);
    expect(await accounts.invited(late.token)).toMatchObject({ principal: "bob" });
    pass(1);
    expect(await accounts.invited(late.token)).toBeUndefined();
    expect(await accept(late.token, MINE)).toBe("invitation_not_found");
    const withdrawn = await invite({ principal: "bob", email: "bob@x" });
    expect(await accounts.withdraw("globex", withdrawn.told.id, BY)).toBe(false);
    expect(await accounts.withdraw("acme", withdrawn.told.id, BY)).toBe(true);
    expect(await accept(withdrawn.token, MINE)).toBe("invitation_not_found");
    for (const odd of ["", "rvi_x", "x".repeat(9_999)]) expect(await accept(odd, MINE)).toBe("invitation_not_found");
  });

  it("ends with the life of its user", async () => {
    const { store, accounts, invite, accept } = await world();
    const { token } = await invite();
    await store.write("acme", (tx) => {
      tx.delete("principal", ["ada"]);
      tx.audit(NOTE);
    });
    expect(await accept(token, MINE)).toBe("invitation_not_found");
    expect(await accounts.invite({ ...ADA, by: BY })).toEqual({ ok: false, error: { code: "unknown_principal" } });
  });

  it("accepted twice at once lets one in", async () => {
    const { invite, accept } = await world();
    const { token } = await invite();
    const done = await Promise.all([accept(token, MINE), accept(token, OTHER)]);
    expect(done.filter((one) => one === "invitation_not_found")).toHaveLength(1);
  });
});

describe("an account", () => {
  it("that is there is linked by its own password alone, and keeps it", async () => {
    const { accounts, invite, accept } = await world();
    const id = await accept((await invite()).token, MINE);
    const { token } = await invite({ org: "globex", principal: "bob", email: "ADA@example.com" });
    expect(await accept(token, OTHER)).toBe("wrong_password");
    expect(await accounts.persons(id)).toHaveLength(1);
    expect(await accept(token, MINE)).toBe(id);
    expect(await accounts.persons(id, "globex")).toEqual([{ org: "globex", principal: "bob" }]);
    expect(await accounts.authenticate({ email: ADA.email, password: OTHER })).toBeUndefined();
  });

  it("of whoever was first stays where two organizations invite an address that has none", async () => {
    const { accounts, invite, accept } = await world();
    const [one, two] = [await invite(), await invite({ org: "globex" })];
    const id = await accept(one.token, OTHER);
    // Nothing of the other organization comes with it.
    expect(await accounts.persons(id)).toEqual([{ org: "acme", principal: "ada" }]);
    expect(await accept(two.token, MINE)).toBe("wrong_password");
    const both = await world();
    const [left, right] = [await both.invite(), await both.invite({ org: "globex" })];
    const made = await Promise.all([both.accept(left.token, MINE), both.accept(right.token, MINE)]);
    expect(new Set(made).size).toBe(1);
  });

  it("is one user of an organization, and a user is one account's", async () => {
    const { accounts, invite, accept } = await world();
    const [one, two] = [await invite(), await invite({ principal: "bob" })];
    expect(await accounts.principalOf({ org: "acme", email: ADA.email })).toMatch(/ada|bob/);
    await accept(one.token, MINE);
    expect(await accept(two.token, MINE)).toBe("invitation_not_found");
    expect(await accounts.principalOf({ org: "acme", email: "ada@example.com" })).toBe("ada");
    expect(await accounts.principalOf({ org: "globex", email: "ada@example.com" })).toBeUndefined();
    expect(await accounts.conflict({ ...ADA, principal: "bob" })).toBe("address_taken");
    expect(await accounts.conflict({ ...ADA, email: "eve@x" })).toBe("principal_taken");
    expect(await accounts.conflict(ADA)).toBeUndefined();
  });

  it("that ends lets nobody in, and its address may be another account's", async () => {
    const { accounts, invite, accept } = await world();
    const id = await accept((await invite()).token, MINE);
    expect([await accounts.end(id, { requestId: "r" }), await accounts.end(id, { requestId: "r" })]).toEqual([true, false]);
    expect([await accounts.find(id), await accounts.persons(id)]).toEqual([undefined, []]);
    expect(await accounts.authenticate({ email: ADA.email, password: MINE })).toBeUndefined();
    expect(await accept((await invite()).token, OTHER)).not.toBe(id);
  });
});
