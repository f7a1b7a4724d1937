/** Access tokens: what is issued verifies until it ends; whatever differs in the least is none. */
import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import type { PrincipalType } from "@reeve/core";
import { beforeEach, describe, expect, it } from "vitest";
import { memoryStore } from "../store/memory/memory-store.ts";
import { type AccessTokens, accessTokens, readScope } from "./access-tokens.ts";
import { type Client, type Clients, createClients } from "./clients.ts";
import { cachedItems } from "./item-cache.ts";
import { type SigningKeys, signingKeys } from "./signing-keys.ts";

const NOTE = { actor: { type: "user", id: "ada" }, action: "test", target: "/", requestId: "r" };
const AT = { actor: { type: "user", id: "ada" }, requestId: "r", target: "developer-projects/shop/credential" };
const START_MS = 1_800_000_000_500;
const ISSUER = "https://reeve.test";
const AUDIENCE = "reeve";

let nowMs: number;
let type: PrincipalType | undefined;
let keys: SigningKeys;
let clients: Clients;
let tokens: AccessTokens;
let client: Client;
let privateJwk: Record<string, string>;
beforeEach(async () => {
  nowMs = START_MS;
  type = "service-account";
  const store = memoryStore();
  await store.create("acme", (tx) => {
    for (const id of ["bot", "other"]) tx.put({ kind: "principal", value: { id, type: "service-account", active: true } });
    tx.audit(NOTE);
  });
  const items = cachedItems(store);
  const clock = () => nowMs;
  const principals = () => type;
  keys = signingKeys({ items, clock });
  clients = createClients({ items, clock, principals });
  tokens = accessTokens({ keys, items, clock, principals, issuer: () => ISSUER, audience: AUDIENCE });
  client = await clientOf("bot");
  await keys.current();
  privateJwk = (await store.items.list({ kind: "signing-key" }, undefined, 1))[0]?.value.privateJwk as Record<string, string>;
});

async function clientOf(id: string): Promise<Client> {
  const of = { org: "acme", principal: id };
  return { id: (await clients.createClient(of, AT)) as string, ...of };
}

const part = (value: unknown): string => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const read = (token: string, at: number) => JSON.parse(Buffer.from(token.split(".")[at] as string, "base64url").toString());
type Signer = (text: string) => Buffer;
const es256 =
  (key: KeyObject): Signer =>
  (text) =>
    signBytes("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
const ourKey = (): KeyObject => createPrivateKey({ key: privateJwk, format: "jwk" });
const ours: Signer = (text) => es256(ourKey())(text);

/** A token of ours with other members, signed by our key unless it is said otherwise. */
async function forged({
  header = {},
  claims = {},
  signer = ours,
}: {
  header?: object;
  claims?: object;
  signer?: Signer;
} = {}): Promise<string> {
  const { token } = await tokens.issue(client, "openid");
  const text = `${part({ ...read(token, 0), ...header })}.${part({ ...read(token, 1), ...claims })}`;
  return `${text}.${signer(text).toString("base64url")}`;
}

describe("an access token", () => {
  it("says who asks, is typed and signed, and verifies at once when it is seen again", async () => {
    const { token, expiresIn } = await tokens.issue(client, "openid AdobeID");
    expect(expiresIn).toBe(86_399);
    expect(read(token, 0)).toEqual({ alg: "ES256", typ: "at+jwt", kid: (await keys.current()).kid });
    const iat = 1_800_000_000;
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: "bot", org: "acme", client_id: client.id, scope: "openid AdobeID", iat, nbf: iat };
    expect(read(token, 1)).toEqual({ ...claims, exp: iat + 86_400, jti: expect.stringMatching(/^[\w-]{36}$/) });
    expect(await tokens.verify(token)).toEqual(read(token, 1));
    expect(tokens.verify(token)).toEqual(read(token, 1));
    expect((await tokens.issue(client, "openid")).token).not.toBe(token);
  });

  it("that a test forges as it was is one: the forgeries below differ in what they say alone", async () => {
    expect(await tokens.verify(await forged())).toMatchObject({ sub: "bot" });
  });

  it("counts until it expires, and not at that moment, whether it is known or not", async () => {
    const { token } = await tokens.issue(client, "openid");
    const { token: unseen } = await tokens.issue(client, "openid");
    nowMs = 1_800_086_399_999;
    expect(await tokens.verify(token)).toBeDefined();
    nowMs += 1;
    expect([await tokens.verify(token), await tokens.verify(unseen)]).toEqual([undefined, undefined]);
  });

  it("of a little ahead is taken, of more is not", async () => {
    const iat = 1_800_000_000;
    for (const name of ["nbf", "iat"]) {
      expect(await tokens.verify(await forged({ claims: { [name]: iat + 5 } }))).toBeDefined();
      expect(await tokens.verify(await forged({ claims: { [name]: iat + 6 } }))).toBeUndefined();
    }
  });

  it("ends with the next request when its client is deleted, its service account is not active, or it is revoked", async () => {
    const { token } = await tokens.issue(client, "openid");
    const { token: second } = await tokens.issue(client, "openid");
    expect([await tokens.verify(token), await tokens.verify(second)]).toMatchObject([{ sub: "bot" }, { sub: "bot" }]);
    for (const other of [undefined, "user", "group"] as const) {
      type = other;
      expect(await tokens.verify(token)).toBeUndefined();
    }
    type = "service-account";
    expect(await tokens.verify(token)).toBeDefined();
    expect(await tokens.revoke(token, client, "r")).toBe("done");
    expect([await tokens.verify(token), await tokens.verify(second)]).toEqual([undefined, read(second, 1)]);
    await clients.deleteClient(client, AT);
    expect(await tokens.verify(second)).toBeUndefined();
    await clients.createClient(client, AT);
    expect(await tokens.verify(second)).toBeUndefined();
  });

  it("is revoked by its own client alone; rubbish is nothing to revoke", async () => {
    const other = await clientOf("other");
    const { token } = await tokens.issue(client, "openid");
    expect(await tokens.revoke(token, other, "r")).toBe("foreign");
    expect(await tokens.verify(token)).toBeDefined();
    expect([await tokens.revoke("rubbish", other, "r"), await tokens.revoke(`${token}x`, other, "r")]).toEqual(["done", "done"]);
    expect([await tokens.revoke(token, client, "r"), await tokens.revoke(token, client, "r")]).toEqual(["done", "done"]);
    expect(await tokens.verify(token)).toBeUndefined();
  });
});

