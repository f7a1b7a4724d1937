/**
 * The composition root: the only file that sees every room. Opens the store, follows it, serves it, and lets go of it in order.
 *
 * Invariant: a server that answers has its store open and locked, its administrator's token made, and its catalogues read.
 */
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { setTimeout as rest } from "node:timers/promises";
import type { Logger } from "pino";
import { type Catalogues, type Changes, createChanges, DEMO_ORGANIZATION, readCatalogues, strictStore, timedStore } from "./app/index.ts";
import type { Following } from "./certificate.ts";
import type { Config } from "./config.ts";
import { createFeed, type Feed } from "./feed/index.ts";
import { createLogger } from "./http/log.ts";
import { type Loaded, type Metrics, NO_METRICS, type Watched } from "./http/metrics.ts";
import { createHttpServer } from "./http/server.ts";
import { type AdministratorToken, ensureAdministrator, withdrawAdministrator } from "./identity/index.ts";
import { boundsOf, following, listened } from "./listening.ts";
import type { Store } from "./store/index.ts";
import { startRetention } from "./store/retention.ts";
import { surfacesOf } from "./surfaces.ts";
import { steadyClock, steadyIds, steadyLog, steadyMetrics, WIRING, type Wiring } from "./wiring.ts";

export { VERSION } from "./version.ts";
/** How long a server that was told to stop goes on answering what has begun; then it lets go. */
export const DRAIN_MS = 10_000;

export type Running = {
  readonly url: string;
  readonly administrator: Extract<AdministratorToken, { readonly ok: true }>;
  /** Whether the demo organization is there: made by this start or an earlier one. */
  readonly hasDemo: boolean;
  /** Gives notice as configured, answers what has begun, at most 10 s, then closes the store. */
  close(): Promise<void>;
};
export type StartFault = { readonly code: "bootstrap_token_differs" | "catalogue_faulty" | "demo_refused"; readonly detail: string };

/**
 * Starts a server. Rejects with `StoreError` or the error of listening; what the operator configured wrongly is a value.
 * `wiring`: for tests; what is not given is the machine's own.
 */
export async function startServer(
  config: Config,
  wiring: Partial<Wiring> = {},
): Promise<{ readonly ok: true; readonly value: Running } | { readonly ok: false; readonly error: StartFault }> {
  const wired: Wiring = { ...WIRING, ...wiring };
  const clock = steadyClock(wired.clock);
  const file = wired.readCatalogue;
  const catalogues = readCatalogues({
    products: [
      { product: file("cloud-manager/product.json") },
      { product: file("api-management/product.json") },
      { product: file("experience-platform/product.json"), organization: file("experience-platform/organization.json") },
    ],
    wire: file("experience-platform/wire.json"),
    own: file("reeve/product.json"),
    demo: file("demo/organization.json"),
  });
  if (!catalogues.ok) return { ok: false, error: { code: "catalogue_faulty", detail: JSON.stringify(catalogues.error) } };
  const isNew = !existsSync(config.dataDirectory);
  const logger = createLogger(config.logLevel, steadyLog(wired.log));
  const store = strictStore(wired.openStore({ directory: config.dataDirectory }), {
    waitMs: wired.storeMs,
    onFailure: (err) => logger.error({ err }, "the store failed"),
  });
  try {
    const administrator = await ensureAdministrator(store, config.bootstrapToken, clock());
    if (!administrator.ok) {
      await store.close();
      const detail =
        "REEVE_BOOTSTRAP_TOKEN differs from the administrator's token of this data directory: unset it; is the token lost, `reeve token reset` makes a new one";
      return { ok: false, error: { code: administrator.error.code, detail } };
    }
    const wantsDemo = config.demo === "on" || (config.demo === "auto" && config.isDefaultDirectory && isNew);
    const parts = { config, store, logger, catalogues: catalogues.value, clock, wired };
    const serving = await serve(parts, wantsDemo).catch(async (error: unknown) => {
      await forget(store, administrator);
      throw error;
    });
    if (!serving.ok) {
      await forget(store, administrator);
      await store.close();
      return serving;
    }
    return { ok: true, value: { ...serving.value, administrator } };
  } catch (error) {
    // Why it could not start counts, not whether that could be put in order.
    await store.close().catch(() => undefined);
    throw error;
  }
}

/** A start that fails tells nobody the token that it made: a later one must make another, or nobody gets in. */
async function forget(store: Store, administrator: AdministratorToken): Promise<void> {
  if (administrator.ok && administrator.how === "made") await withdrawAdministrator(store, administrator.secret);
}

type Parts = {
  readonly config: Config;
  readonly store: Store;
  readonly logger: Logger;
  readonly catalogues: Catalogues;
  readonly clock: () => number;
  readonly wired: Wiring;
};
type Serving = Pick<Running, "url" | "hasDemo" | "close">;

