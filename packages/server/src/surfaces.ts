/**
 * What is served: the use cases, who may ask them, and the surfaces that map to them, put together over one store and its feed.
 *
 * Invariant: all surfaces have the same caller, guard and use cases; whoever writes items writes them through one cache.
 */
import { aepOpenApi, aepPostman, openApiDocument } from "@reeve/contract";
import type { Logger } from "pino";
import { uuidv7 } from "uuidv7";
import {
  activePrincipals,
  type Catalogues,
  type Changes,
  type Cursors,
  createAssets,
  createAudit,
  createChangeSets,
  createCredentials,
  createCursors,
  createDeveloperProjects,
  createEntitlements,
  createGuard,
  createImports,
  createInvitations,
  createIssuedPeople,
  createObjects,
  createOffices,
  createOrganizations,
  createPreview,
  createQuestions,
  createReports,
  createTables,
  createTokens,
  type Imports,
  type Invitations,
  type TokenUse,
} from "./app/index.ts";
import type { Config } from "./config.ts";
import type { Feed } from "./feed/index.ts";
import { accountHandlers } from "./http/accounts/handlers.ts";
import { wireOf } from "./http/aep/names.ts";
import { siteOf } from "./http/browser.ts";
import { type ImsOptions, imsHandlers } from "./http/ims/tokens.ts";
import { logEvent } from "./http/log.ts";
import type { Metrics } from "./http/metrics.ts";
import { accountAdministration } from "./http/native/accounts.ts";
import { administrationHandlers } from "./http/native/administration.ts";
import { permissionHandlers } from "./http/native/asset-permissions.ts";
import { assetHandlers } from "./http/native/assets.ts";
import { auditHandlers } from "./http/native/audit.ts";
import { consoleHandlers } from "./http/native/console.ts";
import { credentialHandlers } from "./http/native/credentials.ts";
import { entitlementHandlers } from "./http/native/entitlements.ts";
import { historyHandlers } from "./http/native/history.ts";
import { importHandlers } from "./http/native/imports.ts";
import { invitationHandlers } from "./http/native/invitations.ts";
import { listingHandlers } from "./http/native/listing.ts";
import { objectHandlers } from "./http/native/objects.ts";
import { organizationHandlers } from "./http/native/organizations.ts";
import { questionAnswers, questionHandlers } from "./http/native/questions.ts";
import { reportHandlers } from "./http/native/reports.ts";
import { roleHandlers } from "./http/native/roles.ts";
import { tableHandlers } from "./http/native/tables.ts";
import { tokenHandlers } from "./http/native/tokens.ts";
import type { Rates } from "./http/rates.ts";
import type { HttpOptions } from "./http/server.ts";
import {
  type ActivePrincipals,
  accessTokens,
  authenticator,
  cachedItems,
  cachedTokens,
  createAccounts,
  createAttempts,
  createClients,
  createFederation,
  createPasswordChanges,
  createPasswords,
  createResetMails,
  createSecondFactors,
  createSessions,
  createSignIn,
  type KeptItems,
  sessionAuthenticator,
  signingKeys,
} from "./identity/index.ts";
import { mailedLinks } from "./mail/index.ts";
import type { Store } from "./store/index.ts";
import { VERSION } from "./version.ts";
import type { Wiring } from "./wiring.ts";

export type Ground = {
  readonly config: Config;
  readonly store: Store;
  readonly feed: Feed;
  readonly clock: () => number;
  readonly changes: Changes;
  readonly catalogues: Catalogues;
  readonly wired: Wiring;
  readonly metrics: Metrics;
  readonly newId: () => string;
  /** Under which address people and clients reach the server, once it listens. */
  readonly origin: () => string;
  readonly rates: Rates;
  readonly logger: Logger;
};
type Surfaces = Pick<
  HttpOptions,
  "answers" | "aep" | "publicApi" | "handlers" | "authenticate" | "guard" | "site" | "sessions" | "issuers" | "offices" | "openApi"
> & {
  readonly imports: Imports;
};

export async function surfacesOf(ground: Ground): Promise<Surfaces> {
  const { config, store, feed, clock, changes, catalogues, wired, metrics, newId, logger, origin, rates } = ground;
  const tokens = cachedTokens(store);
  const principals = activePrincipals(feed, { ofSuspended: true });
  const oauth = oauthOf({ config, store, feed, clock, principals, logger, issuer: origin });
  const people = peopleOf(ground, { items: oauth.items, principals });
  const site = siteOf({ ...config, isTls: config.tls !== undefined });
  const federation = await federationOf(ground, { items: oauth.items, principals });
  const verify = federation.verify(oauth.accessTokens.verify);
  const identified = {
    authenticate: sessionAuthenticator(authenticator(tokens, principals, verify), people.sessions),
    guard: createGuard(feed, clock),
  };
  const cases = { ...useCases(ground), tokens: createTokens(tokens, feed, clock) };
  const credentials = createCredentials({ feed, clock, clients: oauth.clients });
  const console = { credentials, projects: createDeveloperProjects({ ...cases, feed, clock, credentials, newId: uuidv7 }) };
  const invitations = createInvitations({ ...people, feed, changes, origin, clock });
  const answers = questionAnswers({ questions: cases.questions, metrics, newId });
  const cursors = createCursors(await store.secret("cursors"));
  return {
    ...identified,
    answers,
    aep: { ...cases, ...identified, clock, newId: uuidv7, wire: wireOf(catalogues.wire), documents: AEP_DOCUMENTS },
    publicApi: { ...cases, ...identified, ...people, invitations, clients: oauth.clients, clock },
    handlers: {
      ...questionHandlers(answers),
      ...nativeHandlers({ ...cases, cursors, invitations }),
      ...accountAdministration({ ...people, cursors }),
      ...consoleHandlers({ ...console, cursors }),
      ...credentialHandlers(console),
      ...imsHandlers({ ...oauth, rates }),
      ...accountHandlers({ ...people, site, issuers: federation.signIn }),
      ...tableHandlers({ tables: cases.tables, isPublic: config.isCataloguePublic, newNonce: wired.newNonce }),
    },
    site,
    sessions: people.sessions,
    issuers: config.issuers.flatMap(({ name, title = name, signIn }) => (signIn === undefined ? [] : [{ name, title }])),
    offices: cases.offices,
    openApi: openApiDocument(VERSION),
    imports: cases.imports,
  };
}

