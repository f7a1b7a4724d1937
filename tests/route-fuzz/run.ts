/**
 * Every route asked by hostile clients, and what came of it: statuses, what is wrong with an answer, and how much more memory the server
 * holds afterwards, in the process in which this runs.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { OAUTH_ERRORS, type OAuthErrorCode, PROBLEMS, type ProblemCode, type Route } from "@reeve/contract";
import { World } from "../every-route.ts";
import { seeded } from "../reference/random.ts";
import { type Served, serve } from "../serve.ts";
import { countOf, type Hostile, hostileRequest, type Known, routes } from "./requests.ts";
import { type Heard, Wire } from "./wire.ts";

export type Fuzzed = {
  readonly asked: number;
  /** By route and status. */
  readonly statuses: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly findings: readonly string[];
  readonly grownBytes: number;
  /** Writes that were taken: what they say the server has to keep. */
  readonly written: number;
};

const LANES = 4;
const HANG_MS = 10_000;
/** Requests a route before memory is measured. */
const WARMING = 50;
const FINDINGS_MAX = 20;
/** Bad gateways and the like are nobody's fault here: of these codes alone a hostile request may be the reason. */
const OUR_FAULTS: readonly ProblemCode[] = ["revision_not_reached", "too_many_connections"];

export async function fuzzRoutes(perRoute: number, seed: number): Promise<Fuzzed> {
  const served = await serve();
  const fuzz = new Fuzz(served, await beginning(served));
  try {
    await fuzz.run(seed, Math.min(WARMING, perRoute));
    const before = heldBytes();
    fuzz.forget();
    await fuzz.run(seed + 1, perRoute);
    return { ...fuzz.outcome(), grownBytes: heldBytes() - before };
  } finally {
    fuzz.close();
    await served.close();
  }
}

async function beginning(served: Served): Promise<Known> {
  const world = await World.make(served);
  const { clientId, secret } = await world.secret();
  const client = { client_id: clientId, client_secret: secret };
  const ids = { "change-sets": await world.changeSet(), imports: await world.planned(), tokens: await world.token(), "sign-in": "house" };
  const cursors: Record<string, string> = {};
  for (const route of routes.filter(({ query }) => query?.cursor !== undefined)) {
    const { body } = await served.call(`${world.urlOf(route)}?limit=1`);
    if (body.next !== undefined) cursors[route.id] = body.next;
  }
  return { org: world.one.id, token: served.token, revision: await world.one.revision(), ids, cursors, client };
}

class Fuzz {
  readonly #served: Served;
  readonly #known: Known;
  readonly #wires: readonly Wire[];
  #statuses: Record<string, Record<string, number>> = {};
  #findings: string[] = [];
  #asked = 0;
  #written = 0;

  constructor(served: Served, known: Known) {
    this.#served = served;
    this.#known = known;
    this.#wires = Array.from({ length: LANES }, () => new Wire(Number(new URL(served.url).port), HANG_MS));
  }

  /** A request is named by the seed, its route and its number, whoever comes to send it. */
  async run(seed: number, perRoute: number): Promise<void> {
    for (const [index, route] of routes.entries()) {
      let left = countOf(route, perRoute);
      const lane = async (wire: Wire): Promise<void> => {
        while (left-- > 0 && this.#findings.length < FINDINGS_MAX) {
          const random = seeded(seed + Math.imul(left, 2_654_435_761) + index);
          await this.#ask(hostileRequest(random, route, this.#known), wire);
        }
      };
      await Promise.all(this.#wires.map(lane));
      await this.#stillWell(route);
    }
  }

  forget(): void {
    [this.#statuses, this.#findings, this.#asked, this.#written] = [{}, this.#findings, 0, 0];
  }

  outcome(): Omit<Fuzzed, "grownBytes"> {
    return { asked: this.#asked, statuses: this.#statuses, findings: this.#findings, written: this.#written };
  }

  close(): void {
    for (const wire of this.#wires) wire.close();
  }

  async #ask(hostile: Hostile, wire: Wire): Promise<void> {
    const heard = await wire.send(hostile.bytes, hostile.method === "HEAD");
    this.#asked += 1;
    const wrong = typeof heard === "string" ? heard : wrongWith(hostile, heard);
    const status = typeof heard === "string" ? heard : String(heard.status);
    const counts = this.#statuses[hostile.route.id] ?? {};
    counts[status] = (counts[status] ?? 0) + 1;
    this.#statuses[hostile.route.id] = counts;
    if (hostile.route.revision === "written" && (status === "200" || status === "201")) this.#written += 1;
    if (wrong !== undefined) this.#findings.push(`${wrong}: ${hostile.bytes.toString("latin1").slice(0, 2_000)}`);
  }

  /** A good client is answered, whatever was sent before; and what was written can still be listed. */
  async #stillWell({ id, path }: Route): Promise<void> {
    const body = { subject: { type: "user", id: "nobody" }, action: { name: "read" }, resource: { path: "/folders/b" } };
    const told = await this.#served.call(`/v1/orgs/${this.#known.org}/check`, { body });
    if (told.status !== 200 || told.body.decision !== false) this.#findings.push(`after ${id} a good question is answered ${told.text}`);
    const list = routes.find((route) => route.method === "GET" && route.path === path && route.query?.limit !== undefined);
    if (list === undefined) return;
    const listed = await this.#served.call(`${path.replace("{org}", this.#known.org).replace("{product}", "files")}?limit=500`);
    if (listed.status >= 500) this.#findings.push(`after ${id} the list is answered ${listed.text}`);
  }
}

/** What is wrong with an answer; `undefined`: nothing. */
function wrongWith({ method, route }: Hostile, { status, headers, body }: Heard): string | undefined {
  if (headers["x-request-id"] === undefined) return `${status} without the id of the request`;
  if (method === "HEAD" || status === 204 || headers["content-encoding"] !== undefined) return status >= 500 ? `${status}` : undefined;
  const type = headers["content-type"] ?? "";
  const text = body.toString();
  const parsed = /[/+]json/.test(type) ? parse(text) : undefined;
  if (/[/+]json/.test(type) && parsed === undefined) return `${status} with JSON that is none: ${text.slice(0, 200)}`;
  if (status < 400) return /[\ud800-\udfff]/u.test(text) ? `${status} with half a character` : undefined;
  const { code, error } = (parsed ?? {}) as { readonly code?: ProblemCode; readonly error?: OAuthErrorCode };
  if (error !== undefined && route.refuses?.includes(error) === true)
    return OAUTH_ERRORS[error].status === status ? undefined : `${status} is not the status of ${error}`;
  if (code === undefined) return `${status} is no problem of ours: ${text.slice(0, 200)}`;
  if (PROBLEMS[code]?.status !== status) return `${status} is no problem of ours: ${text.slice(0, 200)}`;
  return status >= 500 && !OUR_FAULTS.includes(code) ? `${status} ${text.slice(0, 300)}` : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is held after everything that can be let go of is. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
