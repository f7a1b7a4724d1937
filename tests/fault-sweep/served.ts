/**
 * A server of a sweep, over a store in memory whose every port may break, and what is looked at after each fault: that it answers again,
 * and answers what is true; that what was acknowledged is there, and nothing that was refused.
 */

import { connect } from "node:net";
import { type Config, type Running, readConfig, type Store, startServer, type Wiring } from "@reeve/server";
import { playAccessControl } from "./access-control.ts";
import { Administration, playImport } from "./administration.ts";
import { playAssets } from "./assets.ts";
import { type Client, clientOf } from "./client.ts";
import { type Fault, Faults } from "./fault.ts";
import { ENTRY, playIssuers } from "./issuers.ts";
import { playPeople } from "./people.ts";
import { faultyWiring, type Parts } from "./ports.ts";
import { playPublicApi } from "./public-api.ts";
import { type Around, type Played, Scenario } from "./scenario.ts";
import { addPoor, CALM, PEOPLE, truthOf } from "./world.ts";

export const TOKEN = "the-administrator-of-the-sweep-0123456789";
/** While serving: short, for what hangs is waited for. A start has more to do. */
/** A hash must not take longer than an answer may, whatever else the machine does. */
const passwordCost = { memoryKiB: 64, passes: 1, lanes: 1 };
const SERVING = { limits: { answerMs: 120 }, storeMs: 60, passwordCost } as const;
const STARTING = { limits: { answerMs: 400 }, storeMs: 400 } as const;
/** Handed to the wiring, and to nobody behind it. */
export const MAIL = { REEVE_SMTP_URL: "smtp://127.0.0.1:1", REEVE_MAIL_FROM: "reeve@example.com" } as const;
/** How long any request may take, retries and all. */
const ANSWER_MS_MAX = 3_000;
const CONNECTIONS_MAX = 8;
/** Until a server answers again after what broke is whole: it asks again after a second. */
const HEALED_MS_MAX = 4_000;

export type Land = Parts & { readonly store: Store };
export const newBeside = (): Land["beside"] => ({ losesWakes: false, beforeWrite: undefined, aheadMs: 0, mails: new Map() });
export const newFaults = (): Faults => new Faults();

