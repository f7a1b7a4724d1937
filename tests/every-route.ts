/**
 * A good request for every route of the contract's table: for tests that hold for all routes.
 *
 * Each is made just before it is sent, with what it needs: an object to be deleted, a change set to be taken back, an import that waits.
 * Invariant: a route that is new in the table does not compile, or is refused here, until a good request for it is known.
 */
import { type CollectionName, type ObjectRouteId, ROUTES, type Route, type RouteId } from "@reeve/contract";
import { Trip } from "./browser-trip.ts";
import { GROUND, NAMES, NUMBERS, objectOf, putOf, STANDING, segmentsOf } from "./every-object.ts";
import { BASE, makeOrganization, type Organization, put } from "./organization.ts";
import { codeOf, join, PASSWORD, signIn, tokenIn } from "./people.ts";
import { type Answer, houseIssuer, type Sent, type Served } from "./serve.ts";

export type Good = { readonly path: string; readonly sent: Sent };
export const ROUTE_IDS = Object.keys(ROUTES) as readonly RouteId[];
export const routeOf = (id: RouteId): Route => ROUTES[id];

/** What a good request is answered with by a server as it starts where nothing is configured: it sends no mail. */
export const statusOf = (id: RouteId): number => (id === "askPasswordReset" ? 409 : ROUTES[id].answer.status);

/** A product for an import: a row by a role, one by a permission, one without a rule. */
export const DOCUMENT = `
openapi: 3.1.0
info: { title: Clinic, version: "1" }
x-authorization-catalogue:
  profiles:
    - { id: nurse, name: Nurse, predefined: true }
  permissions:
    - { id: ward-edit, name: Ward Edit, scopes: [organization, ward] }
paths:
  /wards/{wardId}:
    get:
      operationId: getWard
      responses: { "200": { description: ok } }
      x-authorization: { profiles: [Nurse], scope: { ward: wardId } }
    delete:
      operationId: closeWard
      responses: { "204": { description: gone } }
      x-authorization: { permission: Ward Edit, scope: { ward: wardId } }
    put:
      operationId: putWard
      responses: { "200": { description: ok } }
`;
const CHECK = { subject: { type: "user", id: "u0" }, action: { name: "look" }, resource: { path: "/shelves/a" } };
const CREDENTIAL = "/developer-projects/project0/credential";
const GRANT = { grant_type: "client_credentials", scope: "openid" };
const CALL = { product: "desk", method: "GET", target: "/ruled0" };
type Other = Exclude<RouteId, ObjectRouteId>;
type Making = (world: World) => Good | Promise<Good>;
const asking =
  (path: string, body?: unknown): Making =>
  (world) =>
    world.at(path, body === undefined ? {} : { body });