const AEP_DOCUMENTS = { "openapi.json": aepOpenApi(VERSION), "postman.json": aepPostman() };

type PeopleGround = Pick<OAuthGround, "principals"> & { readonly items: KeptItems };

/** Accounts, their passwords, how they sign in, the sessions that come of it, and what sends them mail. */
function peopleOf({ config, clock, origin, wired, logger }: Ground, { items, principals }: PeopleGround) {
  const passwords = createPasswords({ cost: wired.passwordCost });
  const accounts = createAccounts({ items, passwords, clock });
  const changes = createPasswordChanges({ items, passwords, clock });
  const attempts = createAttempts({ clock });
  const factors = createSecondFactors({ items, clock });
  const sendLink = config.mail && mailedLinks(wired.openMail(config.mail), logger);
  const onFailure = (err: unknown): void => logger.error({ err }, "a link to reset a password was not sent");
  return {
    accounts,
    factors,
    sendLink,
    sessions: createSessions({ items, accounts, principals, clock }),
    resets: createResetMails({ attempts, changes, origin, sendLink, onFailure }),
    signIn: createSignIn({ accounts, attempts, changes, factors }),
  };
}

type Federating = { readonly items: KeptItems; readonly principals: ActivePrincipals };

/** The issuers that are trusted: how people sign in by them, and what verifies their access tokens. */
async function federationOf({ config, store, logger, clock, origin, feed, changes }: Ground, { items, principals }: Federating) {
  const note = (noted: object): void => logger.warn(noted, "a trusted issuer");
  const { identities, signIn, verify } = createFederation({ issuers: config.issuers, items, principals, clock, note });
  const admit = createIssuedPeople({ feed, changes, identities, note });
  return { verify, signIn: signIn({ secret: await store.secret("sign-in"), origin, admit }) };
}

type OAuthGround = {
  readonly config: Config;
  readonly store: Store;
  readonly feed: Feed;
  readonly clock: () => number;
  readonly principals: ActivePrincipals;
  readonly logger: Logger;
  readonly issuer: () => string;
};

/** Clients, the keys that sign their access tokens, and the tokens. Everybody who writes items writes them through `items`. */
function oauthOf({
  config,
  store,
  feed,
  clock,
  principals,
  logger,
  issuer,
}: OAuthGround): Omit<ImsOptions, "rates"> & { readonly items: KeptItems } {
  const items = cachedItems(store);
  const keys = signingKeys({ items, clock, onMade: (id) => logEvent(logger, "signing-key.create", { id }) });
  return {
    items,
    keys,
    issuer,
    // An organization that is suspended gets no access tokens, and those that it has are none of its clients' to ask about.
    clients: createClients({ items, clock, principals: activePrincipals(feed, { ofSuspended: false }) }),
    accessTokens: accessTokens({ keys, items, clock, principals, issuer, audience: config.tokenAudience }),
  };
}

/** What surfaces can ask for. */
function useCases({ store, feed, clock, changes, catalogues, newId }: Ground) {
  const objects = createObjects(store);
  return {
    changes,
    questions: createQuestions(feed, clock),
    objects,
    assets: createAssets({ feed, changes, objects, clock, newId: uuidv7 }),
    reports: createReports({ objects, clock }),
    organizations: createOrganizations(store, feed),
    changeSets: createChangeSets(store, changes),
    audit: createAudit(store),
    preview: createPreview({ feed, clock, shipped: catalogues.products }),
    entitlements: createEntitlements({ feed, changes, catalogues }),
    tables: createTables(feed, catalogues),
    imports: createImports({ feed, changes, clock, newId }),
    offices: createOffices(feed, clock),
  };
}

type Native = ReturnType<typeof useCases> & {
  readonly tokens: TokenUse;
  readonly cursors: Cursors;
  readonly invitations: Invitations;
};

/** What answers the native surface, but for the hot routes and the tables. */
function nativeHandlers(cases: Native) {
  return {
    ...administrationHandlers(cases),
    ...organizationHandlers(cases),
    ...objectHandlers({ ...cases, newId: uuidv7 }),
    ...roleHandlers({ ...cases, newId: uuidv7 }),
    ...listingHandlers(cases),
    ...reportHandlers(cases),
    ...historyHandlers(cases),
    ...auditHandlers(cases),
    ...importHandlers(cases),
    ...entitlementHandlers(cases),
    ...assetHandlers(cases),
    ...permissionHandlers(cases),
    ...tokenHandlers(cases),
    ...invitationHandlers(cases),
  };
}
