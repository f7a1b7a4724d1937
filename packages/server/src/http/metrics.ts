/**
 * Metrics in Prometheus' text form: decisions by answer and reason, requests by route, status and time, plans and memory.
 *
 * Invariant: label values come from our own tables, never from a request.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type Metrics = {
  decided(allow: boolean, code: string): void;
  observe(route: string, status: number, elapsedMs: number): void;
  text(): Promise<string>;
  readonly contentType: string;
};

export function createMetrics(loaded: () => readonly { readonly revision: number }[]): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "reeve_" });
  const registers = [registry];
  const decisions = new Counter({
    name: "reeve_decisions_total",
    help: "Decisions by answer and reason.",
    labelNames: ["decision", "code"],
    registers,
  });
  const requests = new Histogram({
    name: "reeve_http_request_seconds",
    help: "Time to answer a request, by route and status.",
    labelNames: ["route", "status"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  new Gauge({
    name: "reeve_organizations_loaded",
    help: "Organizations whose plan is in memory.",
    registers,
    collect() {
      this.set(loaded().length);
    },
  });
  return {
    decided: (allow, code) => decisions.inc({ decision: allow ? "allow" : "deny", code }),
    observe: (route, status, elapsedMs) => requests.observe({ route, status }, elapsedMs / 1_000),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
