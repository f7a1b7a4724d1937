/**
 * The cell that asks over HTTP: P4, P5 and the metrics' half of P13, the real server beside another one, in alternating pairs.
 *
 * Server and client have a core each. A pair is some seconds of the one and some of the other; ratios are taken within pairs, so that
 * what the machine does meanwhile meets both. CPU time is the server process's own, a request.
 * Invariant: both are asked with the same bodies; an answer that is no 200 ends the cell.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { environmentOf, inDirectory, keepOrganization, ORGANIZATION, TOKEN } from "../http/kept.ts";
import { answersOf, ask, type Load, SERVER_CORE, type Sent, type Target, writeScript } from "../http/load.ts";
import { type Program, type Started, start } from "../http/process.ts";
import { median } from "../measure.ts";
import { Organization } from "../organization.ts";
import { Questions } from "../questions.ts";
import type { Numbers } from "./decide.ts";

const SEED = 20_250_615;
/** Distinct questions; a batch has a hundred of them. */
const QUESTIONS = 500;
export const BATCH = 100;
/** After four seconds of this load a request's CPU time no longer falls: the code is compiled for what follows. */
const WARM_SECONDS = 4;

export type HttpArgs = {
  readonly grants: number;
  readonly ask: "single" | "batch";
  readonly connections: number;
  /** A bare server, or the same one without metrics. */
  readonly beside: "floor" | "no metrics";
  readonly pairs: number;
  readonly seconds: number;
};
type Pair = { readonly our: Load; readonly their: Load };

export function measureHttp(args: HttpArgs): Promise<Numbers> {
  return inDirectory(async (directory) => {
    const organization = new Organization({ seed: SEED, grants: args.grants });
    const [data, copy] = [join(directory, "data"), join(directory, "copy")];
    await keepOrganization(data, organization);
    // Two servers never have one directory.
    cpSync(data, copy, { recursive: true });
    const sent = { bodies: bodiesOf(organization, args.ask), token: TOKEN };
    const path = `/v1/orgs/${ORGANIZATION}/check${args.ask === "batch" ? "/batch" : ""}`;
    const started: Started[] = [];
    const target = async (program: Program): Promise<Target> => {
      const one = await start({ ...program, core: SERVER_CORE });
      started.push(one);
      return { url: one.url + path, cpuUs: one.cpuUs };
    };
    try {
      const ours = await target({ ...SERVER, environment: environmentOf(data) });
      const answers = await answersOf(ours, sent);
      const bytes = Math.round(median(answers.map((answer) => Buffer.byteLength(answer))));
      const other = await target(args.beside === "floor" ? floor(bytes) : { ...SERVER, environment: environmentOf(copy, "off") });
      await answersOf(other, sent);
      const found = await pairsOf(ours, other, { ...args, script: writeScript(directory, sent) });
      return { ...figuresOf(found), bytes, allowed: allowedOf(answers) };
    } finally {
      await Promise.all(started.map((one) => one.stop()));
    }
  });
}

const SERVER: Program = { file: new URL("../http/server.ts", import.meta.url) };

function floor(bytes: number): Program {
  return { file: new URL("../http/floor.ts", import.meta.url), args: [String(bytes)] };
}

async function pairsOf(ours: Target, other: Target, args: HttpArgs & { readonly script: string }): Promise<readonly Pair[]> {
  for (const target of [ours, other]) await ask(target, { ...args, seconds: WARM_SECONDS });
  const found: Pair[] = [];
  for (let pair = 0; pair < args.pairs; pair++) {
    // A B B A: neither always comes second.
    const [first, second] = pair % 2 === 0 ? [ours, other] : [other, ours];
    const [one, two] = [await ask(first, args), await ask(second, args)];
    found.push(first === ours ? { our: one, their: two } : { our: two, their: one });
  }
  return found;
}

/** `their…` is what stands beside; ratios of throughput and CPU time are above 1 where ours is the better one. */
function figuresOf(pairs: readonly Pair[]): Numbers {
  const of = (number: (pair: Pair) => number): number => median(pairs.map(number));
  const throughputs = pairs.map(({ our, their }) => our.perSecond / their.perSecond);
  return {
    throughput: median(throughputs),
    throughputLow: Math.min(...throughputs),
    throughputHigh: Math.max(...throughputs),
    cpu: of(({ our, their }) => their.cpuUs / our.cpuUs),
    latency: of(({ our, their }) => our.p50Us / their.p50Us),
    perSecond: of(({ our }) => our.perSecond),
    theirPerSecond: of(({ their }) => their.perSecond),
    cpuUs: of(({ our }) => our.cpuUs),
    theirCpuUs: of(({ their }) => their.cpuUs),
    p50Us: of(({ our }) => our.p50Us),
    theirP50Us: of(({ their }) => their.p50Us),
  };
}

function bodiesOf(organization: Organization, ask: HttpArgs["ask"]): Sent["bodies"] {
  const questions = new Questions(organization, "zipf", 10);
  const one = () => {
    const { principal, ...request } = questions.next();
    return { subject: principal, ...request };
  };
  if (ask === "single") return Array.from({ length: QUESTIONS }, () => JSON.stringify(one()));
  return Array.from({ length: QUESTIONS / BATCH }, () => JSON.stringify({ evaluations: Array.from({ length: BATCH }, one) }));
}

type Answer = { readonly decision: boolean; readonly context: { readonly id: string; readonly revision: string } };

/** The share of decisions that allow. Throws at an answer without its id or revision: it would be no answer of ours. */
function allowedOf(answers: readonly string[]): number {
  const decisions = answers.flatMap((text) => {
    const answer = JSON.parse(text) as Answer | { readonly evaluations: readonly Answer[] };
    return "evaluations" in answer ? answer.evaluations : [answer];
  });
  const lacking = decisions.find(({ context: { id, revision } }) => id === undefined || revision === undefined);
  if (lacking !== undefined) throw new Error(`an answer without id or revision: ${JSON.stringify(lacking)}`);
  return decisions.filter(({ decision }) => decision).length / decisions.length;
}
