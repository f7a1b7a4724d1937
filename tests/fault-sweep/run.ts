/**
 * The sweep as a process: every place where the server waits and every port that it is wired to, broken one at a time. Prints what came
 * of it as one line of JSON.
 *
 * `REEVE_SWEEP`: `thin`: the first passage of each throws and hangs; `short`: answers rubbish too, and ports at more of their passages;
 * `whole`: each of the first forty passages of all of them.
 * Invariant: what is broken is what was counted while nothing was; a place that nothing leads past is in the report as such.
 */
import { ANYTHING, type Fault, type Faults, type How } from "./fault.ts";
import { closeGates } from "./gate.ts";
import { type Port, portsOf, richOf } from "./ports.ts";
import { type Land, newBeside, newFaults, PLAYS, Server } from "./served.ts";
import { BY_CHANCE, sitesOf, sweptFiles } from "./sites.ts";
import { sweepStart, WAYS } from "./starts.ts";
import { newWorld } from "./world.ts";

export type Report = {
  readonly cases: number;
  readonly struck: number;
  /** Places and ports, and how often each was passed with nothing broken: serving, and by each way to start. */
  readonly passed: Readonly<Record<string, number>>;
  readonly sites: readonly string[];
  readonly ports: readonly string[];
  readonly findings: readonly { readonly what: string; readonly found: readonly string[] }[];
};
type Counts = ReadonlyMap<string, number>;

const SIZE = process.env.REEVE_SWEEP ?? "thin";
const NTH_MAX = 40;
/** Passages are alike the more, the more there are. */
const SPARSE: readonly number[] = [1, 2, 3, 5, 8, 12, 20];
const ONLY = process.env.REEVE_SWEEP_ONLY ?? "";
/** The deadline itself, and what waits for it: only these are waited for without one. */
const OUTERMOST = [
  "app/strict-store.ts",
  "http/deadline.ts",
  "http/server.ts",
  "http/aep/surface.ts",
  "http/snaplogic/surface.ts#handler",
  "http/short-way.ts#step",
  "http/compress.ts",
];
/** Places to break. */
const sites = sweptFiles().flatMap((file) => sitesOf(file).map(({ place }) => place));
const isSite = (key: string): boolean => key.includes(".ts#");

/** What else a start leads past is swept while serving. A place of a start's own hangs only where a port does, and ports have bounds. */
const isOfStart = ({ key, how }: Fault): boolean => !isSite(key) || (/^(main|identity\/administrator)\.ts/.test(key) && how !== "hang");

