/**
 * Signing in by a trusted issuer: who comes back is the user whom the configuration lets him be, with the groups and roles that his claims
 * give at that moment, and nobody gets anything of anybody else, whatever comes back.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Trip } from "./browser-trip.ts";
import { expectRefused, type IssuerWorld, issuerWorld, onward, person } from "./issuer-world.ts";
import { put } from "./organization.ts";
import { address, join, PASSWORD, tokenIn } from "./people.ts";
import type { Answer } from "./serve.ts";

let world: IssuerWorld;
let { served, corp, guests, one, other, logged } = {} as IssuerWorld;
beforeAll(async () => {
  world = await issuerWorld();
  ({ served, corp, guests, one, other, logged } = world);
});
afterAll(() => world?.close());
beforeEach(() => void logged.splice(0));
const ofUser = async (kind: string, id: string): Promise<readonly string[]> => {
  const member = kind === "memberships" ? "member" : "principal";
  const { body } = await served.call(`/v1/orgs/${one.id}/${kind}?${member}=${id}`);
  return body.items.map(({ value }: { value: Record<string, string> }) => value.group ?? value.role).sort();
};
const userOf = (id: string) => served.call(`/v1/orgs/${one.id}/principals/${id}`);

describe("who comes back from the issuer", () => {
  it("is signed in as every session is, and goes on to where he wanted", async () => {
    const trip = new Trip(served);
    const claims = person({ name: "Uma" });
    const location = await trip.begin("corp", "?return=/docs%3Fa%3Db");
    expect(location).toMatch(new RegExp(`^${corp.url}/authorize\\?`));
    const sent = Object.fromEntries(new URL(location).searchParams);
    expect(sent).toMatchObject({
      client_id: "reeve-of-the-tests",
      response_type: "code",
      redirect_uri: `${served.url}/sign-in/corp/callback`,
      scope: "openid email profile",
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const back = await trip.get(`/sign-in/corp/callback?${corp.approve(location, claims)}`);
    expect(onward(back)).toEqual([303, "/docs?a=b"]);
    const [transaction, session] = back.headers.getSetCookie();
    expect(transaction).toMatch(/^reeve-sign-in=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/);
    expect(session).toMatch(/^reeve=rvn_[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/);
    const { body } = await trip.session();
    expect(body).toMatchObject({ account: { issuer: "corp" }, organizations: [{ id: "Corp", principal: claims.uid }] });
    expect(body.account.email).toBeUndefined();
    expect((await userOf(claims.uid)).body).toMatchObject({ type: "user", name: "Uma", active: true });
    const me = await trip.get("/v1/me");
    expect(me.body).toMatchObject({ how: "session", principal: { organization: "Corp", id: claims.uid } });
  });

  it("keeps his transaction in a cookie that no script reads and that says nothing", async () => {
    const trip = new Trip(served);
    const answer = await trip.get("/sign-in/corp");
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^reeve-sign-in=[\w.-]{100,1500}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ]);
    const { searchParams } = new URL(answer.headers.get("location") ?? "");
    expect(Buffer.from(trip.kept("reeve-sign-in") ?? "", "base64url").toString("latin1")).not.toContain(searchParams.get("state"));
  });

  it("is the same user each time, whatever his claims call him later, in a new session each time", async () => {
    const claims = person();
    const [first, second] = [new Trip(served), new Trip(served)];
    await first.signIn("corp", corp, claims);
    await second.signIn("corp", corp, { ...claims, uid: "ann" });
    const [was, is] = [(await first.session()).body, (await second.session()).body];
    expect(is.organizations).toEqual(was.organizations);
    expect([is.account.id === was.account.id, is.id === was.id]).toEqual([true, false]);
  });

  it("may be a user who was there, and then no other subject can be he", async () => {
    await one.writes([put("principal", { id: "hired", type: "user" })]);
    const mine = { sub: "hired-1", uid: "hired" };
    expect(onward(await new Trip(served).signIn("corp", corp, mine))).toEqual([303, "/account"]);
    expectRefused(await new Trip(served).signIn("corp", corp, { sub: "hired-2", uid: "hired", groups: ["chiefs"] }), "user_taken");
    expect(await ofUser("memberships", "hired")).toEqual([]);
    expect(onward(await new Trip(served).signIn("corp", corp, mine))).toEqual([303, "/account"]);
  });

  it("is written by one change, of the issuer, and by none where nothing is new", async () => {
    const claims = person({ groups: ["eng"], roles: ["read"] });
    await new Trip(served).signIn("corp", corp, claims);
    const [newest] = (await served.call("/v1/orgs/Corp/change-sets?limit=1")).body.items;
    expect(newest).toMatchObject({ actor: { type: "issuer", id: "corp" }, action: "issuer.sign-in" });
    const revision = await one.revision();
    await new Trip(served).signIn("corp", corp, claims);
    expect(await one.revision()).toBe(revision);
  });

  it("is nobody with the next request once he is deactivated, and does not come back", async () => {
    const claims = person();
    const trip = new Trip(served);
    await trip.signIn("corp", corp, claims);
    await one.writes([put("principal", { id: claims.uid, type: "user", active: false })]);
    expect((await trip.get("/v1/me")).status).toBe(401);
    expectRefused(await new Trip(served).signIn("corp", corp, claims), "inactive_user");
    expect((await userOf(claims.uid)).body.active).toBe(false);
  });

  it("ends with his user: who is made under the id later is another", async () => {
    const claims = person();
    const trip = new Trip(served);
    await trip.signIn("corp", corp, claims);
    const before = (await trip.session()).body.account.id;
    await one.writes([{ delete: { kind: "principal", id: claims.uid } }]);
    expect((await trip.session()).status).toBe(401);
    expect(onward(await new Trip(served).signIn("corp", corp, { ...claims, sub: `${claims.sub}-b` }))).toEqual([303, "/account"]);
    const again = new Trip(served);
    expectRefused(await again.signIn("corp", corp, claims), "user_taken");
    expect(before).toEqual(expect.any(String));
  });
});

describe("groups and roles", () => {
  it("are given and taken away as the claims say, and only those that are mapped", async () => {
    const claims = person();
    const id = claims.uid;
    await new Trip(served).signIn("corp", corp, { ...claims, groups: ["eng", "unknown"], roles: ["read", "admin"] });
    expect([await ofUser("memberships", id), await ofUser("assignments", id)]).toEqual([["team"], ["reader"]]);
    await one.writes([put("membership", { group: "hand-made", member: id })]);
    await new Trip(served).signIn("corp", corp, { ...claims, groups: "eng" });
    expect([await ofUser("memberships", id), await ofUser("assignments", id)]).toEqual([["hand-made", "team"], []]);
    for (const groups of [undefined, [], {}, 7, [["eng"]], "engineering"])
      await new Trip(served).signIn("corp", corp, { ...claims, groups });
    expect([await ofUser("memberships", id), await ofUser("assignments", id)]).toEqual([["hand-made"], []]);
  });

  it("are what a session may do from the next request on", async () => {
    const claims = person();
    const trip = new Trip(served);
    await trip.signIn("corp", corp, { ...claims, groups: ["chiefs"] });
    expect((await trip.get("/v1/orgs/Corp/tokens")).status).toBe(200);
    await new Trip(served).signIn("corp", corp, claims);
    expect((await trip.get("/v1/orgs/Corp/tokens")).status).toBe(403);
  });

  it("do not take the last administrator from an organization: then nobody is signed in", async () => {
    const claims = person();
    await new Trip(served).signIn("corp", corp, { ...claims, groups: ["chiefs"] });
    await one.writes([{ delete: { kind: "membership", group: "admins", member: "ann" } }]);
    expectRefused(await new Trip(served).signIn("corp", corp, claims), "claims_refused");
    expect(await ofUser("memberships", claims.uid)).toEqual(["admins"]);
    await one.writes([put("membership", { group: "admins", member: "ann" })]);
    expect(onward(await new Trip(served).signIn("corp", corp, claims))).toEqual([303, "/account"]);
    expect(await ofUser("memberships", claims.uid)).toEqual([]);
  });

  it("make nobody an administrator where nothing is mapped to it", async () => {
    await other.writes([put("principal", { id: "g1", type: "user" })]);
    await new Trip(served).signIn("guests", guests, { sub: "g1", groups: ["admins", "chiefs"], roles: ["reeve-administrator"] });
    const { items } = (await served.call("/v1/orgs/Other/memberships?member=g1")).body;
    expect(items).toEqual([]);
  });

  it("that the organization does not have are passed over, and the log says so", async () => {
    expect(onward(await new Trip(served).signIn("corp", corp, person({ groups: ["ghosts"] })))).toEqual([303, "/account"]);
    expect(logged.join()).toContain("there is no group nowhere");
  });
});

describe("who is none of the organization's users", () => {
  it("is not let in where the issuer may make none", async () => {
    expectRefused(await new Trip(served).signIn("guests", guests, { sub: "stranger" }), "unknown_user");
    expect((await served.call("/v1/orgs/Other/principals/stranger")).status).toBe(404);
  });

  it("is let in as the user whom his verified address is invited to be, and the invitation is over", async () => {
    const email = address();
    const { body: invited } = await served.call("/v1/orgs/Other/invitations", { body: { email, id: "invited" } });
    const come = (more: object) => new Trip(served).signIn("guests", guests, { sub: "inv-1", email, ...more });
    expectRefused(await come({ email_verified: false }), "unknown_user");
    expectRefused(await come({ email_verified: "true" }), "unknown_user");
    expectRefused(await come({}), "unknown_user");
    const trip = new Trip(served);
    await trip.signIn("guests", guests, { sub: "inv-1", email: email.toUpperCase(), email_verified: true });
    expect((await trip.session()).body.organizations).toEqual([{ id: "Other", principal: "invited" }]);
    const token = tokenIn({ body: invited } as Answer);
    expect((await served.call("/invitations/accept", { body: { token, password: PASSWORD }, token: null })).status).toBe(404);
  });

  it("is not made while the organization is suspended", async () => {
    const suspended = (value: boolean) => one.writes([put("setting", { product: "reeve", name: "suspended", value })]);
    const claims = person();
    await suspended(true);
    expectRefused(await new Trip(served).signIn("corp", corp, claims), "suspended");
    await suspended(false);
    expect((await userOf(claims.uid)).status).toBe(404);
  });

  it("cannot be a group, a service account, or a user of another organization", async () => {
    await other.writes([put("principal", { id: "machine", type: "service-account" })]);
    for (const sub of ["team", "machine", "members", "admins", "hired"])
      expectRefused(await new Trip(served).signIn("guests", guests, { sub }), "unknown_user");
  });

  it("is not made under an id that is none", async () => {
    for (const uid of ["admins", "members", "x".repeat(129), "a\u0000b"])
      expect((await new Trip(served).signIn("corp", corp, person({ uid }))).headers.get("location"), uid).toMatch(
        /refused=(claims_refused|unknown_user)$/,
      );
    for (const uid of [undefined, 7, "", ["ann"], { id: "ann" }])
      expectRefused(await new Trip(served).signIn("corp", corp, person({ uid })), "unknown_user");
  });
});

describe("an account with a password", () => {
  it("is never opened by an issuer that says the same address, verified or not; nor is anything of another organization", async () => {
    const email = address();
    await join(served, other, { email, id: "olga" });
    const claims = person({ email, email_verified: true });
    const trip = new Trip(served);
    await trip.signIn("corp", corp, claims);
    const { body } = await trip.session();
    expect(body.organizations).toEqual([{ id: "Corp", principal: claims.uid }]);
    expect((await trip.get("/v1/orgs/Other/principals")).status).toBe(404);
    expect((await served.call("/session", { body: { email, password: PASSWORD }, token: null })).status).toBe(201);
  });

  it("and one that an issuer signs in may be the same user, each by its own way", async () => {
    const email = address();
    await join(served, other, { email, id: "both" });
    const trip = new Trip(served);
    await trip.signIn("guests", guests, { sub: "both" });
    const signed = (await trip.session()).body;
    const { body } = await served.call("/session", { body: { email, password: PASSWORD }, token: null });
    expect([signed.organizations, signed.account.id === body.account.id]).toEqual([body.organizations, false]);
    const { headers } = { headers: { cookie: trip.cookie, "reeve-csrf": signed.csrf } };
    const factor = await served.call("/session/second-factor", { method: "POST", token: null, headers });
    expect([factor.status, factor.body.code]).toEqual([409, "second_factor_on"]);
  });
});
