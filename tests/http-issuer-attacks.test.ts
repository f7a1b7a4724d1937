/**
 * Signing in by a trusted issuer, attacked: what comes back and is not what went out, where people are sent, and issuers that break or lie.
 */
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Trip } from "./browser-trip.ts";
import { es256, Issuer, newKey } from "./issuer.ts";
import { expectRefused, type IssuerWorld, issuerWorld, onward, person } from "./issuer-world.ts";
import { serve } from "./serve.ts";

let world: IssuerWorld;
let { served, corp, guests, logged } = {} as IssuerWorld;
beforeAll(async () => {
  world = await issuerWorld();
  ({ served, corp, guests, logged } = world);
});
afterAll(() => world?.close());
beforeEach(() => void logged.splice(0));

describe("what comes back and is not what went out", () => {
  const back = async (spoil: (query: URLSearchParams, trip: Trip) => void, code: string): Promise<void> => {
    const trip = new Trip(served);
    const query = corp.approve(await trip.begin("corp"), person());
    spoil(query, trip);
    expectRefused(await trip.get(`/sign-in/corp/callback?${query}`), code);
    expect(trip.kept("reeve")).toBeUndefined();
  };
  it.each([
    ["another state", (query: URLSearchParams) => query.set("state", "x".repeat(43)), "not_proven"],
    ["no state", (query: URLSearchParams) => query.delete("state"), "not_proven"],
    ["two states", (query: URLSearchParams) => query.append("state", query.get("state") ?? ""), "not_proven"],
    ["another issuer's name", (query: URLSearchParams) => query.set("iss", guests.url), "not_proven"],
    ["no issuer's name", (query: URLSearchParams) => query.delete("iss"), "not_proven"],
    ["a code that is none", (query: URLSearchParams) => query.set("code", "none"), "not_proven"],
    ["no code", (query: URLSearchParams) => query.delete("code"), "not_proven"],
    ["a refusal", (query: URLSearchParams) => query.set("error", "access_denied"), "denied"],
    ["no cookie", (_: URLSearchParams, trip: Trip) => trip.keep("reeve-sign-in", undefined), "expired"],
    [
      "a cookie that was altered",
      (_: URLSearchParams, trip: Trip) => trip.keep("reeve-sign-in", `${trip.kept("reeve-sign-in")?.slice(0, -2)}AA`),
      "expired",
    ],
    ["a cookie that is none", (_: URLSearchParams, trip: Trip) => trip.keep("reeve-sign-in", "x"), "expired"],
  ] as const)("is refused: %s", async (_, spoil, code) => back(spoil, code));

  it("is refused after ten minutes, and taken just before", async () => {
    for (const [laterMs, code] of [
      [599_000, undefined],
      [600_000, "expired"],
    ] as const) {
      const trip = new Trip(served);
      const query = corp.approve(await trip.begin("corp"), person());
      world.aheadMs += laterMs;
      const answer = await trip.get(`/sign-in/corp/callback?${query}`);
      expect(answer.headers.get("location")).toBe(code === undefined ? "/account" : `/sign-in?refused=${code}`);
    }
  });

  it("is refused a second time, with the same cookie as with another", async () => {
    const trip = new Trip(served);
    const query = corp.approve(await trip.begin("corp"), person());
    const cookie = trip.kept("reeve-sign-in");
    expect((await trip.get(`/sign-in/corp/callback?${query}`)).headers.get("location")).toBe("/account");
    const replayed = new Trip(served);
    replayed.keep("reeve-sign-in", cookie);
    expectRefused(await replayed.get(`/sign-in/corp/callback?${query}`), "expired");
    await replayed.begin("corp");
    expectRefused(await replayed.get(`/sign-in/corp/callback?${query}`), "not_proven");
  });

  it("is refused in a browser that did not go out: nobody is signed in as somebody else by a link", async () => {
    const stranger = new Trip(served);
    const query = corp.approve(await stranger.begin("corp"), person());
    const victim = new Trip(served);
    await victim.begin("corp");
    expectRefused(await victim.get(`/sign-in/corp/callback?${query}`), "not_proven");
  });

  it("is refused at another issuer's door, and its code goes to nobody", async () => {
    const trip = new Trip(served);
    const query = corp.approve(await trip.begin("corp"), { sub: "g1" });
    const before = guests.asked.length;
    expectRefused(await trip.get(`/sign-in/guests/callback?${query}`), "expired");
    expect(guests.asked.slice(before)).not.toContain("/token");
  });

  const stranger = newKey();
  const CLAIMS: Readonly<Record<string, (issuer: Issuer) => object>> = {
    "another nonce": () => ({ nonce: "x".repeat(43) }),
    "no nonce": () => ({ nonce: undefined }),
    "another audience": () => ({ aud: "somebody" }),
    "two audiences without saying for whom": () => ({ aud: ["reeve-of-the-tests", "other"], azp: "other" }),
    "another issuer": () => ({ iss: guests.url }),
    "no subject": () => ({ sub: undefined }),
    "a subject that is none": () => ({ sub: 7 }),
    "a subject that is too long": () => ({ sub: "x".repeat(256) }),
    "no end": () => ({ exp: undefined }),
    "an end long ago": () => ({ exp: 1, iat: 1 }),
  };
  it.each(Object.entries(CLAIMS))("is refused: an ID token with %s", async (_, claims) => {
    const trip = new Trip(served);
    expectRefused(await trip.signIn("corp", corp, { ...person(), ...claims(corp) }), "not_proven");
  });

  it("is refused: an ID token by another key, or by none", async () => {
    const minted = corp.token.bind(corp);
    try {
      for (const [header, key, sign] of [
        [{ kid: corp.keys[0]?.kid }, stranger, es256],
        [{ kid: stranger.kid }, stranger, es256],
        [{ alg: "none", kid: undefined }, stranger, () => Buffer.alloc(0)],
        [{ alg: "HS256" }, stranger, () => Buffer.alloc(32)],
      ] as const) {
        corp.token = ({ claims = {} } = {}) => minted({ header: { typ: "JWT", ...header }, claims, key }, sign);
        expectRefused(await new Trip(served).signIn("corp", corp, person()), "not_proven");
      }
    } finally {
      corp.token = minted;
    }
  });
});

