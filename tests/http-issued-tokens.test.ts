/**
 * Access tokens of trusted issuers: whoever the issuer says asks, asks as a principal of its organization, with the rights that Reeve has
 * for him at that moment; whatever is not exactly what it signed, for this API and for now, is 401.
 */
import { generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Trip } from "./browser-trip.ts";
import { FORGERIES, type Forged, type Forgery, forge, SPOILT } from "./forgeries.ts";
import { AUDIENCE, CLIENT, Issuer, type Minted, newKey } from "./issuer.ts";
import { claimsOf, headerOf } from "./oauth-client.ts";
import { BASE, Organization, put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

const PAUSE_MS = 30_000;
const FRESH_MS = 600_000;
const STALE_MS = 3_600_000;
let issuer: Issuer;
let served: Served;
let one: Organization;
let aheadMs = 0;
const clock = () => Date.now() + aheadMs;
beforeAll(async () => {
  issuer = await Issuer.start();
  const tokens = { tokens: { audience: AUDIENCE }, claims: { principal: "uid" }, people: "create" };
  served = await serve({ environment: { REEVE_ISSUERS: JSON.stringify([issuer.entry("corp", "Corp", tokens)]) }, wiring: { clock } });
  await served.call("/v1/orgs", { body: { id: "Corp", name: "Corp" } });
  one = new Organization(served, "Corp");
  await one.writes([
    ...BASE,
    put("principal", { id: "bot", type: "service-account" }),
    put("membership", { group: "admins", member: "bot" }),
  ]);
});
afterAll(async () => {
  await served?.close();
  await issuer?.close();
});

const mint = ({ claims, ...minted }: Minted = {}, sign?: (key: KeyObject, text: string) => Buffer): string =>
  issuer.token({ claims: { uid: "bot", ...claims }, ...minted }, sign, clock());
const statusOf = async (token: string): Promise<number> => (await served.call("/v1/orgs/Corp/principals", { token })).status;
const forged = (): Forged => ({
  ours: issuer.keys[0]?.signs as KeyObject,
  published: issuer.keys[0]?.jwk ?? {},
  keysAt: `${issuer.url}/keys`,
});
const forgedBy = (forgery: Forgery): string => {
  const token = mint();
  return forge(forgery, { header: headerOf(token), claims: claimsOf(token) }, forged());
};

/** On the long way and on the short way. */
async function expectRefused(token: string): Promise<void> {
  const check = { body: { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/" } } };
  for (const [at, sent] of [
    ["/v1/me", {}],
    ["/v1/orgs/Corp/check", check],
  ] as const) {
    const answer = await served.call(at, { ...sent, token });
    expect([answer.status, answer.body?.code], `${at} ${answer.text}`).toEqual([401, "not_authenticated"]);
  }
}

describe("a token of an issuer", () => {
  it("lets its bearer in as a principal of the issuer's organization", async () => {
    const { body } = await served.call("/v1/me", { token: mint({ claims: { client_id: "a-client" } }) });
    expect(body).toEqual({
      administrator: false,
      principal: { organization: "Corp", type: "service-account", id: "bot" },
      organizations: ["Corp"],
      ceiling: "admin",
      how: "access-token",
      clientId: "a-client",
    });
    const user = (await served.call("/v1/me", { token: mint({ claims: { uid: "ann" } }) })).body;
    expect([user.principal.type, user.clientId]).toEqual(["user", null]);
  });

  it.each([
    ["put together in the same way, of nothing but what is true", () => forgedBy({})],
    ["of type JWT", () => mint({ header: { typ: "JWT" } })],
    ["without a type", () => mint({ header: { typ: undefined } })],
    ["for several audiences", () => mint({ claims: { aud: ["other", AUDIENCE] } })],
    ["without nbf and iat", () => mint({ claims: { nbf: undefined, iat: undefined } })],
    ["by a clock that is half a minute ahead", () => mint({ claims: { nbf: Math.floor(clock() / 1_000) + 30 } })],
    ["with the name of a certificate", () => mint({ header: { x5t: "abc" } })],
  ])("%s is taken", async (_, token) => expect(await statusOf(token())).toBe(200));

  it("gives no right: what a principal may is looked up at each request", async () => {
    const claims = { uid: "ann", roles: ["admin"], groups: ["admins"], scope: "reeve.admin" };
    const token = mint({ claims });
    expect(await statusOf(token)).toBe(403);
    await one.writes([put("assignment", { role: "reeve-auditor", principal: "ann" })]);
    expect(await statusOf(token)).toBe(200);
    await one.writes([{ delete: { kind: "assignment", role: "reeve-auditor", principal: "ann" } }]);
    expect(await statusOf(token)).toBe(403);
  });

  it("is lowered by a scope of ours, and by no other", async () => {
    const asks = async (scope: string) => (await served.call("/v1/orgs/Corp/tokens", { token: mint({ claims: { scope } }) })).status;
    expect([await asks("reeve.read"), await asks("reeve.decide openid"), await asks("reeve.admin"), await asks("openid mail")]).toEqual([
      403, 403, 200, 200,
    ]);
  });

  it("ends with its principal, at once", async () => {
    await one.writes([put("principal", { id: "temp", type: "service-account" }), put("membership", { group: "admins", member: "temp" })]);
    const token = mint({ claims: { uid: "temp" } });
    expect(await statusOf(token)).toBe(200);
    await one.writes([put("principal", { id: "temp", type: "service-account", active: false })]);
    expect(await statusOf(token)).toBe(401);
    await one.writes([put("principal", { id: "temp", type: "service-account", active: true })]);
    expect(await statusOf(token)).toBe(200);
    await one.writes([{ delete: { kind: "principal", id: "temp" } }]);
    expect(await statusOf(token)).toBe(401);
  });

  it("reaches no other organization", async () => {
    const answer = await served.call("/v1/orgs/DEMO@ReeveOrg/principals", { token: mint() });
    expect([answer.status, answer.body.code]).toEqual([404, "organization_not_found"]);
  });

  it("stands for the user whom its subject is linked with, and no subject for another's", async () => {
    await one.writes([put("principal", { id: "linked", type: "user" })]);
    await new Trip(served).signIn("corp", issuer, { sub: "s-1", uid: "linked" });
    const me = async (claims: object) => (await served.call("/v1/me", { token: mint({ claims: { ...claims } }) })).body.principal?.id;
    expect(await me({ sub: "s-1", uid: "bot" })).toBe("linked");
    expect(await me({ sub: "s-2", uid: "linked" })).toBeUndefined();
  });
});

const OF_ISSUERS: Readonly<Record<string, Forgery>> = {
  "another type": { header: { typ: "logout+jwt" } },
  "a type that is an object": { header: { typ: {} } },
  "certificates beside it": { header: { x5c: ["MIIB"] } },
  "the nonce of an ID token": { claims: { nonce: "x" } },
  "a hash of an access token": { claims: { at_hash: "x" } },
  "the audience of people's sign-in": { claims: { aud: CLIENT.clientId } },
  "the audience of people's sign-in too": { claims: { aud: [AUDIENCE, CLIENT.clientId] } },
  "a key that its bearer would have to prove": { claims: { cnf: { jkt: "x" } } },
  "the events of a logout": { claims: { events: {} } },
  "no principal": { claims: { uid: undefined } },
  "a principal that is a list": { claims: { uid: ["bot"] } },
  "a principal that is not there": { claims: { uid: "nobody" } },
  "a group for a principal": { claims: { uid: "team" } },
  "a system group for a principal": { claims: { uid: "admins" } },
};

describe("a token of an issuer with", () => {
  // Whom its claim `uid` names, it stands for: its subject need not be there.
  const all = Object.entries(FORGERIES).filter(([name]) => name !== "a subject that is not there");
  it.each(all)("%s is refused", async (_, forgery) => expectRefused(forgedBy(forgery(forged()))));
  it.each(Object.entries(OF_ISSUERS))("%s is refused", async (_, forgery) => expectRefused(forgedBy(forgery)));
  it.each(Object.entries(SPOILT))("%s is refused", async (_, spoil) => expectRefused(spoil(mint())));
});

/** A server that trusts an issuer whose tokens are signed in a certain way. */
async function trusting(
  tokens: object,
): Promise<{ readonly issuer: Issuer; asks(token: string): Promise<number>; close(): Promise<void> }> {
  const its = await Issuer.start();
  const environment = { REEVE_ISSUERS: JSON.stringify([its.entry("x", "DEMO@ReeveOrg", { tokens: { audience: AUDIENCE, ...tokens } })]) };
  const own = await serve({ environment, wiring: { clock } });
  return {
    issuer: its,
    asks: async (token) => (await own.call("/v1/me", { token })).status,
    close: async () => void (await Promise.all([own.close(), its.close()])),
  };
}
const claims = { sub: "demo-business-owner" };

describe("algorithms", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const weak = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  const ed = generateKeyPairSync("ed25519");
  const keyOf = ({ privateKey, publicKey }: typeof rsa, kid: string) => ({
    kid,
    signs: privateKey,
    jwk: { ...publicKey.export({ format: "jwk" }), kid },
  });
  const pkcs1 = (key: KeyObject, text: string) => signBytes("sha256", Buffer.from(text), key);

  it("are those that are configured, each only with a key of its kind that is strong enough", async () => {
    const { issuer: its, asks, close } = await trusting({});
    try {
      its.keys = [keyOf(rsa, "rsa"), keyOf(weak, "weak"), keyOf(ed, "ed"), newKey("ec")];
      const token = (at: number, alg: string, sign = pkcs1) =>
        its.token({ claims, key: its.keys[at] as never, header: { alg } }, sign, clock());
      expect(await asks(token(0, "RS256"))).toBe(200);
      expect(await asks(token(1, "RS256"))).toBe(401);
      expect(await asks(token(3, "RS256"))).toBe(401);
      expect(await asks(token(0, "ES256"))).toBe(401);
      // Not among those that count where nothing is configured.
      expect(await asks(token(2, "EdDSA", (key, text) => signBytes(null, Buffer.from(text), key)))).toBe(401);
    } finally {
      await close();
    }
  });

  it("may be others", async () => {
    const { issuer: its, asks, close } = await trusting({ algorithms: ["EdDSA"] });
    try {
      its.keys = [keyOf(ed, "ed"), newKey("ec")];
      const sign = (key: KeyObject, text: string) => signBytes(null, Buffer.from(text), key);
      expect(await asks(its.token({ claims, header: { alg: "EdDSA" } }, sign, clock()))).toBe(200);
      expect(await asks(its.token({ claims, key: its.keys[1] as never }, undefined, clock()))).toBe(401);
    } finally {
      await close();
    }
  });
});

describe("keys of an issuer", () => {
  it("are asked for when one is needed, kept, and asked for again where one is unknown, not more often than each half minute", async () => {
    const { issuer: its, asks, close } = await trusting({});
    const asked = () => its.asked.filter((path) => path === "/keys").length;
    const token = () => its.token({ claims }, undefined, clock());
    try {
      expect(its.asked).toEqual([]);
      const first = token();
      for (let n = 0; n < 3; n++) expect(await asks(first)).toBe(200);
      expect(asked()).toBe(1);
      const old = its.keys;
      its.keys = [newKey()];
      for (let n = 0; n < 3; n++) expect(await asks(token())).toBe(401);
      expect(asked()).toBe(1);
      aheadMs += PAUSE_MS;
      expect([await asks(token()), asked()]).toEqual([200, 2]);
      // Withdrawn: its tokens end with it, though their signature was seen.
      expect(await asks(first)).toBe(401);
      for (let n = 0; n < 5; n++) expect(await asks(its.token({ claims, key: newKey() }, undefined, clock()))).toBe(401);
      aheadMs += PAUSE_MS;
      for (let n = 0; n < 5; n++) expect(await asks(its.token({ claims, key: old[0] as never }, undefined, clock()))).toBe(401);
      expect(asked()).toBe(3);
    } finally {
      await close();
    }
  });

  it("that were withdrawn count for ten minutes at most; while the issuer is down the last ones count for an hour more", async () => {
    const { issuer: its, asks, close } = await trusting({});
    const token = () => its.token({ claims }, undefined, clock());
    const beganMs = aheadMs;
    try {
      expect(await asks(token())).toBe(200);
      its.answers.set("/keys", (response) => response.writeHead(500).end());
      aheadMs = beganMs + FRESH_MS + STALE_MS - 10_000;
      expect(await asks(token())).toBe(200);
      aheadMs = beganMs + FRESH_MS + STALE_MS + PAUSE_MS;
      expect(await asks(token())).toBe(503);
      its.answers.clear();
      aheadMs += PAUSE_MS;
      expect(await asks(token())).toBe(200);
      const withdrawn = its.token({ claims }, undefined, clock());
      expect(await asks(withdrawn)).toBe(200);
      its.keys = [newKey()];
      aheadMs += FRESH_MS;
      expect(await asks(withdrawn)).toBe(401);
    } finally {
      await close();
    }
  });

  it.each([
    ["answers rubbish", "rubbish"],
    ["answers a list", "[]"],
    ["answers keys that are none", '{"keys":[null,7,{}]}'],
    ["answers too much", `{"keys":[],"x":"${"x".repeat(300_000)}"}`],
    ["answers too many", JSON.stringify({ keys: Array.from({ length: 101 }, () => newKey().jwk) })],
  ])("that %s lets nobody in, and no request fails otherwise", async (_, text) => {
    const { issuer: its, asks, close } = await trusting({});
    try {
      its.answers.set("/keys", (response) => response.writeHead(200, { "content-type": "application/json" }).end(text));
      const token = its.token({ claims }, undefined, clock());
      expect([401, 503]).toContain(await asks(token));
      expect(await asks("reeve_none")).toBe(401);
    } finally {
      await close();
    }
  });

  it("may stand at an address of their own, without metadata", async () => {
    const keys = await Issuer.start();
    const { issuer: its, asks, close } = await trusting({ jwksUri: `${keys.url}/keys` });
    try {
      keys.keys = its.keys;
      expect(await asks(its.token({ claims }, undefined, clock()))).toBe(200);
      expect(its.asked).toEqual([]);
    } finally {
      await close();
      await keys.close();
    }
  });
});
