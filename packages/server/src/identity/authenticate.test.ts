/** Authentication: which credentials are let in, and what a look at the clock or a failing store changes. */
import type { PrincipalType } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { type Store, StoreError, type Token } from "../store/index.ts";
import { memoryStore } from "../store/memory/memory-store.ts";
import { authenticator } from "./authenticate.ts";
import { hashToken } from "./secrets.ts";

const SECRET = "reeve_a-secret-of-the-administrator";
const token = (more: Partial<Token> = {}): Token => ({
  hash: hashToken(SECRET),
  kind: "administrator",
  ceiling: "admin",
  createdMs: 1,
  ...more,
});
async function storeWith(...tokens: readonly Token[]): Promise<Store> {
  const store = memoryStore();
  for (const one of tokens) await store.tokens.put(one);
  return store;
}
const authenticatorOf = (tokens: Parameters<typeof authenticator>[0]) => authenticator(tokens, () => undefined);
/** Tokens of which one is known: the store itself takes none of a principal that is not there. */
const holding = (one: Token) => ({ find: () => one, used: async () => undefined }) as unknown as Parameters<typeof authenticator>[0];
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

describe("a credential", () => {
  it("of the administrator gives a caller who may do all", async () => {
    const authenticate = authenticatorOf((await storeWith(token({ clientId: "ci" }))).tokens);
    expect(await authenticate(bearer(SECRET), 5)).toEqual({ organizations: "all", ceiling: "admin", how: "token", clientId: "ci" });
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    SECRET,
    `Basic ${SECRET}`,
    `Bearer ${SECRET}.`,
    `Bearer ${SECRET.slice(0, -1)}`,
    `Bearer ${SECRET.toUpperCase()}`,
    `Bearer ${SECRET} `,
    `Bearer ${SECRET}, Bearer ${SECRET}`,
    `Bearer\t${SECRET}`,
    ` Bearer ${SECRET}`,
    `Bearer ${hashToken(SECRET).toString("hex")}`,
    `Bearer ${"x".repeat(5_000)}`,
  ])("that is %j gives nobody", async (authorization) => {
    const authenticate = authenticatorOf((await storeWith(token())).tokens);
    expect(await authenticate({ authorization }, 5)).toBeUndefined();
  });

  it("counts until it expires, and not at that moment", async () => {
    const authenticate = authenticatorOf((await storeWith(token({ expiresMs: 1_000 }))).tokens);
    expect(await authenticate(bearer(SECRET), 999)).toBeDefined();
    expect(await authenticate(bearer(SECRET), 1_000)).toBeUndefined();
    expect(await authenticate(bearer(SECRET), 1_001)).toBeUndefined();
  });

  it("of an active principal gives a caller of its organization alone, under the token's ceiling", async () => {
    const standing = { kind: "principal", org: "acme", principal: "bot", ceiling: "decide", clientId: "ci" };
    for (const type of ["service-account", "user", Promise.resolve<PrincipalType>("user")] as const) {
      const authenticate = authenticator(holding(token(standing)), () => type);
      expect(await authenticate(bearer(SECRET), 5)).toEqual({
        principal: { organization: "acme", type: await type, id: "bot" },
        organizations: ["acme"],
        ceiling: "decide",
        how: "token",
        clientId: "ci",
      });
    }
  });

  it("of a principal that is inactive, gone or a group gives nobody, and neither does one of no organization", async () => {
    const standing = { kind: "principal", org: "acme", principal: "bot", ceiling: "decide" };
    for (const type of [undefined, Promise.resolve(undefined), "group"] as const) {
      expect(await authenticator(holding(token(standing)), () => type)(bearer(SECRET), 5)).toBeUndefined();
    }
    const { org: _, ...stray } = standing;
    expect(await authenticator(holding(token(stray)), () => "user")(bearer(SECRET), 5)).toBeUndefined();
  });

  it("with a ceiling that nobody knows gives nobody", async () => {
    for (const ceiling of ["root", "", null, ["admin"]]) {
      expect(await authenticatorOf((await storeWith(token({ ceiling }))).tokens)(bearer(SECRET), 5)).toBeUndefined();
    }
  });

  it("further, of the administrator, gives a caller under its own ceiling", async () => {
    const authenticate = authenticatorOf((await storeWith(token({ kind: "further-administrator", ceiling: "read" }))).tokens);
    expect(await authenticate(bearer(SECRET), 5)).toEqual({ organizations: "all", ceiling: "read", how: "token" });
  });

  it("of another kind gives nobody", async () => {
    for (const kind of ["Principal", "Administrator", "", "__proto__"]) {
      expect(await authenticatorOf((await storeWith(token({ kind }))).tokens)(bearer(SECRET), 5)).toBeUndefined();
    }
  });

  it("that is gone from the store gives nobody from the next request on", async () => {
    const store = await storeWith(token());
    const authenticate = authenticatorOf(store.tokens);
    expect(await authenticate(bearer(SECRET), 5)).toBeDefined();
    await store.tokens.delete(hashToken(SECRET));
    expect(await authenticate(bearer(SECRET), 6)).toBeUndefined();
  });
});

