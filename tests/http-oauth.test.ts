/**
 * OAuth over HTTP: an access token for a client secret, with every status and error; what it lets in; that it ends with what it rests on;
 * the keys that verify it; and that no secret is anywhere but in the answer that made it.
 */
import { createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, FORM, headerOf, type Project, projectIn, type Shown } from "./oauth-client.ts";
import { put, remove } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const lines: string[] = [];
let served: Served;
let project: Project;
let other: Project;
let shown: Shown;
let foreign: Shown;
beforeAll(async () => {
  const log = { write: (line: string) => void lines.push(line) };
  served = await serve({ environment: { REEVE_LOG_LEVEL: "trace" }, wiring: { log } });
  [project, other] = [await projectIn(served), await projectIn(served)];
  [shown, foreign] = [await project.secret(), await other.secret()];
});
afterAll(() => served?.close());

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
});
const PATHS = ["/ims/token/v3", "/ims/token/v2"] as const;

function expectGiven(answer: Answer): void {
  expect(answer.status, answer.text).toBe(200);
  expect(Object.keys(answer.body)).toEqual(["access_token", "token_type", "expires_in"]);
  expect(answer.body.token_type).toBe("bearer");
  expect([86_399, 86_400]).toContain(answer.body.expires_in);
  expect([answer.headers.get("cache-control"), answer.headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
}

function expectRefused(answer: Answer, status: number, error: string): void {
  expect([answer.status, answer.body?.error], answer.text).toEqual([status, error]);
  expect(Object.keys(answer.body)).toEqual(["error", "error_description"]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  for (const secret of [shown.secret, foreign.secret]) expect(answer.text).not.toContain(secret);
}

describe.each(PATHS)("a token at %s", (path) => {
  it("is given for a secret: in the body, in the query, in a Basic header, with commas or blanks in the scope", async () => {
    const grant = project.grant(shown);
    expectGiven(await project.form(path, grant));
    expectGiven(await served.call(`${path}?${new URLSearchParams(grant)}`, { method: "POST", token: null }));
    const { client_id: _, client_secret: __, ...rest } = grant;
    expectGiven(await project.form(path, rest, basic(shown.clientId, shown.secret)));
    const spaced = await project.form(path, project.grant(shown, { scope: "openid AdobeID", org_id: project.one.id }));
    expectGiven(spaced);
    expect(claimsOf(spaced.body.access_token)).toMatchObject({ scope: "openid AdobeID", org: project.one.id, sub: "bot" });
    expectGiven(
      await served.call(`${path}?scope=openid`, {
        method: "POST",
        headers: { "content-type": `${FORM}; charset=utf-8` },
        body: new URLSearchParams(
          rest.scope === undefined ? {} : { grant_type: "client_credentials", client_id: shown.clientId, client_secret: shown.secret },
        ).toString(),
        token: null,
      }),
    );
  });

  it.each(["grant_type", "client_id", "client_secret", "scope"])("is refused without %s, and with an empty one: 400", async (name) => {
    const { [name]: _, ...rest } = project.grant(shown);
    expectRefused(await project.form(path, rest), 400, "invalid_request");
    expectRefused(await project.form(path, { ...rest, [name]: "" }), 400, "invalid_request");
  });

  it("is refused where a parameter comes twice, also once in the body and once in the query: 400", async () => {
    const grant = project.grant(shown);
    for (const [name, value] of Object.entries(grant)) {
      expectRefused(await project.form(path, [...Object.entries(grant), [name, value]]), 400, "invalid_request");
      expectRefused(await project.form(`${path}?${new URLSearchParams({ [name]: value })}`, grant), 400, "invalid_request");
    }
    expectRefused(await project.form(path, grant, basic(shown.clientId, shown.secret)), 400, "invalid_request");
    const { client_secret: _, ...named } = grant;
    expectRefused(
      await project.form(path, { ...named, client_id: foreign.clientId }, basic(shown.clientId, shown.secret)),
      400,
      "invalid_request",
    );
  });

  it.each(["password", "authorization_code", "refresh_token", "Client_Credentials", "client_credentials "])(
    "is refused for the grant type %j: 400",
    async (type) => expectRefused(await project.form(path, project.grant(shown, { grant_type: type })), 400, "unsupported_grant_type"),
  );

  it.each([",", " ", 'a"b', "a\\b", "é", "x".repeat(513)])("is refused for the scope %j: 400", async (scope) =>
    expectRefused(await project.form(path, project.grant(shown, { scope })), 400, "invalid_scope"),
  );

  it("is refused for an organization that is not the client's: 400", async () => {
    for (const org_id of [other.one.id, "Nowhere", project.one.id.toLowerCase()])
      expectRefused(await project.form(path, project.grant(shown, { org_id })), 400, "invalid_request");
  });

  it("is refused alike for an unknown client and for a wrong secret: 401", async () => {
    const wrong: readonly Readonly<Record<string, string>>[] = [
      { client_id: "0".repeat(32) },
      { client_id: foreign.clientId },
      { client_id: "__proto__" },
      { client_id: "x".repeat(10_000) },
      { client_id: "\u0000" },
      { client_secret: foreign.secret },
      { client_secret: `${shown.secret}x` },
      { client_secret: shown.id },
      { client_secret: "x".repeat(10_000) },
      { client_id: "0".repeat(32), scope: "," },
      { client_id: "0".repeat(32), org_id: "Nowhere" },
    ];
    const texts = new Set<string>();
    for (const more of wrong) {
      const answer = await project.form(path, project.grant(shown, more));
      expectRefused(answer, 401, "invalid_client");
      expect(answer.headers.get("www-authenticate")).toBeNull();
      texts.add(answer.text);
    }
    expect(texts.size).toBe(1);
    const { client_id: _, client_secret: __, ...rest } = project.grant(shown);
    for (const headers of [basic(shown.clientId, "wrong"), { authorization: `Bearer ${shown.secret}` }, { authorization: "Basic !" }]) {
      const answer = await project.form(path, rest, headers);
      expectRefused(answer, 401, "invalid_client");
      expect(answer.headers.get("www-authenticate")).toBe('Basic realm="reeve"');
    }
  });

  it("is refused as a problem where the body is no form: 415, and where it is too large: 413", async () => {
    const json = await served.call(path, { body: project.grant(shown), token: null });
    expect([json.status, json.body.code]).toEqual([415, "unsupported_media_type"]);
    const large = await project.form(path, project.grant(shown, { scope: "x".repeat(100_000) }));
    expect([large.status, large.body.code]).toEqual([413, "body_too_large"]);
    const got = await served.call(`${path}?${new URLSearchParams(project.grant(shown))}`, { method: "GET", token: null });
    expect([got.status, got.body.code]).toEqual([405, "method_not_allowed"]);
  });
});

describe("an access token", () => {
  it("stands for the service account, with its rights and no others", async () => {
    const token = await project.token(shown);
    const me = await served.call("/v1/me", { token });
    expect(me.body).toEqual({
      administrator: false,
      principal: { organization: project.one.id, type: "service-account", id: "bot" },
      organizations: [project.one.id],
      ceiling: "admin",
      how: "access-token",
      clientId: shown.clientId,
    });
    expect([await project.asks(token), await project.asks(token, "decide"), await project.asks(token, "admin")]).toEqual([200, 200, 200]);
    expect(await other.asks(token)).toBe(404);
    await project.one.writes([remove("membership", { group: "admins", member: "bot" })]);
    expect([await project.asks(token), await project.asks(token, "decide"), await project.asks(token, "admin")]).toEqual([403, 403, 403]);
    await project.one.writes([put("assignment", { role: "reeve-decision-point", principal: "bot" })]);
    expect([await project.asks(token), await project.asks(token, "decide"), await project.asks(token, "admin")]).toEqual([403, 200, 403]);
    await project.one.writes([put("membership", { group: "admins", member: "bot" })]);
    expect(await project.asks(token, "admin")).toBe(200);
  });

  it.each([
    ["openid", [200, 200, 200], "admin"],
    ["openid,reeve.read", [200, 403, 403], "read"],
    ["reeve.decide,openid", [200, 200, 403], "decide"],
    ["reeve.read,reeve.decide", [200, 200, 403], "decide"],
    ["reeve.read,reeve.admin", [200, 200, 200], "admin"],
    ["reeve.root,Reeve.read", [200, 200, 200], "admin"],
  ] as const)("with the scope %j allows at most %j", async (scope, statuses, ceiling) => {
    const token = await project.token(shown, scope);
    expect([await project.asks(token), await project.asks(token, "decide"), await project.asks(token, "admin")]).toEqual(statuses);
    expect((await served.call("/v1/me", { token })).body.ceiling).toBe(ceiling);
  });

  it("is not read from a URL, a form or a cookie", async () => {
    const token = await project.token(shown);
    const path = `/v1/orgs/${project.one.id}/principals`;
    for (const name of ["access_token", "token", "bearer_token", "authorization"])
      expect((await served.call(`${path}?${name}=${token}`, { token: null })).status).toBe(401);
    expect(
      (await served.call(path, { token: null, headers: { cookie: `access_token=${token}; Authorization=Bearer ${token}` } })).status,
    ).toBe(401);
    for (const authorization of [token, `Token ${token}`, `Basic ${token}`, `Bearer ${token}, Bearer ${token}`])
      expect((await served.call(path, { token: null, headers: { authorization } })).status).toBe(401);
  });

  it("survives the deletion of the secret that obtained it, which gives no other", async () => {
    const second = await project.secret();
    const token = await project.token(second);
    expect((await served.call(`${project.path}/secrets/${second.id}`, { method: "DELETE" })).status).toBe(204);
    expectRefused(await project.form("/ims/token/v3", project.grant(second)), 401, "invalid_client");
    expect(await project.asks(token)).toBe(200);
  });

  it("stops with the next request when the service account is deactivated, and so does its secret; and goes on when it is active again", async () => {
    const mine = await projectIn(served);
    const secret = await mine.secret();
    const token = await mine.token(secret);
    expect(await mine.asks(token, "decide")).toBe(200);
    await mine.one.writes([put("principal", { id: "bot", type: "service-account", active: false })]);
    expect([await mine.asks(token), await mine.asks(token, "decide")]).toEqual([401, 401]);
    expectRefused(await mine.form("/ims/token/v3", mine.grant(secret)), 401, "invalid_client");
    await mine.one.writes([put("principal", { id: "bot", type: "service-account" })]);
    expect(await mine.asks(token, "decide")).toBe(200);
  });

  it("stops for good when the service account is deleted, also for the next life of its id", async () => {
    const mine = await projectIn(served);
    const secret = await mine.secret();
    const token = await mine.token(secret);
    expect(await mine.asks(token, "decide")).toBe(200);
    await mine.one.writes([remove("principal", { id: "bot" })]);
    expect(await mine.asks(token, "decide")).toBe(401);
    await mine.one.writes([
      put("principal", { id: "bot", type: "service-account" }),
      put("membership", { group: "admins", member: "bot" }),
      put("developer-project", { id: "shop", name: "Shop", product: "files", roles: [], serviceAccount: "bot" }),
    ]);
    expect(await mine.asks(token, "decide")).toBe(401);
    expectRefused(await mine.form("/ims/token/v3", mine.grant(secret)), 401, "invalid_client");
    expect((await served.call(mine.path)).body).toEqual({ clientId: null, serviceAccount: "bot", secrets: [] });
  });

  it("stops with the next request when its client is deleted, and a new client does not bring it back", async () => {
    const mine = await projectIn(served);
    const secret = await mine.secret();
    const token = await mine.token(secret);
    expect(await mine.asks(token, "decide")).toBe(200);
    expect((await served.call(mine.path, { method: "DELETE" })).status).toBe(204);
    expect([await mine.asks(token), await mine.asks(token, "decide")]).toEqual([401, 401]);
    expect((await mine.secret()).clientId).not.toBe(secret.clientId);
    expect(await mine.asks(token)).toBe(401);
    expectRefused(await mine.form("/ims/token/v3", mine.grant(secret)), 401, "invalid_client");
  });
});

describe("the end and the look of a token", () => {
  const client = (one: Shown, more: Readonly<Record<string, string>>) => ({ client_id: one.clientId, client_secret: one.secret, ...more });

  it("a client ends its own token, with the next request and for good, and no other one", async () => {
    const [token, kept] = [await project.token(shown), await project.token(shown)];
    expect([await project.asks(token), await project.asks(token, "decide")]).toEqual([200, 200]);
    // To a client of another organization it is no token at all.
    expect((await project.form("/ims/revoke", client(foreign, { token }))).status).toBe(200);
    expect(await project.asks(token)).toBe(200);
    for (const _ of [1, 2]) expect((await project.form("/ims/revoke", client(shown, { token, token_type_hint: "x" }))).status).toBe(200);
    expect([await project.asks(token), await project.asks(token, "decide"), await project.asks(kept)]).toEqual([401, 401, 200]);
    expect((await project.form("/ims/introspect", client(shown, { token }))).body).toEqual({ active: false });
  });

  it("what is no token is ended without a word; who is no client ends nothing", async () => {
    const token = await project.token(shown);
    for (const rubbish of ["rubbish", `${token}x`, served.token, "x".repeat(60_000)])
      expect((await project.form("/ims/revoke", client(shown, { token: rubbish }))).status).toBe(200);
    for (const path of ["/ims/revoke", "/ims/introspect"]) {
      expectRefused(await project.form(path, client({ ...shown, secret: "wrong" }, { token })), 401, "invalid_client");
      expectRefused(await project.form(path, { token }), 400, "invalid_request");
      expectRefused(await project.form(path, client(shown, {})), 400, "invalid_request");
      expectRefused(await project.form(path, [...Object.entries(client(shown, { token })), ["token", token]]), 400, "invalid_request");
      const inQuery = await project.form(`${path}?${new URLSearchParams(client(shown, { token }))}`, {});
      expectRefused(inQuery, 400, "invalid_request");
    }
    expect(await project.asks(token)).toBe(200);
    expect((await project.form("/ims/revoke", { token }, basic(shown.clientId, shown.secret))).status).toBe(200);
    expect(await project.asks(token)).toBe(401);
  });

  it("is told to clients of its organization, and to others like one that is none", async () => {
    const token = await project.token(shown, "openid,reeve.read");
    const told = await project.form("/ims/introspect", client(shown, { token }));
    expect(told.status).toBe(200);
    expect(told.body).toEqual({ active: true, token_type: "bearer", ...claimsOf(token) });
    for (const [who, what] of [
      [foreign, token],
      [shown, "rubbish"],
      [shown, served.token],
      [shown, `${token.slice(0, -2)}AA`],
    ] as const)
      expect((await project.form("/ims/introspect", client(who, { token: what }))).body).toEqual({ active: false });
  });
});

describe("the keys", () => {
  it("verify every token, are published without their private halves, and may be kept for five minutes", async () => {
    const token = await project.token(shown);
    const [ims, wellKnown] = [
      await served.call("/ims/keys", { token: null }),
      await served.call("/.well-known/jwks.json", { token: null }),
    ];
    expect(ims.body).toEqual(wellKnown.body);
    for (const { headers } of [ims, wellKnown]) expect(headers.get("cache-control")).toBe("public, max-age=300");
    for (const key of ims.body.keys) expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
    const { kid, alg, typ } = headerOf(token);
    expect([alg, typ]).toEqual(["ES256", "at+jwt"]);
    const jwk = ims.body.keys.find((key: { readonly kid: string }) => key.kid === kid);
    const [header, claims, signature] = token.split(".") as [string, string, string];
    const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"))).toBe(true);
  });

  it("and all other doors are found where the server describes itself, whose address the tokens name", async () => {
    const { body, headers } = await served.call("/.well-known/oauth-authorization-server", { token: null });
    expect(headers.get("cache-control")).toBe("public, max-age=300");
    expect(body).toMatchObject({ issuer: served.url, grant_types_supported: ["client_credentials"], response_types_supported: [] });
    const doors = ["token_endpoint", "jwks_uri", "revocation_endpoint", "introspection_endpoint"].map((name) => body[name]);
    for (const door of doors) {
      expect(door.startsWith(`${served.url}/`)).toBe(true);
      expect((await served.call(door.slice(served.url.length), { token: null, method: "OPTIONS" })).headers.get("allow")).toMatch(
        /POST|GET/,
      );
    }
    expect(claimsOf(await project.token(shown))).toMatchObject({ iss: served.url, aud: "reeve" });
  });
});

describe("what is secret", () => {
  it("is in no line of the log, at the finest level: no secret, no token, no URL", async () => {
    const token = await project.token(shown);
    await served.call(`/ims/token/v3?${new URLSearchParams(project.grant(shown))}`, { method: "POST", token: null });
    await project.form("/ims/token/v3", project.grant({ ...shown, secret: "wrong-secret-of-a-client" }));
    await served.call(`/v1/orgs/${project.one.id}/principals?access_token=${token}`, { token: null });
    await project.form("/ims/introspect", { client_id: shown.clientId, client_secret: shown.secret, token });
    const text = lines.join("\n");
    expect(text).toContain("/ims/token/v3");
    const signature = token.split(".")[2] as string;
    for (const secret of [shown.secret, foreign.secret, "wrong-secret-of-a-client", signature, "access_token", "client_secret"])
      expect(text).not.toContain(secret);
  });
});
