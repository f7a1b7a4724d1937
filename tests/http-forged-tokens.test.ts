/**
 * Forged access tokens over HTTP: whatever is not exactly what this server signed, for itself and for now, is 401 on every way, as is no
 * token at all. Many of them are signed by the server's own key, which the test takes from the store.
 */
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { openSqliteStore, type Store } from "@reeve/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, headerOf, type Project, projectIn, type Shown } from "./oauth-client.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let project: Project;
let shown: Shown;
let ourKey: KeyObject;
let published: Record<string, string>;
beforeAll(async () => {
  let store: Store | undefined;
  const openStore: typeof openSqliteStore = (options) => {
    store = openSqliteStore(options);
    return store;
  };
  served = await serve({ wiring: { openStore } });
  project = await projectIn(served);
  shown = await project.secret();
  published = (await served.call("/ims/keys", { token: null })).body.keys[0];
  const [item] = (await store?.items.list({ kind: "signing-key" }, undefined, 1)) ?? [];
  ourKey = createPrivateKey({ key: item?.value.privateJwk as never, format: "jwk" });
});
afterAll(() => served?.close());

type Signer = (text: string) => Buffer;
const es256 =
  (key: () => KeyObject): Signer =>
  (text) =>
    signBytes("sha256", Buffer.from(text), { key: key(), dsaEncoding: "ieee-p1363" });
const ours = es256(() => ourKey);
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const theirs = es256(() => stranger.privateKey);
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = (): number => Math.floor(Date.now() / 1_000);

type Forgery = { readonly header?: object; readonly claims?: object; readonly signer?: Signer };
async function forged({ header = {}, claims = {}, signer = ours }: Forgery): Promise<string> {
  const token = await project.token(shown);
  const text = `${part({ ...headerOf(token), ...header })}.${part({ ...claimsOf(token), ...claims })}`;
  return `${text}.${signer(text).toString("base64url")}`;
}
const hs256 =
  (secret: string | Buffer): Signer =>
  (text) =>
    createHmac("sha256", secret).update(text).digest();
const jwk = stranger.publicKey.export({ format: "jwk" });
const pem = (): string => createPublicKey(ourKey).export({ type: "spki", format: "pem" }).toString();

const FORGERIES: Readonly<Record<string, () => Forgery>> = {
  "no algorithm, no signature": () => ({ header: { alg: "none" }, signer: () => Buffer.alloc(0) }),
  "no algorithm, our signature": () => ({ header: { alg: "none" } }),
  "HS256 with the published key as JSON": () => ({ header: { alg: "HS256" }, signer: hs256(JSON.stringify(published)) }),
  "HS256 with the published x": () => ({ header: { alg: "HS256" }, signer: hs256(Buffer.from(published.x ?? "", "base64url")) }),
  "HS256 with a PEM": () => ({ header: { alg: "HS256" }, signer: hs256(pem()) }),
  "HS256 with an empty secret": () => ({ header: { alg: "HS256" }, signer: hs256("") }),
  RS256: () => ({ header: { alg: "RS256" }, signer: (text) => signBytes("sha256", Buffer.from(text), rsa.privateKey) }),
  ES384: () => ({ header: { alg: "ES384" } }),
  "another key with our kid": () => ({ signer: theirs }),
  "another key with its kid": () => ({ header: { kid: "theirs" }, signer: theirs }),
  "another key, no kid": () => ({ header: { kid: undefined }, signer: theirs }),
  "another key with its jwk": () => ({ header: { jwk }, signer: theirs }),
  "another key with a jku": () => ({ header: { jku: `${served.url}/ims/keys` }, signer: theirs }),
  "another key with an x5u": () => ({ header: { x5u: "http://127.0.0.1:1/x" }, signer: theirs }),
  "our key with a jwk beside it": () => ({ header: { jwk } }),
  "our key with something critical": () => ({ header: { crit: ["x"], x: 1 } }),
  "type JWT": () => ({ header: { typ: "JWT" } }),
  "no type": () => ({ header: { typ: undefined } }),
  "another issuer": () => ({ claims: { iss: "https://reeve.example.com" } }),
  "no issuer": () => ({ claims: { iss: undefined } }),
  "another audience": () => ({ claims: { aud: "other" } }),
  "a list of audiences": () => ({ claims: { aud: ["reeve"] } }),
  expired: () => ({ claims: { iat: now() - 100, nbf: now() - 100, exp: now() - 1 } }),
  "never expires": () => ({ claims: { exp: undefined } }),
  "expires in a hundred years": () => ({ claims: { exp: now() + 3_155_760_000 } }),
  "not yet valid": () => ({ claims: { nbf: now() + 60 } }),
  "issued in the future": () => ({ claims: { iat: now() + 60 } }),
  "another organization": () => ({ claims: { org: "DEMO@ReeveOrg" } }),
  "another subject": () => ({ claims: { sub: "ann" } }),
  "no subject": () => ({ claims: { sub: undefined } }),
  "a client that is not there": () => ({ claims: { client_id: "0".repeat(32) } }),
  "a signature of zeroes": () => ({ signer: () => Buffer.alloc(64) }),
  "a signature in DER": () => ({ signer: (text) => signBytes("sha256", Buffer.from(text), ourKey) }),
};

