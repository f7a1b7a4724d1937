/**
 * What a server is wired to: the store, the clock, ids, the log, metrics, the catalogues. Tests put something faulty in their places.
 *
 * Invariant: what is wired here may fail, hang or answer rubbish; that fails a request, never the process, and never turns a deny into
 * an allow.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Logger } from "pino";
import { STORE_MS } from "./app/index.ts";
import type { HttpLimits } from "./http/limits.ts";
import { createMetrics, type Metrics, type Watched } from "./http/metrics.ts";
import { PASSWORD_COST, type PasswordCost } from "./identity/index.ts";
import { type LogSink, logSink } from "./log-sink.ts";
import { type MailSettings, openSmtp, type Post } from "./mail/index.ts";
import type { Store } from "./store/index.ts";
import { openSqliteStore } from "./store/sql/sqlite.ts";

export type Wiring = {
  /** Throws or rejects with `StoreError`. */
  readonly openStore: (options: { readonly directory: string }) => Store;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** For requests and decisions. */
  readonly newId: () => string;
  /** For the one script of a page. */
  readonly newNonce: () => string;
  /** A file of `catalogues/`, as a JSON value. */
  readonly readCatalogue: (name: string) => unknown;
  /** A file of the library that makes the reference page. */
  readonly readReference: (name: string) => string;
  /** Called where mail is configured. */
  readonly openMail: (settings: MailSettings) => Post;
  readonly log: LogSink;
  readonly createMetrics: (watched: Watched) => Metrics;
  /** Instead of those of the contract. */
  readonly limits: Partial<HttpLimits>;
  /** How long an answer of the store is waited for. */
  readonly storeMs: number;
  /** How often the certificate's files are looked at. */
  readonly certificateMs: number;
  /** What a password's hash takes. */
  readonly passwordCost: PasswordCost;
};

const stdout: { sink?: LogSink } = {};

export const WIRING: Wiring = {
  openStore: openSqliteStore,
  clock: Date.now,
  newId: randomUUID,
  newNonce: () => randomBytes(16).toString("base64"),
  readCatalogue: (name) => JSON.parse(readFileSync(new URL(`../../../catalogues/${name}`, import.meta.url), "utf8")),
  readReference: (name) => readFileSync(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`), "utf8"),
  openMail: openSmtp,
  log: {
    write(line) {
      stdout.sink ??= logSink(1);
      stdout.sink.write(line);
    },
  },
  createMetrics,
  limits: {},
  storeMs: STORE_MS,
  certificateMs: 5_000,
  passwordCost: PASSWORD_COST,
};

/** A log whose failure is nobody's. */
export function steadyLog(log: LogSink): LogSink {
  return {
    write(line) {
      try {
        log.write(line);
      } catch {
        // There is nowhere to tell it.
      }
    },
  };
}

/** A clock that tells a time or throws: at a time that is none, no window of validity would be over. */
export function steadyClock(clock: () => number): () => number {
  return () => {
    const now = clock();
    if (!Number.isSafeInteger(now) || now < 0) throw new Error("the clock does not tell the time");
    return now;
  };
}

const ID = /^[\x21-\x7e]{1,256}$/;

/** Ids, whatever becomes of what makes them: for want of one no request should go unanswered. Where it fails they are counted. */
export function steadyIds(newId: () => string, logger: Logger): () => string {
  let failed = 0;
  return () => {
    try {
      const id = newId();
      if (typeof id === "string" && ID.test(id)) return id;
      logger.error("an id is none");
    } catch (err) {
      logger.error({ err }, "making an id failed");
    }
    failed += 1;
    return `${process.pid}-${failed}`;
  };
}

/** Metrics whose failure takes neither the answer that they count nor the process with it. */
export function steadyMetrics(metrics: Metrics, logger: Logger): Metrics {
  const steady =
    <Facts extends readonly unknown[]>(note: (...facts: Facts) => void) =>
    (...facts: Facts): void => {
      try {
        note(...facts);
      } catch (err) {
        logger.error({ err }, "a metric failed");
      }
    };
  return {
    decided: steady((allow, code) => metrics.decided(allow, code)),
    observe: steady((route, status, elapsedMs) => metrics.observe(route, status, elapsedMs)),
    closed: steady((why) => metrics.closed(why)),
    stored: steady((operation, elapsedMs, ok) => metrics.stored(operation, elapsedMs, ok)),
    committed: steady((writes) => metrics.committed(writes)),
    text: (detailed) => metrics.text(detailed),
    contentType: metrics.contentType,
  };
}
