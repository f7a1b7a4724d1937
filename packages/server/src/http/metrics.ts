/**
 * Metrics in Prometheus' text form: decisions by answer and reason, requests by route, status and time, connections, plans, store, memory.
 *
 * Everybody may read the figures of the whole server; those of single organizations are told to the administrator only, because their
 * names are nobody else's business.
 * Invariant: label values come from our own tables, or are ids of organizations that are there, of which at most 100 are told.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { DecisionTally, RequestTimes } from "./tally.ts";

export type Loaded = { readonly organization: string; readonly revision: number; readonly bytes: number };
/** What is looked at when somebody asks. */
export type Watched = {
  /** Organizations whose plan is in memory. */
  readonly loaded: () => readonly Loaded[];
  /** Writes that wait for their commit. */
  readonly waitingWrites?: () => number;
  /** Whether the store takes writes. */
  readonly takesWrites?: () => boolean;
  /** The certificate that is served, if one is: its end, and whether its files can be taken as they are. */
  readonly certificate?: () => { readonly expiresMs: number; readonly isTaken: boolean } | undefined;
};
export type Metrics = {
  decided(allow: boolean, code: string): void;
  observe(route: string, status: number, elapsedMs: number): void;
  /** A connection that the server closed, or did not let in. */
  closed(why: string): void;
  /** An operation of the store that ended. */
  stored(operation: string, elapsedMs: number, ok: boolean): void;
  /** Writes that one commit made durable. */
  committed(writes: number): void;
  /** `detailed`: of single organizations too. */
  text(detailed: boolean): Promise<string>;
  readonly contentType: string;
};

const ORGANIZATIONS_MAX = 100;
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const GROUPS = [1, 2, 4, 8, 16, 32, 64];

export function createMetrics(watched: Watched): Metrics {
  const registry = new Registry();
  const detail = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "reeve_" });
  watch(registry, watched);
  watchCertificate(registry, watched);
  watchOrganizations(detail, watched);
  const registers = [registry];
  const decisions = new DecisionTally();
  new Counter({
    name: "reeve_decisions_total",
    help: "Decisions by answer and reason.",
    labelNames: ["decision", "code"],
    registers,
    collect() {
      decisions.tell(this);
    },
  });
  const requests = new RequestTimes("reeve_http_request_seconds", "Time to answer a request, by route and status.", SECONDS);
  registry.registerMetric(requests.asMetric());
  const closed = new Counter({
    name: "reeve_http_connections_closed_total",
    help: "Connections refused or closed by the server, by reason.",
    labelNames: ["why"],
    registers,
  });
  const operations = new Histogram({
    name: "reeve_store_seconds",
    help: "Time of an operation of the store; a write's until it is durable.",
    labelNames: ["operation", "ok"],
    buckets: SECONDS,
    registers,
  });
  const groups = new Histogram({
    name: "reeve_store_commit_writes",
    help: "Writes that one commit made durable.",
    buckets: GROUPS,
    registers,
  });
  return {
    decided: (allow, code) => decisions.note(allow, code),
    observe: (route, status, elapsedMs) => requests.note(route, status, elapsedMs / 1_000),
    closed: (why) => closed.inc({ why }),
    stored: (operation, elapsedMs, ok) => operations.observe({ operation, ok: String(ok) }, elapsedMs / 1_000),
    committed: (writes) => groups.observe(writes),
    text: async (detailed) => (detailed ? (await registry.metrics()) + (await detail.metrics()) : registry.metrics()),
    contentType: registry.contentType,
  };
}

/** For a server whose metrics are off: nothing is counted. */
export const NO_METRICS: Metrics = {
  decided: () => undefined,
  observe: () => undefined,
  closed: () => undefined,
  stored: () => undefined,
  committed: () => undefined,
  text: async () => "",
  contentType: "text/plain",
};

function watch(registry: Registry, { loaded, waitingWrites, takesWrites }: Watched): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `reeve_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge("organizations_loaded", "Organizations whose plan is in memory.", () => loaded().length);
  gauge("plans_bytes", "Memory of all plans, without what the JavaScript heap holds of them.", () =>
    loaded().reduce((sum, { bytes }) => sum + bytes, 0),
  );
  gauge("revisions", "Revisions of all organizations whose plan is in memory, added up.", () =>
    loaded().reduce((sum, { revision }) => sum + revision, 0),
  );
  if (waitingWrites !== undefined) gauge("store_writes_waiting", "Writes that wait for their commit.", waitingWrites);
  if (takesWrites !== undefined)
    gauge("store_takes_writes", "1: the store takes writes; 0: not for now, or not before a new start.", () => Number(takesWrites()));
}

/** Nothing is told where no certificate is served. */
function watchCertificate(registry: Registry, { certificate }: Watched): void {
  const gauge = (name: string, help: string, read: (served: NonNullable<ReturnType<NonNullable<typeof certificate>>>) => number): void => {
    new Gauge({
      name: `reeve_tls_certificate_${name}`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        const served = certificate?.();
        if (served === undefined) this.remove();
        else this.set(read(served));
      },
    });
  };
  gauge("expires_seconds", "When the certificate that is served expires, in seconds since 1970.", ({ expiresMs }) => expiresMs / 1_000);
  gauge("taken", "1: the certificate's files hold what is served; 0: what they hold cannot be taken.", ({ isTaken }) => Number(isTaken));
}

function watchOrganizations(registry: Registry, { loaded }: Watched): void {
  const gauge = (name: string, help: string, read: (one: Loaded) => number): void => {
    new Gauge({
      name: `reeve_${name}`,
      help,
      labelNames: ["organization"],
      registers: [registry],
      collect() {
        this.reset();
        for (const one of loaded().slice(0, ORGANIZATIONS_MAX)) this.set({ organization: one.organization }, read(one));
      },
    });
  };
  gauge(
    "organization_revision",
    `Revision of an organization's plan; the first ${ORGANIZATIONS_MAX} that were loaded.`,
    ({ revision }) => revision,
  );
  gauge(
    "organization_plan_bytes",
    `Memory of an organization's plan; the first ${ORGANIZATIONS_MAX} that were loaded.`,
    ({ bytes }) => bytes,
  );
}
