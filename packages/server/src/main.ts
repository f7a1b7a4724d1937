/**
 * The composition root: the only file that sees every room. Opens the store, follows it, serves it, and lets go of it in order.
 *
 * Invariant: a server that answers has its store open and locked, its administrator's token made, and its catalogues read.
 */
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as rest } from "node:timers/promises";
import { openApiDocument } from "@reeve/contract";
import type { Logger } from "pino";
import {
  type Catalogues,
  createChanges,
  createQuestions,
  createTables,
  DEMO_ORGANIZATION,
  readCatalogues,
  timedStore,
} from "./app/index.ts";
import type { Config } from "./config.ts";
import { createFeed, type Feed } from "./feed/index.ts";
import { createLogger } from "./http/log.ts";
import { createMetrics, type Loaded, type Metrics, NO_METRICS } from "./http/metrics.ts";
import { administrationHandlers } from "./http/native/administration.ts";
import { questionAnswers, questionHandlers } from "./http/native/questions.ts";
import { tableHandlers } from "./http/native/tables.ts";
import { createHttpServer } from "./http/server.ts";
import { type AdministratorToken, authenticator, cachedTokens, ensureAdministrator, withdrawAdministrator } from "./identity/index.ts";
import type { Store } from "./store/index.ts";
import { startRetention } from "./store/retention.ts";
import { openSqliteStore } from "./store/sql/sqlite.ts";

export const VERSION = "0.1.0";
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

/** Starts a server. Rejects with `StoreError` or the error of listening; what the operator configured wrongly is a value. */
export async function startServer(
  config: Config,
): Promise<{ readonly ok: true; readonly value: Running } | { readonly ok: false; readonly error: StartFault }> {
  const clock = Date.now;
  const catalogues = readCatalogues({
    products: [file("cloud-manager/product.json"), file("api-management/product.json")],
    demo: file("demo/organization.json"),
  });
  if (!catalogues.ok) return { ok: false, error: { code: "catalogue_faulty", detail: JSON.stringify(catalogues.error) } };
  const isNew = !existsSync(config.dataDirectory);
  const logger = createLogger(config.logLevel);
  const store = openSqliteStore({ directory: config.dataDirectory });
  try {
    const administrator = await ensureAdministrator(store, config.bootstrapToken, clock());
    if (!administrator.ok) {
      await store.close();
      const detail =
        "REEVE_BOOTSTRAP_TOKEN differs from the administrator's token of this data directory: unset it; is the token lost, `reeve token reset` makes a new one";
      return { ok: false, error: { code: administrator.error.code, detail } };
    }
    const wantsDemo = config.demo === "on" || (config.demo === "auto" && config.isDefaultDirectory && isNew);
    const serving = await serve({ config, store, logger, catalogues: catalogues.value, clock }, wantsDemo).catch(async (error: unknown) => {
      await forget(store, administrator);
      throw error;
    });
    if (!serving.ok) {
      await forget(store, administrator);
      await store.close();
      return serving;
    }
    const heads = await store.heads([DEMO_ORGANIZATION]);
    return { ok: true, value: { ...serving.value, administrator, hasDemo: heads.has(DEMO_ORGANIZATION) } };
  } catch (error) {
    await store.close();
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
};

async function serve(
  parts: Parts,
  wantsDemo: boolean,
): Promise<{ readonly ok: true; readonly value: Pick<Running, "url" | "close"> } | { readonly ok: false; readonly error: StartFault }> {
  const { config, logger, catalogues, clock } = parts;
  const { metrics, store } = measured(parts, () => plansOf(feed));
  const feed = createFeed(store, {
    seed: randomInt(2 ** 31),
    onError: (organization, error) => logger.error({ organization, err: error }, "following the store failed"),
  });
  const changes = createChanges(store, feed);
  if (wantsDemo) {
    const made = await catalogues.createDemo(changes);
    if (!made.ok && made.error.code !== "organization_exists")
      return { ok: false, error: { code: "demo_refused", detail: JSON.stringify(made.error) } };
  }
  let stopping: "no" | "soon" | "now" = "no";
  const answers = questionAnswers({ questions: createQuestions(feed, clock), metrics, newId: randomUUID });
  const server = createHttpServer({
    answers,
    handlers: {
      ...questionHandlers(answers),
      ...administrationHandlers(changes),
      ...tableHandlers({
        tables: createTables(feed, catalogues),
        isPublic: config.isCataloguePublic,
        newNonce: () => randomBytes(16).toString("base64"),
      }),
    },
    authenticate: authenticator(cachedTokens(store)),
    logger,
    metrics,
    clock,
    newId: randomUUID,
    openApi: openApiDocument(VERSION),
    origins: config.corsOrigins,
    connections: { max: config.connectionsMax, perAddressMax: config.connectionsPerAddressMax },
    isDraining: () => stopping === "now",
    readiness: async () => {
      if (stopping !== "no") return "draining";
      return store.heads([]).then(
        () => undefined,
        () => "the store does not answer",
      );
    },
  });
  const url = await server.listen({ host: config.host, port: config.port });
  const retention = startRetention(store, { clock, onError: (error) => logger.error({ err: error }, "forgetting old change sets failed") });
  return {
    ok: true,
    value: {
      url,
      async close() {
        stopping = "soon";
        if (config.drainNoticeMs > 0) await rest(config.drainNoticeMs);
        stopping = "now";
        await retention.stop();
        await drain(server, feed, store);
      },
    },
  };
}

/** The store, and what counts what it does; where metrics are off nothing stands in between. */
function measured({ config, store }: Parts, loaded: () => readonly Loaded[]): { readonly metrics: Metrics; readonly store: Store } {
  if (!config.hasMetrics) return { metrics: NO_METRICS, store };
  const takesWrites = (): boolean => store.health().writes === "taken";
  const metrics = createMetrics({ loaded, waitingWrites: () => timed.waiting(), takesWrites });
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

function file(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../catalogues/${name}`, import.meta.url), "utf8"));
}
