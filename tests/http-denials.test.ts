/**
 * Who may not is turned away from every route, by its own code, and leaves nothing behind: without a token, with one that is none, with
 * that of another organization's administrator, of a principal without the right, and of one whose token's ceiling is too low. Each sends
 * a request that would be good, were it the server's administrator's.
 */
import { PROBLEMS, type ProblemCode, type Route, type RouteId } from "@reeve/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Good, ROUTE_IDS, routeOf, World } from "./every-route.ts";
import { makeOrganization, type Organization, put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

const RIGHTS = ["read", "decide", "admin"] as const;
type Right = (typeof RIGHTS)[number];
/** Roles by which a principal has everything that is less than a right, or else. */
const ROLES: Readonly<Record<string, readonly Right[]>> = {
  none: [],
  "reeve-decision-point": ["decide"],
  "reeve-auditor": ["decide", "read"],
  admins: ["read", "decide", "admin"],
};

let served: Served;
let world: World;
let other: Organization;
let suspended: Organization;
const secrets = new Map<string, string>();
beforeAll(async () => {
  served = await serve();
  world = await World.make(served);
  other = await makeOrganization(served, people());
  await world.one.writes(people());
  for (const role of Object.keys(ROLES)) secrets.set(role, await tokenOf(world.one, role, "admin"));
  for (const ceiling of RIGHTS) secrets.set(`ceiling ${ceiling}`, await tokenOf(world.one, "admins", ceiling));
  secrets.set("another organization's", await tokenOf(other, "admins", "admin"));
  suspended = await makeOrganization(served, people());
  secrets.set("a suspended organization's", await tokenOf(suspended, "admins", "admin"));
  await suspended.writes([put("setting", { product: "reeve", name: "suspended", value: true })]);
  const { body } = await served.call(`/v1/orgs/${world.one.id}/tokens`, { body: { principal: "who-admins", ceiling: "admin" } });
  await served.call(`/v1/orgs/${world.one.id}/tokens/${body.id}`, { method: "DELETE" });
  secrets.set("ended", body.secret);
});
afterAll(() => served?.close());

/** One principal for each role. */
const people = () =>
  Object.keys(ROLES).flatMap((role) => [
    put("principal", { id: `who-${role}`, type: "service-account" }),
    ...(role === "admins" ? [put("membership", { group: "admins", member: "who-admins" })] : []),
    ...(role.startsWith("reeve-") ? [put("assignment", { role, principal: `who-${role}` })] : []),
  ]);

async function tokenOf({ id }: Organization, role: string, ceiling: Right): Promise<string> {
  const answer = await served.call(`/v1/orgs/${id}/tokens`, { body: { principal: `who-${role}`, ceiling } });
  expect(answer.status, answer.text).toBe(201);
  return answer.body.secret;
}

/** Everything that could have been changed: all organizations, their revisions, all tokens. */
async function everything(): Promise<unknown> {
  const orgs = (await served.call("/v1/orgs?limit=500")).body.items.map(({ id }: { id: string }) => id);
  const standing = orgs.map(async (id: string) => [
    id,
    (await served.call(`/v1/orgs/${id}`)).headers.get("reeve-revision"),
    unused((await served.call(`/v1/orgs/${id}/tokens?limit=500`)).body.items),
  ]);
  return [await Promise.all(standing), unused((await served.call("/v1/tokens?limit=500")).body.items)];
}
/** Tokens but for when they were used. */
const unused = (tokens: readonly { readonly lastUsed?: number }[]): unknown => tokens.map(({ lastUsed: _, ...token }) => token);

/** With each of these tokens (`null`: without one); `undefined` would be the administrator's. */
async function expectDenied({ path, sent }: Good, tokens: readonly (string | null | undefined)[], code: ProblemCode): Promise<void> {
  const before = await everything();
  for (const token of tokens) {
    expect(token).toBeDefined();
    const answer = await served.call(path, { ...sent, token: token as string | null });
    expect([answer.status, answer.body?.code], answer.text).toEqual([PROBLEMS[code].status, code]);
    expect(Object.keys(answer.body).sort()).toEqual(["code", "instance", "requestId", "status", "title", "type"]);
    for (const header of ["reeve-revision", "etag", "location"]) expect(answer.headers.has(header), header).toBe(false);
  }
  expect(await everything()).toEqual(before);
}

const isOfOrganization = ({ path }: Route): boolean => path.includes("{org}");
/** Roles that lack the right of a route; what is of no organization is nobody's but the server's administrator's, and so is what says so. */
function lacking({ needs, ...route }: Route): readonly string[] {
  if (route.above === true) return Object.keys(ROLES);
  // What is decided of each thing opens to whom something was given, and to who administers.
  if (route.byMember === true) return Object.keys(ROLES).filter((role) => role !== "admins");
  if (!isOfOrganization({ ...route })) return needs === "read" ? [] : Object.keys(ROLES);
  return Object.entries(ROLES).flatMap(([role, rights]) => (rights.includes(needs as Right) ? [] : [role]));
}
const tooLow = ({ needs }: Route): readonly Right[] => RIGHTS.slice(0, RIGHTS.indexOf(needs as Right));

const GUARDED = ROUTE_IDS.filter((id) => routeOf(id).needs !== undefined);
const named = (ids: readonly RouteId[]) => ids.map((id) => [id, routeOf(id)] as const);

/** Of the organization that everybody here has to do with; who may not delete it leaves it as it is. */
const aimed = async (id: RouteId): Promise<Good> => {
  if (id !== "deleteOrganization") return world.good(id);
  const query = new URLSearchParams({ confirm: world.one.id, revision: await world.one.revision() });
  return world.at(`?${query}`, { method: "DELETE" });
};

describe("every route turns away", () => {
  it.each(named(GUARDED))("%s who shows no token, or one that is none, or one that was ended: 401", async (id) => {
    const good = await aimed(id);
    await expectDenied(good, [null, "reeve_no-token-of-anybody", secrets.get("ended")], "not_authenticated");
  });

  it.each(named(GUARDED.filter((id) => isOfOrganization(routeOf(id)))))(
    "%s an administrator of another organization, as if this one were not there: 404",
    async (id) => {
      const token = secrets.get("another organization's") as string;
      const good = await aimed(id);
      await expectDenied(good, [token], "organization_not_found");
      const nowhere = await served.call(good.path.replace(world.one.id, "Nowhere"), { ...good.sent, token });
      expect([nowhere.status, nowhere.body.code]).toEqual([404, "organization_not_found"]);
    },
  );

  it.each(named(GUARDED.filter((id) => isOfOrganization(routeOf(id)) && routeOf(id).above !== true)))(
    "%s an administrator of his own organization that is suspended: 403",
    async (id) => {
      const { path, sent } = await aimed(id);
      const own = { path: path.replace(world.one.id, suspended.id), sent };
      await expectDenied(own, [secrets.get("a suspended organization's")], "organization_suspended");
    },
  );

  it.each(named(GUARDED.filter((id) => routeOf(id).byMember !== true && lacking(routeOf(id)).length > 0)))(
    "%s a principal without the right: 403",
    async (id, route) => {
      const good = await aimed(id);
      await expectDenied(
        good,
        lacking(route).map((role) => secrets.get(role)),
        "not_permitted",
      );
    },
  );

  it.each(named(GUARDED.filter((id) => tooLow(routeOf(id)).length > 0)))(
    "%s an administrator whose token may do less at most: 403",
    async (id, route) => {
      const good = await aimed(id);
      await expectDenied(
        good,
        tooLow(route).map((ceiling) => secrets.get(`ceiling ${ceiling}`)),
        "not_permitted",
      );
    },
  );
});

/** What a principal is told to whom nobody gave anything; absent: that there is no such asset. */
const TOLD: Partial<Readonly<Record<RouteId, readonly [number, string?]>>> = {
  listAssets: [200],
  getAssetSettings: [200],
  putAssetSettings: [403, "not_permitted"],
  departAssetOwner: [403, "not_permitted"],
};

describe("every route that decides of each thing", () => {
  it.each(named(GUARDED.filter((id) => routeOf(id).byMember === true)))(
    "%s shows nothing to whom nobody gave anything, and does nothing for him",
    async (id) => {
      const { path, sent } = await world.good(id);
      const before = await everything();
      const answer = await served.call(path, { ...sent, token: secrets.get("none") as string });
      expect([answer.status, answer.body.code], answer.text).toEqual(
        TOLD[id] === undefined ? [404, "asset_not_found"] : [TOLD[id][0], TOLD[id][1]],
      );
      if (id === "listAssets") expect([answer.body.items, answer.body.ancestors]).toEqual([[], []]);
      expect(await everything()).toEqual(before);
    },
  );
});

describe("every route lets in", () => {
  it.each(named(GUARDED))("%s whoever has the right: the same request is answered", async (id, route) => {
    const roles = Object.keys(ROLES).filter((role) => !lacking(route).includes(role));
    const { path, sent } = await world.good(id);
    // Whoever is let in where a principal may must have the right; the server's administrator always may.
    const role = path.includes(encodeURIComponent(world.one.id)) || path.includes(world.one.id) ? roles[0] : undefined;
    const answer = await served.call(path, role === undefined ? sent : { ...sent, token: secrets.get(role) as string });
    expect(answer.status, answer.text).toBe(route.answer.status);
  });

  it("nobody but the routes without a need, which tell nothing of any organization but to its own client, or to who is invited or signed in", () => {
    const ofClients = ["accessTokenV3", "accessTokenV2", "revokeAccessToken", "introspectAccessToken"];
    const ofAll = ["imsKeys", "wellKnownKeys", "authorizationServer"];
    const ofPeople = [
      "acceptInvitation",
      "signIn",
      "getSession",
      "listSessions",
      "deleteSession",
      "enrolSecondFactor",
      "confirmSecondFactor",
      "endSecondFactor",
      "endSession",
      "changePassword",
      "endAccount",
      "askPasswordReset",
      "acceptPasswordReset",
      "beginIssuerSignIn",
      "endIssuerSignIn",
    ];
    expect(ROUTE_IDS.filter((id) => routeOf(id).needs === undefined)).toEqual([
      "getAssetMatrix",
      "publicTable",
      ...ofClients,
      ...ofAll,
      ...ofPeople,
    ]);
  });
});
