/**
 * Tallies: counters and times that are noted at every request, cheaply, and put into Prometheus' shape when somebody asks.
 *
 * The library finds a labelled value by making a text of its labels each time, which costs as much as a decision.
 * Invariant: what is told is what was noted; keys come from our own tables, so that there are few.
 */
import type { Counter, Metric, MetricValueWithName } from "prom-client";

/** Decisions by answer and reason. */
export class DecisionTally {
  readonly #allows = new Map<string, { count: number }>();
  readonly #denies = new Map<string, { count: number }>();

  note(allow: boolean, code: string): void {
    const counts = allow ? this.#allows : this.#denies;
    const noted = counts.get(code);
    if (noted === undefined) counts.set(code, { count: 1 });
    else noted.count++;
  }
  /** Writes what was noted so far into a counter with the labels `decision` and `code`. */
  tell(counter: Counter<"decision" | "code">): void {
    counter.reset();
    for (const [code, { count }] of this.#allows) counter.inc({ decision: "allow", code }, count);
    for (const [code, { count }] of this.#denies) counter.inc({ decision: "deny", code }, count);
  }
}

type Times = { readonly route: string; readonly status: number; readonly buckets: Float64Array; sum: number; count: number };

/** A histogram of seconds by route and status. */
export class RequestTimes {
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #byRoute = new Map<string, Map<number, Times>>();

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
  }

  note(route: string, status: number, seconds: number): void {
    const times = this.#byRoute.get(route)?.get(status) ?? this.#begin(route, status);
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > (this.#bounds[bucket] as number)) bucket++;
    times.buckets[bucket] = (times.buckets[bucket] as number) + 1;
    times.sum += seconds;
    times.count++;
  }

  #begin(route: string, status: number): Times {
    const times: Times = { route, status, buckets: new Float64Array(this.#bounds.length + 1), sum: 0, count: 0 };
    const statuses = this.#byRoute.get(route);
    if (statuses === undefined) this.#byRoute.set(route, new Map([[status, times]]));
    else statuses.set(status, times);
    return times;
  }

  /** As the registry reads a metric. */
  async get(): Promise<object> {
    const values = [...this.#byRoute.values()].flatMap((statuses) => [...statuses.values()].flatMap((times) => this.#values(times)));
    return { name: this.name, help: this.help, type: "histogram", aggregator: "sum", values };
  }

  #values({ route, status, buckets, sum, count }: Times): MetricValueWithName<string>[] {
    const labels = { route, status };
    let below = 0;
    const told = [...this.#bounds, "+Inf"].map((le, index) => {
      below += buckets[index] as number;
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: below };
    });
    return [...told, { metricName: `${this.name}_sum`, labels, value: sum }, { metricName: `${this.name}_count`, labels, value: count }];
  }

  /** What a registry takes for a metric: it asks for the name, and for `get`. */
  asMetric(): Metric {
    return this as unknown as Metric;
  }
}