describe("an access token", () => {
  const JWT = "eyJhbGci.eyJpc3Mi.c2ln";
  const GRANTED = { org: "acme", sub: "bot", client_id: "c1", scope: "openid" };
  const asking = async (granted: object | undefined, authorization = `Bearer ${JWT}`) => {
    const seen: string[] = [];
    const verify = (text: string) => {
      seen.push(text);
      return granted as typeof GRANTED | undefined;
    };
    const authenticate = authenticator((await storeWith(token({ hash: hashToken(JWT) }))).tokens, () => undefined, verify);
    return { caller: await authenticate({ authorization }, 5), seen };
  };

  it.each([
    ["openid", "admin"],
    ["reeve.read", "read"],
    ["openid reeve.decide", "decide"],
    ["reeve.read reeve.admin", "admin"],
    ["reeve.reads", "admin"],
  ])("of the scope %j gives a caller of its organization, under the ceiling %j", async (scope, ceiling) => {
    const { caller } = await asking({ ...GRANTED, scope });
    const principal = { organization: "acme", type: "service-account", id: "bot" };
    expect(caller).toEqual({ principal, organizations: ["acme"], ceiling, how: "access-token", clientId: "c1" });
  });

  it("that is none of ours may be a token of the other sort", async () => {
    expect(await asking(undefined)).toMatchObject({ caller: { organizations: "all", how: "token" }, seen: [JWT] });
  });

  it.each([
    `Bearer ${SECRET}`,
    `Bearer a.b.c`,
    `Bearer ${JWT}.x`,
    `Bearer ${JWT.slice(0, -5)}`,
    `Bearer ${JWT} `,
    `Bearer ${JWT}, Bearer ${JWT}`,
    `Basic ${JWT}`,
    JWT,
    `Bearer eyJ${"a".repeat(5_000)}.eyJb.c`,
  ])("is nothing that is shown as %j, which is not even looked at", async (authorization) => {
    expect(await asking(GRANTED, authorization)).toEqual({ caller: undefined, seen: [] });
  });

  it("whose look-up fails is no caller: the error reaches the edge", async () => {
    const verify = async () => Promise.reject(new StoreError("store_failed", "failed"));
    const authenticate = authenticator((await storeWith()).tokens, () => undefined, verify);
    await expect(authenticate(bearer(JWT), 5)).rejects.toMatchObject({ code: "store_failed" });
  });
});

describe("the use of a token", () => {
  function counted(store: Store, fails = false) {
    const used: number[] = [];
    const tokens = {
      ...store.tokens,
      find: (hash: Uint8Array) => store.tokens.find(hash),
      async used(_hash: Uint8Array, atMs: number) {
        used.push(atMs);
        if (fails) throw new StoreError("busy", "busy");
      },
    };
    return { used, store: { tokens } as unknown as Store };
  }

  it("is noted once a minute", async () => {
    const { used, store } = counted(await storeWith(token()));
    const authenticate = authenticatorOf(store.tokens);
    for (const nowMs of [100_000, 100_001, 159_999, 160_000, 160_001, 300_000]) await authenticate(bearer(SECRET), nowMs);
    expect(used).toEqual([100_000, 160_000, 300_000]);
  });

  it("that cannot be noted keeps nobody out, and is tried again", async () => {
    const { used, store } = counted(await storeWith(token()), true);
    const authenticate = authenticatorOf(store.tokens);
    expect(await authenticate(bearer(SECRET), 100_000)).toBeDefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await authenticate(bearer(SECRET), 100_001)).toBeDefined();
    expect(used).toEqual([100_000, 100_001]);
  });

  it("is not noted of a token that is refused", async () => {
    const { used, store } = counted(await storeWith(token({ expiresMs: 1 })));
    await authenticatorOf(store.tokens)(bearer(SECRET), 100_000);
    expect(used).toEqual([]);
  });
});

describe("an error of the store", () => {
  it("is no caller: it reaches the edge as an error", async () => {
    const store = await storeWith(token());
    await store.close();
    await expect(authenticatorOf(store.tokens)(bearer(SECRET), 5)).rejects.toMatchObject({ code: "store_closed" });
  });
});