export function configOf(environment: Readonly<Record<string, string>> = {}): Config {
  const read = readConfig({
    REEVE_PORT: "0",
    REEVE_DEMO: "off",
    REEVE_LOG_LEVEL: "info",
    REEVE_BOOTSTRAP_TOKEN: TOKEN,
    REEVE_ISSUERS: ENTRY,
    ...environment,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

export const start = (
  land: Land,
  environment: Readonly<Record<string, string>> = {},
  wiring: Partial<Wiring> = {},
): ReturnType<typeof startServer> => startServer(configOf(environment), { ...faultyWiring(land.store, land), ...STARTING, ...wiring });

export type Sweeping = { readonly play: string; readonly fault: Fault | undefined; readonly mayHang: boolean };
export type Swept = { readonly findings: readonly string[]; readonly struck: boolean; readonly isHealed: boolean };

/** What may be played while something breaks: each leads past other places. */
export const PLAYS: Readonly<Record<string, (client: Client, around: Around) => Promise<Played>>> = {
  questions: (client, around) => new Scenario(client, around).play(),
  administration: (client, around) => new Administration(client, around).play(),
  imports: playImport,
  people: playPeople,
  issuers: playIssuers,
  access: playAccessControl,
  assets: playAssets,
  publicApi: playPublicApi,
};

export class Server {
  readonly #land: Land;
  readonly #running: Running;

  private constructor(land: Land, running: Running) {
    this.#land = land;
    this.#running = running;
  }

  static async start(land: Land): Promise<Server> {
    const started = await start(land, { REEVE_CONNECTIONS_MAX: String(CONNECTIONS_MAX), ...MAIL }, SERVING);
    if (!started.ok) throw new Error(JSON.stringify(started.error));
    // The key that signs is made once for a server: broken where servers start, and there in every case here.
    const client = clientOf(started.value.url, { token: TOKEN, waitMs: ANSWER_MS_MAX });
    await client.ask("/ims/keys");
    client.close();
    return new Server(land, started.value);
  }

  close(): Promise<void> {
    return this.#running.close();
  }

  /** Plays the scenario on an organization of its own while something breaks; `mayHang`: its organization need not heal. */
  async sweep(org: string, { play, fault, mayHang }: Sweeping): Promise<Swept> {
    const { store, faults, beside } = this.#land;
    await addPoor(store, org);
    const client = clientOf(this.#running.url, { token: TOKEN, waitMs: ANSWER_MS_MAX });
    // A use of a token is noted once a minute.
    beside.aheadMs += 60_000;
    if (fault !== undefined) faults.arm(fault);
    const { port } = new URL(this.#running.url);
    const around = {
      org,
      now: () => Date.now() + beside.aheadMs,
      mayHang,
      store,
      beside,
      crowd: () => crowd(Number(port), CONNECTIONS_MAX + 2),
    };
    const played = await (PLAYS[play] as (typeof PLAYS)[string])(client, around);
    beside.losesWakes = false;
    beside.beforeWrite = undefined;
    const struck = faults.disarm();
    const kept = await this.#kept(org, played);
    const healed = await this.#healed(client, mayHang ? [CALM] : [CALM, org]);
    client.close();
    return { findings: [...played.findings, ...kept, ...healed], struck, isHealed: healed.length === 0 };
  }

  /** What was acknowledged and is not there, or was refused and is. */
  async #kept(org: string, { possible, acknowledged }: Played): Promise<readonly string[]> {
    const { store } = this.#land;
    const truth = await truthOf(store, org);
    if (truth === undefined) return ["the organization is gone"];
    const wrong = PEOPLE.filter((id) => possible[id] !== undefined && possible[id] !== truth.may[id]);
    const heads = await store.heads(acknowledged);
    const lost = acknowledged.filter((one) =>
      one.startsWith("New-") ? !heads.has(one) : !(Number(one.split(".").at(-1)) >= 2 && Number(one.split(".").at(-1)) <= truth.revision),
    );
    const verdict = await store.verifyAudit(org);
    return [
      ...wrong.map((id) => `${id} was acknowledged to be ${possible[id]} and is ${truth.may[id]}`),
      ...lost.map((one) => `${one} was acknowledged and is not there`),
      ...(verdict.ok ? [] : ["the audit is broken"]),
    ];
  }

  /** Whether everybody is answered as it is; findings if not, in time. */
  async #healed(client: Client, orgs: readonly string[]): Promise<readonly string[]> {
    const deadlineMs = performance.now() + HEALED_MS_MAX;
    for (;;) {
      const findings: string[] = [];
      for (const org of orgs) findings.push(...(await this.#differs(client, org)));
      if (findings.length === 0 || performance.now() > deadlineMs) return findings;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #differs(client: Client, org: string): Promise<readonly string[]> {
    const truth = await truthOf(this.#land.store, org);
    const evaluations = PEOPLE.map((id) => ({ subject: { type: "user", id }, action: { name: "read" }, resource: { path: "/folders/a" } }));
    const told = await client.ask(`/v1/orgs/${org}/check/batch`, { body: { evaluations } });
    const said = told === "nothing" || told.status !== 200 ? told : told.body.evaluations.map((one: { decision: boolean }) => one.decision);
    const meant = PEOPLE.map((id) => truth?.may[id]);
    return JSON.stringify(said) === JSON.stringify(meant)
      ? []
      : [`afterwards ${org} answers ${JSON.stringify(said)}, not ${JSON.stringify(meant)}`];
  }
}

/** So many connections at once, none of which asks anything. */
async function crowd(port: number, count: number): Promise<void> {
  const sockets = Array.from({ length: count }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))));
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (const socket of sockets) socket.destroy();
}