async function serve(
  parts: Parts,
  wantsDemo: boolean,
): Promise<{ readonly ok: true; readonly value: Serving } | { readonly ok: false; readonly error: StartFault }> {
  const { config, logger, catalogues, clock, wired } = parts;
  let certificate: Following | undefined;
  const { metrics, store } = measured(parts, { loaded: () => plansOf(feed), certificate: () => certificate?.served() });
  const { feed, changes } = await followed(parts, store);
  const demo = wantsDemo ? await catalogues.createDemo(changes) : undefined;
  if (demo?.ok === false && demo.error.code !== "organization_exists")
    return { ok: false, error: { code: "demo_refused", detail: JSON.stringify(demo.error) } };
  const hasDemo = (await store.heads([DEMO_ORGANIZATION])).has(DEMO_ORGANIZATION);
  let stopping: "no" | "soon" | "now" = "no";
  const newId = steadyIds(wired.newId, logger);
  let listensAt = "";
  const origin = (): string => config.publicUrl ?? listensAt;
  const bounds = boundsOf(config, clock);
  const ground = { config, store, feed, clock, changes, catalogues, wired, metrics, newId, origin, logger, rates: bounds.rates };
  const { imports, ...surfaces } = await surfacesOf(ground);
  const server = createHttpServer({
    ...surfaces,
    logger,
    metrics,
    clock,
    newId,
    readReference: wired.readReference,
    isDraining: () => stopping === "now",
    readiness: async () => (stopping === "no" ? readinessOf(store) : "draining"),
    limits: wired.limits,
    ...bounds,
  });
  const url = await listened(server, config);
  listensAt = url;
  certificate = following(server.server, { tls: config.tls, everyMs: wired.certificateMs, clock, logger });
  const retention = startRetention(store, { clock, onError: (error) => logger.error({ err: error }, "forgetting old change sets failed") });
  return {
    ok: true,
    value: {
      url,
      hasDemo,
      async close() {
        stopping = "soon";
        if (config.drainNoticeMs > 0) await rest(config.drainNoticeMs);
        stopping = "now";
        await retention.stop();
        await imports.close();
        await drain(server, feed, store);
      },
    },
  };
}

/** Plans that follow the store, what writes to it, and Reeve's own administration as this version has it. */
async function followed({ logger, catalogues, clock }: Parts, store: Store): Promise<{ readonly feed: Feed; readonly changes: Changes }> {
  const feed = createFeed(store, {
    seed: randomInt(2 ** 31),
    onError: (organization, error) => logger.error({ organization, err: error }, "following the store failed"),
  });
  const changes = createChanges(store, feed, { clock, own: catalogues.own, shipped: catalogues.products });
  for (const { organization, error } of await catalogues.renewOwn(store, changes))
    logger.error(
      { organization, error },
      "Reeve's own administration could not be renewed: product administrators and developers may less than they should",
    );
  return { feed, changes };
}

/** Why the server should be asked nothing for now. Questions would still be answered, but nothing of what they rest on could be changed. */
async function readinessOf(store: Store): Promise<string | undefined> {
  try {
    await store.heads([]);
    // For as long as a disk is full, writes are refused one by one: the next one may be taken.
    return store.health().writes === "stopped" ? WRITES_STOPPED : undefined;
  } catch {
    return "the store does not answer";
  }
}

const WRITES_STOPPED = "the store takes no writes, because one broke on the disk: mend what the log tells of, then start the server again";

/** The store, and what counts what it does; where metrics are off nothing stands in between. */
function measured(
  { config, store, logger, wired }: Parts,
  watched: Pick<Watched, "loaded" | "certificate">,
): { readonly metrics: Metrics; readonly store: Store } {
  if (!config.hasMetrics) return { metrics: NO_METRICS, store };
  const takesWrites = (): boolean => store.health().writes === "taken";
  const made = wired.createMetrics({ ...watched, waitingWrites: () => timed.waiting(), takesWrites });
  const metrics = steadyMetrics(made, logger);
  const timed = timedStore(store, metrics);
  return { metrics, store: timed.store };
}

function plansOf(feed: Feed): readonly Loaded[] {
  return feed.loaded().flatMap((organization) => {
    const plan = feed.current(organization);
    return plan === undefined ? [] : [{ organization, revision: plan.at.revision, bytes: plan.state().bytes }];
  });
}

async function drain(
  server: { close(): Promise<unknown>; server: { closeAllConnections(): void } },
  feed: Feed,
  store: Store,
): Promise<void> {
  const late = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS - 1_000);
  await server.close();
  clearTimeout(late);
  feed.close();
  await store.close();
}