describe("a forged token", () => {
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const strangerJwk = stranger.publicKey.export({ format: "jwk" });
  const hs256 =
    (secret: string | Buffer): Signer =>
    (text) =>
      createHmac("sha256", secret).update(text).digest();
  const publicKey = async () => (await keys.jwks()).keys[0];
  const nothing: Signer = () => Buffer.alloc(0);
  const CASES: Readonly<Record<string, () => Promise<string> | string>> = {
    "without an algorithm": () => forged({ header: { alg: "none" }, signer: nothing }),
    "without an algorithm, with a signature": () => forged({ header: { alg: "none" } }),
    "with an algorithm in other letters": () => forged({ header: { alg: "es256" } }),
    "with None": () => forged({ header: { alg: "None" }, signer: nothing }),
    "of HS256 with the public key as JSON": async () =>
      forged({ header: { alg: "HS256" }, signer: hs256(JSON.stringify(await publicKey())) }),
    "of HS256 with the public point": async () =>
      forged({ header: { alg: "HS256" }, signer: hs256(Buffer.from((await publicKey())?.x ?? "", "base64url")) }),
    "of HS256 with nothing": () => forged({ header: { alg: "HS256" }, signer: hs256("") }),
    "of RS256": () => forged({ header: { alg: "RS256" }, signer: (text) => signBytes("sha256", Buffer.from(text), rsa.privateKey) }),
    "of another key with our kid": () => forged({ signer: es256(stranger.privateKey) }),
    "of another key with its jwk": () => forged({ header: { jwk: strangerJwk }, signer: es256(stranger.privateKey) }),
    "of another key with its jwk and no kid": () =>
      forged({ header: { jwk: strangerJwk, kid: undefined }, signer: es256(stranger.privateKey) }),
    "of another key with a jku": () => forged({ header: { jku: "https://evil.test/keys" }, signer: es256(stranger.privateKey) }),
    "of another key with an x5u": () => forged({ header: { x5u: "https://evil.test/cert" }, signer: es256(stranger.privateKey) }),
    "of another key with an x5c": () => forged({ header: { x5c: ["AAAA"] }, signer: es256(stranger.privateKey) }),
    "of ours with a header that would choose a key": () => forged({ header: { jwk: strangerJwk } }),
    "of ours with something critical": () => forged({ header: { crit: ["exp"], exp: 1 } }),
    "of ours, compressed": () => forged({ header: { zip: "DEF" } }),
    "of ours that is not encoded": () => forged({ header: { b64: false, crit: ["b64"] } }),
    "of a key that nobody has": () => forged({ header: { kid: "none" } }),
    "of no key": () => forged({ header: { kid: undefined } }),
    "of a key with a path": () => forged({ header: { kid: "../../etc/passwd" } }),
    "of a key that is no text": () => forged({ header: { kid: ["a"] } }),
    "of type JWT": () => forged({ header: { typ: "JWT" } }),
    "of type application/at+jwt": () => forged({ header: { typ: "application/at+jwt" } }),
    "of no type": () => forged({ header: { typ: undefined } }),
    "of another issuer": () => forged({ claims: { iss: "https://other.test" } }),
    "of our issuer with a slash": () => forged({ claims: { iss: `${ISSUER}/` } }),
    "for another audience": () => forged({ claims: { aud: "other" } }),
    "for several audiences": () => forged({ claims: { aud: [AUDIENCE, "other"] } }),
    "for no audience": () => forged({ claims: { aud: undefined } }),
    "that expired": () => forged({ claims: { exp: 1_800_000_000 } }),
    "that never expires": () => forged({ claims: { exp: undefined } }),
    "that expires in a text": () => forged({ claims: { exp: "1800086400" } }),
    "that expires too late": () => forged({ claims: { exp: 1_800_086_401 } }),
    "that expires at no time": () => forged({ claims: { exp: 1e300 } }),
    "that is not yet valid": () => forged({ claims: { nbf: 1_800_000_100 } }),
    "without a beginning": () => forged({ claims: { nbf: undefined } }),
    "of another organization": () => forged({ claims: { org: "other" } }),
    "of another service account": () => forged({ claims: { sub: "other" } }),
    "of a client that is not there": () => forged({ claims: { client_id: "0".repeat(32) } }),
    "of a client in a list": () => forged({ claims: { client_id: [client.id] } }),
    "without an id": () => forged({ claims: { jti: undefined } }),
    "with other claims under the old signature": async () => {
      const [header, , signature] = (await forged()).split(".");
      return `${header}.${part({ ...read(await forged(), 1), sub: "admin" })}.${signature}`;
    },
    "with another header under the old signature": async () => {
      const [, payload, signature] = (await forged()).split(".");
      return `${part({ alg: "ES256", kid: (await publicKey())?.kid, typ: "at+jwt" })}.${payload}.${signature}`;
    },
    "with a signature in DER": async () => forged({ signer: (text) => signBytes("sha256", Buffer.from(text), ourKey()) }),
    "with a signature of zeroes": () => forged({ signer: () => Buffer.alloc(64) }),
    "cut short": async () => (await forged()).slice(0, -1),
    "cut to two parts": async () => (await forged()).split(".").slice(0, 2).join("."),
    "cut to two parts and a dot": async () => `${(await forged()).split(".").slice(0, 2).join(".")}.`,
    "with a fourth part": async () => `${await forged()}.x`,
    "with padding": async () => `${await forged()}==`,
    "with blanks": async () => ` ${await forged()}`,
    "of two dots": () => "..",
    "of rubbish with two dots": () => "a.b.c",
    "of rubbish that looks like one": () => "eyJ.eyJ.x",
    "of JSON that is none": () => `${part("{eyJ")}.${part("{}")}.x`,
    "whose claims are a list": async () => forged().then((token) => `${token.split(".")[0]}.${part([1])}.${token.split(".")[2]}`),
    "of 100 KB": () => `eyJ${"a".repeat(50_000)}.eyJ${"a".repeat(50_000)}.${"a".repeat(86)}`,
    "of a body of 100 KB, signed by us": () => forged({ claims: { more: "x".repeat(100_000) } }),
    "that is empty": () => "",
  };

  it.each(Object.entries(CASES))("%s is none", async (_, make) => {
    const token = await make();
    expect(await tokens.verify(token)).toBeUndefined();
    expect(await tokens.verify(token)).toBeUndefined();
  });
});

describe("a scope", () => {
  it.each([
    ["openid", "openid"],
    [
      "openid,AdobeID,read_organizations,additional_info.projectedProductContext",
      "openid AdobeID read_organizations additional_info.projectedProductContext",
    ],
    ["openid AdobeID", "openid AdobeID"],
    ["openid, AdobeID , openid", "openid AdobeID"],
    [",", undefined],
    [" ", undefined],
    ['a"b', undefined],
    ["a\\b", undefined],
    ["é", undefined],
    ["a\nb", undefined],
    ["x".repeat(513), undefined],
  ])("%j is %j", (text, scope) => expect(readScope(text)).toBe(scope));
});