/** Where principals ask, this is broken again, whatever was found where the administrator asks: who is let in hangs on it. */
const PRINCIPALS = "administration";
const LETTING_IN =
  /^(identity\/auth|app\/guard|http\/server\.ts#registerRoute|tokens\.|store\.(load|changes)|page of load|wake|wired\.clock)/;

const NOTHING = "nothing broken";
const loose: string[] = [];
process.on("uncaughtException", (error) => void loose.push(`the process would have ended: ${error.stack ?? error}`));
process.on(
  "unhandledRejection",
  (error) => void loose.push(`a rejection that nobody handles: ${(error as Error)?.stack ?? String(error)}`),
);

function* faultsOf(counts: Counts, ports: ReadonlyMap<string, Port>): Iterable<Fault> {
  for (const [key, count] of counts) {
    for (const nth of passagesOf(key, count)) for (const how of waysToBreak(key, ports)) yield { key, nth, how };
  }
}

function passagesOf(key: string, count: number): readonly number[] {
  if (SIZE === "whole") return Array.from({ length: Math.min(count, NTH_MAX) }, (_, index) => index + 1);
  return SPARSE.filter((nth) => nth <= (SIZE === "thin" || isSite(key) ? 1 : count));
}

function waysToBreak(key: string, ports: ReadonlyMap<string, Port>): readonly How[] {
  const { rubbish, isAsked } = ports.get(key) ?? { rubbish: ANYTHING, isAsked: true };
  const kinds = SIZE === "thin" ? [] : rubbish.map((_, index): How => `rubbish ${index}`);
  const hangs = isAsked && !OUTERMOST.some((outer) => key.startsWith(outer));
  return ["throw", ...(hangs ? (["hang"] as const) : []), ...kinds];
}

class Sweep {
  readonly #land: Land;
  readonly #faults: Faults;
  readonly #findings: { readonly what: string; readonly found: readonly string[] }[] = [];
  readonly #passed: Record<string, number> = {};
  #cases = 0;
  #struck = 0;
  #beganMs = 0;

  constructor(land: Land) {
    this.#land = land;
    this.#faults = land.faults;
  }

  async all(): Promise<Report> {
    await this.#serving();
    for (const way of Object.keys(WAYS)) await this.#starting(way);
    const ports = [...this.#land.ports.keys()];
    return { cases: this.#cases, struck: this.#struck, passed: this.#passed, sites, ports, findings: this.#findings };
  }

  async #serving(): Promise<void> {
    let server = await Server.start(this.#land);
    for (const play of Object.keys(PLAYS)) server = await this.#playing(play, server);
    await server.close();
  }

  /** The server that is left: another one where the first did not heal. */
  async #playing(play: string, first: Server): Promise<Server> {
    let server = first;
    const before = new Set(Object.keys(this.#passed));
    this.#faults.counts.clear();
    this.#note(`${NOTHING}, ${play}`, await server.sweep(`Whole-${play}`, { play, fault: undefined, mayHang: false }));
    for (const fault of this.#chosen().filter(({ key }) => !before.has(key) || (play === PRINCIPALS && LETTING_IN.test(key)))) {
      const mayHang = fault.how === "hang" && isSite(fault.key);
      const swept = await server.sweep(`C${this.#cases}`, { play, fault, mayHang });
      this.#note(`${play}: ${fault.key} (${fault.nth}): ${fault.how}`, swept);
      if (swept.isHealed) continue;
      // The old one stays: its end would be the end of the store too.
      server = await Server.start(this.#land);
    }
    return server;
  }

  async #starting(way: string): Promise<void> {
    const { store: _, ...given } = this.#land;
    this.#faults.counts.clear();
    this.#note(`${NOTHING}, start ${way}`, await sweepStart(way, { ...given, fault: undefined }));
    for (const fault of this.#chosen().filter(isOfStart)) {
      this.#note(`start ${way}: ${fault.key} (${fault.nth}): ${fault.how}`, await sweepStart(way, { ...given, fault }));
    }
  }

  #chosen(): readonly Fault[] {
    const counts = new Map(this.#faults.counts);
    for (const [key, count] of counts) this.#passed[key] = (this.#passed[key] ?? 0) + count;
    return [...faultsOf(counts, this.#land.ports)].filter(({ key }) => key.includes(ONLY) && !BY_CHANCE.includes(key));
  }

  #note(what: string, { findings, struck }: { readonly findings: readonly string[]; readonly struck: boolean }): void {
    this.#cases += 1;
    if (struck) this.#struck += 1;
    // How often something is passed is not quite the same each time, but once it is.
    const isMissed = !struck && what.includes(" (1): ");
    const found = [...findings, ...loose.splice(0), ...(isMissed ? ["it never struck"] : [])];
    if (found.length > 0) this.#findings.push({ what, found });
    if (process.env.REEVE_SWEEP_TELL !== undefined) {
      console.error(found.length === 0 ? "ok  " : "FAIL", Math.round(performance.now() - this.#beganMs), what, found.join(" | "));
      this.#beganMs = performance.now();
    }
  }
}

const faults = newFaults();
closeGates(faults);
const store = await newWorld();
const sweep = new Sweep({ store, faults, beside: newBeside(), ports: portsOf(await richOf(store)) });
const report = await sweep.all().catch((error: unknown) => {
  // The handlers above keep the process alive for everything but this.
  console.error(error);
  process.exit(1);
});
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