describe("where to go on", () => {
  it.each(["/", "/docs", "/account?a=b#c", "/v1/orgs/Corp/products/files/operations?method=GET", "/a//b"])("can be %s", async (path) => {
    const trip = new Trip(served);
    const query = corp.approve(await trip.begin("corp", `?return=${encodeURIComponent(path)}`), person());
    expect(onward(await trip.get(`/sign-in/corp/callback?${query}`))).toEqual([303, path]);
  });

  it.each([
    "",
    "x",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/a\nb",
    " /a",
    "/ä",
    `/${"a".repeat(2_048)}`,
  ])("cannot be %j", async (path) => {
    const answer = await served.call(`/sign-in/corp?return=${encodeURIComponent(path)}`, { token: null });
    expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([400, "malformed_request", "?return"]);
  });
});

describe("an issuer", () => {
  it.each(["machines", "nothing", "__proto__", "Corp", "corp%2F.."])("that signs nobody in is not found: %s", async (name) => {
    for (const path of [`/sign-in/${name}`, `/sign-in/${name}/callback?code=x`]) {
      const answer = await served.call(path, { token: null });
      expect([answer.status, answer.body.code], path).toEqual([404, "issuer_not_found"]);
    }
  });

  it("that is down is told as such, while everybody else is served, and it is asked again after a pause", async () => {
    for (let tries = 0; tries < 2; tries++) {
      const answer = await served.call("/sign-in/nobody", { token: null });
      expect([answer.status, answer.body.code, answer.headers.get("retry-after")]).toEqual([503, "issuer_unavailable", "30"]);
    }
    expect(logged.filter((line) => line.includes("issuer_unavailable"))).toHaveLength(1);
    expect(onward(await new Trip(served).signIn("corp", corp, person()))).toEqual([303, "/account"]);
  });

  it("that breaks between going and coming back is told as such", async () => {
    const trip = new Trip(served);
    const query = corp.approve(await trip.begin("corp"), person());
    corp.answers.set("/token", (response) => response.writeHead(502).end("bad gateway"));
    const answer = await trip.get(`/sign-in/corp/callback?${query}`);
    corp.answers.clear();
    expect([answer.status, answer.body.code]).toEqual([503, "issuer_unavailable"]);
    expect(trip.kept("reeve")).toBeUndefined();
  });

  it("is told of in the log by name and reason, without a code, a token, a cookie or an address", async () => {
    const trip = new Trip(served);
    const claims = person({ email: "secret.person@example.com", nonce: "wrong" });
    const query = corp.approve(await trip.begin("corp"), claims);
    await trip.get(`/sign-in/corp/callback?${query}`);
    const told = logged.join();
    expect(told).toContain('"issuer":"corp","code":"not_proven","why":"');
    for (const secret of [query.get("code"), query.get("state"), "eyJ", "secret.person", claims.sub]) expect(told).not.toContain(secret);
  });

  it("of an organization that is not there lets nobody in", async () => {
    const lost = await Issuer.start();
    const own = await serve({ environment: { REEVE_ISSUERS: JSON.stringify([lost.entry("lost", "Missing", { people: "create" })]) } });
    try {
      expectRefused(await new Trip(own).signIn("lost", lost, { sub: "x" }), "unknown_user");
    } finally {
      await own.close();
      await lost.close();
    }
  });
});