const OTHERS: Readonly<Record<Other, Making>> = {
  check: asking("/check", CHECK),
  checkBatch: asking("/check/batch", { evaluations: [CHECK] }),
  checkOperation: asking("/operations/check", { subject: CHECK.subject, ...CALL }),
  explain: asking("/explain", CHECK),
  listResources: asking("/list/resources", { subject: CHECK.subject, action: CHECK.action, type: "shelves", limit: 1 }),
  listPrincipals: asking("/list/principals", { type: "user", action: CHECK.action, resource: CHECK.resource, context: { a: 1 } }),
  listActions: asking("/list/actions", { subject: CHECK.subject, resource: CHECK.resource }),
  listRoles: asking("/list/roles", { product: "desk" }),
  held: asking("/held", { subject: CHECK.subject, place: "/" }),
  effective: asking("/effective", { subject: CHECK.subject, limit: 2 }),
  reportAccess: asking("/reports/access?type=shelves&action=look&group=clerks&limit=1"),
  reportGroupMembers: asking("/reports/group-members?group=clerks&limit=1"),
  reportRolesByLabel: asking("/reports/roles-by-label?type=shelves&action=look&limit=1"),
  reportPermissions: asking("/reports/permissions?user=u0&limit=1"),
  listOrganizations: () => ({ path: "/v1/orgs?limit=1", sent: {} }),
  createOrganization: (world) => ({ path: "/v1/orgs", sent: { body: { id: `Made${world.next()}`, name: "Made", tenantIds: ["1"] } } }),
  getOrganization: asking(""),
  putOrganization: (world) => world.at("", { method: "PUT", body: { name: `Renamed ${world.next()}`, tenantIds: [] } }),
  deleteOrganization: async (world) => {
    const id = `Gone${world.next()}`;
    const { body } = await world.served.call("/v1/orgs", { body: { id, name: "Gone" } });
    return { path: `/v1/orgs/${id}?confirm=${id}&revision=${encodeURIComponent(body.revision)}`, sent: { method: "DELETE" } };
  },
  writeChanges: (world) => world.at("/changes", { body: { reason: "why", changes: [world.label()] } }),
  preview: asking("/preview", { changes: [putOf("grants", 1)], limit: 1 }),
  listAudit: asking("/audit?limit=1"),
  listActivity: asking("/console/activity?limit=1"),
  listChangeSets: asking("/change-sets?limit=1"),
  getChangeSet: async (world) => world.at(`/change-sets/${await world.changeSet()}`, {}),
  revertChangeSet: async (world) => world.at(`/change-sets/${await world.changeSet()}/revert`, { body: { reason: "back" } }),
  exportOrganization: asking("/export"),
  me: () => ({ path: "/v1/me", sent: {} }),
  organizationTable: asking("/products/desk/operations?method=GET"),
  publicTable: () => ({ path: "/operations?product=cloud-manager", sent: {} }),
  importDocument: async (world) => {
    // As many are read at once as may be: with one that has ended there is room.
    await world.planned();
    return world.at(`/products/clinic${world.next()}/imports`, world.document());
  },
  suggestRules: asking("/products/desk/suggestions"),
  getImport: async (world) => world.at(`/imports/${await world.planned()}`, {}),
  applyImport: async (world) => world.at(`/imports/${await world.planned()}/apply`, { body: { reason: "why" } }),
  duplicateRole: (world) => world.at("/roles/role0/duplicate", { method: "POST" }),
  listEntitlements: asking("/entitlements"),
  putEntitlement: (world) => world.at("/entitlements/cloud-manager", { method: "PUT" }),
  deleteEntitlement: async (world) => {
    const path = "/entitlements/cloud-manager";
    await world.served.call(world.at(path, {}).path, { method: "PUT" });
    return world.at(`${path}?confirm=cloud-manager`, { method: "DELETE" });
  },
  listAssets: asking("/assets?level=apis&below=/spaces/apim&limit=1"),
  createAsset: (world) => world.at("/assets", { body: { path: `/spaces/apim/apis/made${world.next()}`, owner: "u0" } }),
  getAsset: async (world) => world.at(`/assets/node?path=${await world.asset()}`, {}),
  putAsset: async (world) => world.at(`/assets/node?path=${await world.asset()}`, { method: "PUT", body: { name: "Renamed" } }),
  deleteAsset: async (world) => world.at(`/assets/node?path=${await world.asset()}`, { method: "DELETE" }),
  restoreAsset: async (world) => {
    const { path } = world.at(`/assets/node?path=${await world.asset()}`, {});
    return world.at("/assets/restore", { body: { id: (await world.served.call(path, { method: "DELETE" })).body.id } });
  },
  moveAsset: async (world) =>
    world.at("/assets/move", { body: { path: await world.asset(), to: `/spaces/apim/apis/moved${world.next()}` } }),
  departAssetOwner: async (world) => {
    const id = `leaver${world.next()}`;
    await world.one.writes([put("principal", { id, type: "user" })]);
    return world.at("/assets/departure", { body: { principal: id, owner: "u0" } });
  },
  putAssetOwner: async (world) => world.at("/assets/owner", { method: "PUT", body: { path: await world.asset(), owner: "u1" } }),
  putAssetState: async (world) =>
    world.at("/assets/state", { method: "PUT", body: { path: `${await world.asset()}/versions/1.0`, state: "published" } }),
  listPermissions: async (world) => world.at(`/assets/permissions?path=${await world.asset()}&limit=1`, {}),
  listHolders: async (world) => world.at(`/assets/access?path=${await world.asset()}&limit=1`, {}),
  findPrincipals: async (world) => world.at(`/assets/principals?path=${await world.asset()}&q=u&limit=1`, {}),
  previewAssets: async (world) =>
    world.at("/assets/preview", {
      body: { entries: [{ path: await world.asset(), principal: { type: "user", id: "u2" }, access: "read_only" }] },
    }),
  putPermission: async (world) => {
    const entry = { path: await world.asset(), principal: { type: "user", id: "u2" }, access: "read_only" };
    await world.served.call(world.at("/assets/permissions", {}).path, { method: "PUT", body: entry });
    return world.at("/assets/permissions", { method: "PUT", body: { ...entry, access: "read_write" } });
  },
  deletePermission: async (world) => {
    const path = await world.asset();
    const entry = { path, principal: { type: "user", id: "u2" }, access: "read_only" };
    await world.served.call(world.at("/assets/permissions", {}).path, { method: "PUT", body: entry });
    return world.at(`/assets/permissions?path=${path}&principal=u2`, { method: "DELETE" });
  },
  writePermissions: async (world) => {
    const path = await world.asset();
    return world.at("/assets/permissions/batch", {
      body: { entries: [{ path, principal: { type: "user", id: "u2" }, access: "read_only" }] },
    });
  },
  coverSubtree: async (world) =>
    world.at("/assets/permissions/subtree", {
      body: { path: await world.asset(), entries: [{ principal: { type: "user", id: "u2" }, access: "read_only" }] },
    }),
  getAssetMatrix: () => ({ path: "/assets/matrix", sent: {} }),
  getAssetSettings: asking("/assets/settings"),
  putAssetSettings: (world) => world.at("/assets/settings", { method: "PUT", body: { fullAccessMayPublish: false } }),
  listTokens: asking("/tokens?limit=1"),
  createToken: (world) => world.at("/tokens", { body: { principal: "u0", ceiling: "read", name: `T${world.next()}` } }),
  deleteToken: async (world) => world.at(`/tokens/${await world.token()}`, { method: "DELETE" }),
  listAdministratorTokens: () => ({ path: "/v1/tokens?limit=1", sent: {} }),
  createAdministratorToken: () => ({ path: "/v1/tokens", sent: { body: { ceiling: "read" } } }),
  listOfferedRoles: asking("/console/roles?product=desk&limit=1"),
  listProjects: asking("/console/projects?limit=1"),
  getProject: asking("/console/projects/project0"),
  createProject: (world) => world.at("/console/projects", { body: { name: `N${world.next()}`, product: "desk", roles: ["clerk"] } }),
  putProject: (world) => world.at("/console/projects/project0", { method: "PUT", body: { name: `N${world.next()}`, roles: ["clerk"] } }),
  deleteProject: async (world) => {
    const { path, sent } = world.at("/console/projects", { body: { name: "N", product: "desk", roles: ["clerk"] } });
    return world.at(`/console/projects/${(await world.served.call(path, sent)).body.id}`, { method: "DELETE" });
  },
  getCredential: asking("/developer-projects/project0/credential"),
  createClientSecret: async (world) => {
    const { id } = await world.secret();
    await world.served.call(world.at(`${CREDENTIAL}/secrets/${id}`, {}).path, { method: "DELETE" });
    return world.at(`${CREDENTIAL}/secrets`, { body: { name: "N" } });
  },
  deleteClientSecret: async (world) => world.at(`${CREDENTIAL}/secrets/${(await world.secret()).id}`, { method: "DELETE" }),
  deleteCredential: async (world) => {
    await world.secret();
    return world.at(CREDENTIAL, { method: "DELETE" });
  },
  accessTokenV3: async (world) => world.form("/ims/token/v3", await world.client(GRANT)),
  accessTokenV2: async (world) => world.form("/ims/token/v2", await world.client(GRANT)),
  revokeAccessToken: async (world) => world.form("/ims/revoke", await world.client({ token: "none" })),
  introspectAccessToken: async (world) => world.form("/ims/introspect", await world.client({ token: "none" })),
  imsKeys: () => ({ path: "/ims/keys", sent: {} }),
  wellKnownKeys: () => ({ path: "/.well-known/jwks.json", sent: {} }),
  authorizationServer: () => ({ path: "/.well-known/oauth-authorization-server", sent: {} }),
  listInvitations: asking("/invitations?limit=1"),
  createInvitation: (world) => world.at("/invitations", { body: { email: `guest${world.next()}@example.com` } }),
  deleteInvitation: async (world) => world.at(`/invitations/${(await world.invitation()).id}`, { method: "DELETE" }),
  acceptInvitation: async (world) => {
    const { token } = await world.invitation();
    return { path: "/invitations/accept", sent: { body: { token, password: PASSWORD }, token: null } };
  },
  signIn: async (world) => {
    const { email } = await world.person();
    return { path: "/session", sent: { body: { email, password: PASSWORD }, token: null } };
  },
  getSession: async (world) => world.signedIn("/session"),
  endSession: async (world) => world.signedIn("/session", { method: "DELETE" }),
  listSessions: async (world) => world.signedIn("/sessions"),
  deleteSession: async (world) => {
    const { id } = await signIn(world.served, (await world.person()).email);
    return world.signedIn(`/sessions/${id}`, { method: "DELETE" });
  },
  changePassword: async (world) => world.signedIn("/session/password", { body: { password: PASSWORD, newPassword: PASSWORD } }),
  endAccount: async (world) => {
    const { browser } = await world.enrolling();
    return { path: "/account/end", sent: { ...browser, body: { password: PASSWORD } } };
  },
  askPasswordReset: (world) => ({
    path: "/password-resets",
    sent: { body: { email: `nobody${world.next()}@example.com` }, token: null },
  }),
  acceptPasswordReset: async (world) => {
    const { email } = await world.person();
    const { body } = await world.served.call("/v1/password-resets", { body: { email } });
    const token = body.link.split("#")[1];
    return { path: "/password-resets/accept", sent: { body: { token, password: PASSWORD }, token: null } };
  },
  listAccounts: () => ({ path: "/v1/accounts?limit=1", sent: {} }),
  deleteAccount: async (world) => {
    const { body } = await join(world.served, world.one, { email: `leaver${world.next()}@example.com` });
    return { path: `/v1/accounts/${body.id}`, sent: { method: "DELETE" } };
  },
  createPasswordReset: async (world) => ({ path: "/v1/password-resets", sent: { body: await world.person() } }),
  enrolSecondFactor: async (world) => world.signedIn("/session/second-factor", { method: "POST" }),
  confirmSecondFactor: async (world) => {
    const { browser, secret } = await world.enrolling();
    return { path: "/session/second-factor/confirm", sent: { ...browser, body: { code: codeOf(secret) } } };
  },
  endSecondFactor: async (world) => {
    const { browser, secret } = await world.enrolling();
    const confirmed = await world.served.call("/session/second-factor/confirm", { ...browser, body: { code: codeOf(secret) } });
    const [code] = confirmed.body.recoveryCodes;
    return { path: "/session/second-factor/end", sent: { ...browser, body: { password: PASSWORD, code } } };
  },
  beginIssuerSignIn: () => ({ path: "/sign-in/house?return=/docs", sent: { token: null } }),
  endIssuerSignIn: async (world) => {
    const trip = new Trip(world.served);
    const back = (await houseIssuer()).approve(await trip.begin("house"), { sub: `guest${world.next()}` });
    return { path: `/sign-in/house/callback?${back}`, sent: { token: null, headers: { cookie: trip.cookie } } };
  },
  deleteAdministratorToken: async (world) => {
    const made = await world.served.call("/v1/tokens", { body: { ceiling: "read" } });
    return { path: `/v1/tokens/${made.body.id}`, sent: { method: "DELETE" } };
  },
};