const SPOILT: Readonly<Record<string, (token: string) => string>> = {
  "a last character less": (token) => token.slice(0, -1),
  "no signature": (token) => `${token.split(".").slice(0, 2).join(".")}.`,
  "two parts": (token) => token.split(".").slice(0, 2).join("."),
  "a part more": (token) => `${token}.x`,
  "other claims under its signature": (token) => {
    const [header, , signature] = token.split(".");
    return `${header}.${part({ ...claimsOf(token), sub: "ann" })}.${signature}`;
  },
  "the claims of another service account in front": (token) => `${token.split(".")[0]}.${part({ sub: "ann" })}.${token}`,
  "only dots": () => "..",
  "rubbish with two dots": () => "a.b.c",
  "rubbish that begins like one": () => "eyJhbGciOiJFUzI1NiJ9.eyJ9.AAAA",
  "4,096 characters": (token) => token.padEnd(4_096, "A"),
};

/** On the long way, on the short way, and without a body. */
async function expectRefused(token: string): Promise<void> {
  const path = `/v1/orgs/${project.one.id}`;
  for (const [at, sent] of [
    ["/v1/me", {}],
    [`${path}/principals`, {}],
    [`${path}/check`, { body: { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/" } } }],
    [`${path}/check`, { body: { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/" } } }],
    [`${path}/labels/custom%2Ff`, { method: "PUT", body: {} }],
  ] as const) {
    const answer = await served.call(at, { ...sent, token });
    expect([answer.status, answer.body?.code], `${at} ${answer.text}`).toEqual([401, "not_authenticated"]);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="reeve"');
  }
}

describe("an access token", () => {
  it("that is put together in the same way, of nothing but what is true, is let in", async () => {
    expect(await project.asks(await forged({}))).toBe(200);
  });

  it.each(Object.entries(FORGERIES))("with %s is refused", async (_, forgery) => expectRefused(await forged(forgery())));

  it.each(Object.entries(SPOILT))("spoilt (%s) is refused", async (_, spoil) => expectRefused(spoil(await project.token(shown))));

  it("of 100 KB is refused before it is looked at", async () => {
    const answer = await served.call("/v1/me", { token: `eyJ${"A".repeat(50_000)}.eyJ${"A".repeat(50_000)}.AAAA` }).catch(() => undefined);
    if (answer !== undefined) expect([answer.status, answer.body.code]).toEqual([431, "headers_too_large"]);
    const told = {
      client_id: shown.clientId,
      client_secret: shown.secret,
      token: `eyJ${"A".repeat(25_000)}.eyJ${"A".repeat(25_000)}.AAAA`,
    };
    expect((await project.form("/ims/introspect", told)).body).toEqual({ active: false });
  });

  it("of another server's address or audience is refused here, were it signed by the same key", async () => {
    const first = await serve({ environment: { REEVE_PUBLIC_URL: "https://one.example.com", REEVE_TOKEN_AUDIENCE: "one" } });
    const mine = await projectIn(first);
    const token = await mine.token(await mine.secret());
    expect([claimsOf(token).iss, claimsOf(token).aud, await mine.asks(token)]).toEqual(["https://one.example.com", "one", 200]);
    await first.stop();
    const one = { REEVE_PUBLIC_URL: "https://one.example.com", REEVE_TOKEN_AUDIENCE: "one" };
    const others = [{ ...one, REEVE_PUBLIC_URL: "https://two.example.com" }, { ...one, REEVE_TOKEN_AUDIENCE: "two" }, one];
    for (const [at, environment] of others.entries()) {
      const again = await serve({ directory: first.directory, environment });
      expect((await again.call("/v1/me", { token })).status).toBe(at === 2 ? 200 : 401);
      await (at === 2 ? again.close() : again.stop());
    }
  });
});

describe("a token of the other sort that looks like an access token", () => {
  it("lets its bearer in all the same", async () => {
    const secret = "eyJub3QiOiJhIEpXVCJ9.eyJub3QiOiJhIEpXVCJ9.AAAAAAAAAAAA";
    const own = await serve({ environment: { REEVE_BOOTSTRAP_TOKEN: secret } });
    try {
      expect((await own.call("/v1/me", { token: secret })).body).toMatchObject({ administrator: true, how: "token" });
    } finally {
      await own.close();
    }
  });
});
