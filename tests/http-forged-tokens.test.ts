/**
 * Forged access tokens over HTTP: whatever is not exactly what this server signed, for itself and for now, is 401 on every way, as is no
 * token at all. Many of them are signed by the server's own key, which the test takes from the store.
 */
import { createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { openSqliteStore, type Store } from "@reeve/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FORGERIES, type Forged, type Forgery, forge, SPOILT } from "./forgeries.ts";
import { claimsOf, headerOf, type Project, projectIn, type Shown } from "./oauth-client.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let project: Project;
let shown: Shown;
let ourKey: KeyObject;
let published: JsonWebKey;
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

const forged = (): Forged => ({ ours: ourKey, published, keysAt: `${served.url}/ims/keys` });
async function forgedBy(forgery: Forgery): Promise<string> {
  const token = await project.token(shown);
  return forge(forgery, { header: headerOf(token), claims: claimsOf(token) }, forged());
}

/** Beside those of every issuer's tokens. */
const OF_OURS: Readonly<Record<string, Forgery>> = {
  "type JWT": { header: { typ: "JWT" } },
  "no type": { header: { typ: undefined } },
  "a list of audiences": { claims: { aud: ["reeve"] } },
  "another organization": { claims: { org: "DEMO@ReeveOrg" } },
  "another subject": { claims: { sub: "ann" } },
  "a client that is not there": { claims: { client_id: "0".repeat(32) } },
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
    expect(await project.asks(await forgedBy({}))).toBe(200);
  });

  it.each(Object.entries(FORGERIES))("with %s is refused", async (_, forgery) => expectRefused(await forgedBy(forgery(forged()))));

  it.each(Object.entries(OF_OURS))("with %s is refused", async (_, forgery) => expectRefused(await forgedBy(forgery)));

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