export class World {
  readonly served: Served;
  readonly one: Organization;
  #next = 0;
  #person: Promise<Answer> | undefined;
  /** By collection: the number of the last object. */
  readonly #last = new Map<string, number>();

  private constructor(served: Served, one: Organization) {
    this.served = served;
    this.one = one;
  }

  /** An organization with an object of every collection on a running server. */
  static async make(served: Served): Promise<World> {
    const one = await makeOrganization(served, [...BASE, ...GROUND, ...STANDING]);
    const entitled = await served.call(`/v1/orgs/${one.id}/entitlements/api-management`, { method: "PUT" });
    if (entitled.status !== 200) throw new Error(entitled.text);
    await one.writes([put("resource", { path: "/spaces/apim" })]);
    return new World(served, one);
  }

  /** Where the path of a route leads, to what stands from the beginning where it names an object. */
  urlOf(route: Route): string {
    const name = NAMES.find((one) => route.id.startsWith(`${one}.`));
    const segments = name === undefined ? [] : [...segmentsOf(name, 0)];
    return route.path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => {
      if (parameter === "org") return this.one.id;
      return segments.shift() ?? (parameter === "product" ? "desk" : "x");
    });
  }

  async good(id: RouteId): Promise<Good> {
    const [name, verb] = id.split(".");
    return verb === undefined ? OTHERS[id as Other](this) : this.#object(name as CollectionName, verb);
  }

  at(path: string, sent: Sent): Good {
    return { path: `/v1/orgs/${this.one.id}${path}`, sent };
  }
  /** The object of a collection that was made last, by a request that was good. */
  lastOf(id: RouteId): object {
    const name = id.split(".")[0] as CollectionName;
    return objectOf(name, this.#last.get(name) ?? 0);
  }
  next(): number {
    return ++this.#next;
  }
  label(): object {
    return put("label", { id: `custom/made${this.next()}` });
  }
  async changeSet(): Promise<string> {
    return (await this.one.writes([this.label()])).changeSet as string;
  }
  async token(): Promise<string> {
    return (await this.served.call(`/v1/orgs/${this.one.id}/tokens`, { body: { principal: "u0", ceiling: "read" } })).body.id;
  }
  /** A client secret of the project that stands from the beginning; all others are ended. */
  async secret(): Promise<{ readonly id: string; readonly clientId: string; readonly secret: string }> {
    const path = this.at(CREDENTIAL, {}).path;
    const { secrets } = (await this.served.call(path)).body;
    for (const { id } of secrets) await this.served.call(`${path}/secrets/${id}`, { method: "DELETE" });
    return (await this.served.call(`${path}/secrets`, { body: {} })).body;
  }
  /** An API that `u0` owns, with its first version. */
  async asset(): Promise<string> {
    const path = `/spaces/apim/apis/asset${this.next()}`;
    const made = await this.served.call(this.at("/assets", {}).path, { body: { path, owner: "u0" } });
    if (made.status !== 201) throw new Error(made.text);
    return path;
  }
  /** An invitation of an address that has no account. */
  async invitation(): Promise<{ readonly id: string; readonly email: string; readonly token: string }> {
    const { path } = this.at("/invitations", {});
    const made = await this.served.call(path, { body: { email: `guest${this.next()}@example.com` } });
    return { id: made.body.id, email: made.body.email, token: tokenIn(made) };
  }
  /** Somebody who may sign in. */
  async person(): Promise<{ readonly email: string }> {
    this.#person ??= join(this.served, this.one, { email: `member${this.next()}@example.com` });
    return { email: (await this.#person).body.email };
  }
  /** A browser of that person shows its session, and no token. */
  async signedIn(path: string, sent: Sent = {}): Promise<Good> {
    return { path, sent: { ...sent, ...(await this.#browser((await this.person()).email)) } };
  }
  /** Somebody whose second factor waits to be confirmed. */
  async enrolling(): Promise<{ readonly browser: Sent; readonly secret: string }> {
    const email = `careful${this.next()}@example.com`;
    await join(this.served, this.one, { email });
    const browser = await this.#browser(email);
    return { browser, secret: (await this.served.call("/session/second-factor", { ...browser, method: "POST" })).body.secret };
  }
  async #browser(email: string): Promise<Sent> {
    const { cookie, csrf } = await signIn(this.served, email);
    return { headers: { cookie, "reeve-csrf": csrf }, token: null };
  }
  /** Parameters by which the client authenticates, and others. */
  async client(others: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
    const { clientId, secret } = await this.secret();
    return { client_id: clientId, client_secret: secret, ...others };
  }
  /** A client shows its secret, and no token. */
  form(path: string, parameters: Readonly<Record<string, string>>): Good {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { path, sent: { body: new URLSearchParams(parameters).toString(), headers, token: null } };
  }
  document(): Sent {
    return { body: DOCUMENT, headers: { "content-type": "application/yaml" } };
  }
  /** An import that waits to be applied. */
  async planned(): Promise<string> {
    const path = `/v1/orgs/${this.one.id}`;
    let id: string | undefined;
    for (let tries = 0; tries < 500; tries++) {
      // None while too many are being read.
      id ??= (await this.served.call(`${path}/products/clinic${this.next()}/imports`, this.document())).body.id;
      const { state = "running" } = (await this.served.call(`${path}/imports/${id}`)).body;
      if (state === "planned") return id as string;
      if (state !== "running") throw new Error(`the import is ${state}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("the import does not end");
  }

  async #object(name: CollectionName, verb: string): Promise<Good> {
    const standing = `/${[name, ...segmentsOf(name, 0)].join("/")}`;
    if (verb === "list") return this.at(`/${name}?limit=1&sort=-key`, {});
    if (verb === "get") return this.at(standing, {});
    if (verb === "history") return this.at(`${standing}/history?limit=1`, {});
    if (verb === "put") return this.at(standing, { method: "PUT", body: objectOf(name, 0), headers: { "reeve-reason": "why" } });
    const n = (this.#last.get(name) ?? 0) + 1;
    if (n >= NUMBERS.length) throw new Error(`too many ${name} were made`);
    this.#last.set(name, n);
    if (verb === "create") return this.at(`/${name}`, { body: objectOf(name, n) });
    await this.one.writes([putOf(name, n)]);
    return this.at(`/${[name, ...segmentsOf(name, n)].join("/")}`, { method: "DELETE", headers: { "if-match": "*" } });
  }
}