describe("metadata", () => {
  const trusting = async (
    metadata: Record<string, unknown>,
    answers: Readonly<Record<string, Parameters<Issuer["answers"]["set"]>[1]>> = {},
  ) => {
    const issuer = await Issuer.start();
    issuer.metadata = metadata;
    for (const [path, answer] of Object.entries(answers)) issuer.answers.set(path, answer);
    const own = await serve({ environment: { REEVE_ISSUERS: JSON.stringify([issuer.entry("x", "DEMO@ReeveOrg", { people: "create" })]) } });
    const answer = await own.call("/sign-in/x", { token: null });
    await own.close();
    await issuer.close();
    return [answer.status, answer.body?.code ?? answer.headers.get("location")];
  };
  const UNAVAILABLE = [503, "issuer_unavailable"];
  const AT = "/.well-known/openid-configuration";

  it.each([
    ["of another issuer", { issuer: "https://other.example" }],
    ["without an issuer", { issuer: undefined }],
    ["that send people to plain HTTP elsewhere", { authorization_endpoint: "http://other.example/authorize" }],
    ["that send people to a script", { authorization_endpoint: "javascript:alert(1)" }],
  ])("%s are refused", async (_, metadata) => expect(await trusting(metadata)).toEqual(UNAVAILABLE));

  it.each([
    ["that are no JSON", (response: ServerResponse) => void response.end("<html>")],
    [
      "that are too large",
      (response: ServerResponse) =>
        void response.writeHead(200, { "content-type": "application/json" }).end(`{"a":"${"x".repeat(300_000)}"}`),
    ],
    ["that lead elsewhere", (response: ServerResponse) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
    [
      "that break off",
      (response: ServerResponse) => void response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy()),
    ],
    ["of no use", (response: ServerResponse) => void response.writeHead(404).end()],
  ])("%s are refused", async (_, answer) => expect(await trusting({}, { [AT]: answer })).toEqual(UNAVAILABLE));

  it("that never come are waited for five seconds", async () => {
    const beganMs = performance.now();
    expect(await trusting({}, { [AT]: () => undefined })).toEqual(UNAVAILABLE);
    expect(performance.now() - beganMs).toBeLessThan(10_000);
  });
});
