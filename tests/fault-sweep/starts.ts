/**
 * Starts and stops while something breaks: a start that fails says so in time and lets go of the store, and one that succeeds serves.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { resetAdministrator, type Store, WIRING, type Wiring } from "@reeve/server";
import { emptyMemoryState, memoryStore } from "../../packages/server/src/store/memory/memory-store.ts";
import { clientOf } from "./client.ts";
import type { Fault } from "./fault.ts";
import type { Parts } from "./ports.ts";
import { type Land, MAIL, start, TOKEN } from "./served.ts";
import { addEarly, addPoor, CALM } from "./world.ts";

const START_MS_MAX = 2_000;
const NOT_IN_TIME = "not in time";

type Given = Parts & { readonly fault: Fault | undefined };
export type Begun = { readonly findings: readonly string[]; readonly struck: boolean };

const inTime = <T>(work: Promise<T>): Promise<T | typeof NOT_IN_TIME> =>
  Promise.race([work, new Promise<typeof NOT_IN_TIME>((resolve) => setTimeout(() => resolve(NOT_IN_TIME), START_MS_MAX).unref())]);

/** Ways to start: each leads past other places. */
export const WAYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "with the demo": { REEVE_DEMO: "on", ...MAIL },
  "with a token of its own": { REEVE_BOOTSTRAP_TOKEN: "" },
  "on a taken port": { REEVE_BOOTSTRAP_TOKEN: "", REEVE_PORT: "taken" },
  "with another token": { REEVE_BOOTSTRAP_TOKEN: "another-token-of-the-administrator-0123" },
  "after a reset": {},
  "with a demo that does not fit": { REEVE_DEMO: "on", REEVE_BOOTSTRAP_TOKEN: "" },
};
/** The demo names somebody who is not there. */
const UNFIT: Partial<Wiring> = {
  readCatalogue: (name) =>
    name.startsWith("demo/")
      ? {
          records: [
            { kind: "organization", value: { name: "Demo", tenantIds: [] } },
            { kind: "membership", value: { group: "nobody", member: "nowhere" } },
          ],
        }
      : WIRING.readCatalogue(name),
};

export async function sweepStart(way: string, { fault, ...parts }: Given): Promise<Begun> {
  const state = emptyMemoryState();
  const store = memoryStore({ state });
  await addPoor(store, CALM);
  await addEarly(store);
  const land: Land = { store, ...parts };
  const { faults } = parts;
  const environment = WAYS[way] as Readonly<Record<string, string>>;
  if (way === "with another token") await startedOnce(state, land);
  if (fault === undefined) faults.counts.clear();
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const port = String((taken.address() as { readonly port: number }).port);
  const findings: string[] = [];
  if (fault !== undefined) faults.arm(fault);
  const isReset = way === "after a reset" && (await resetAdministrator(store, 1).then(isDone, () => false));
  const wiring = way === "with a demo that does not fit" ? UNFIT : {};
  const begin = start(land, environment.REEVE_PORT === "taken" ? { ...environment, REEVE_PORT: port } : environment, wiring);
  const begun = await inTime(begin.catch(() => "failed" as const));
  const struck = fault === undefined || faults.struck;
  if (begun === NOT_IN_TIME) {
    findings.push("the start neither ended nor failed");
  } else if (begun === "failed" || !begun.ok) {
    faults.disarm();
    findings.push(...(await leftOpen(store, fault)));
  } else {
    findings.push(...(await used(begun.value, way === "with the demo" || (way === "after a reset" && !isReset))));
    const closed = await inTime(begun.value.close().catch(() => undefined));
    if (closed === NOT_IN_TIME) findings.push("the stop did not end");
  }
  const hasStruck = faults.disarm() || struck;
  taken.close();
  return { findings, struck: hasStruck };
}

const isDone = (): boolean => true;

async function startedOnce(state: ReturnType<typeof emptyMemoryState>, land: Land): Promise<void> {
  const before = await start({ ...land, store: memoryStore({ state }) });
  if (before.ok) await before.value.close();
}

async function used({ url }: { readonly url: string }, isToken: boolean): Promise<readonly string[]> {
  // Whoever does not say where it listens is asked by nobody.
  if (!URL.canParse(url)) return [];
  const client = clientOf(url, { token: TOKEN, waitMs: 2_000 });
  const body = { subject: { type: "user", id: "bob" }, action: { name: "read" }, resource: { path: "/folders/a" } };
  const told = await client.ask(`/v1/orgs/${CALM}/check`, { body });
  // Signed by a key that nobody has: it is looked for. Then one is made.
  const stranger = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"none"}').toString("base64url");
  const forged = await client.ask("/v1/me", { headers: { authorization: `Bearer ${stranger}.eyJh.c2ln` } });
  const keys = await client.ask("/ims/keys");
  // Read from the disk when it is first asked for.
  const page = await client.ask("/docs/swagger-ui.css");
  client.close();
  if (forged === "nothing" || keys === "nothing") return ["a started server does not answer for its keys"];
  if (forged.status === 200) return ["a started server lets somebody in by a forged token"];
  if (page === "nothing") return ["a started server does not answer for its reference"];
  if (told === "nothing") return ["a started server does not answer"];
  if (told.status === 200 && told.body.decision === true) return ["a started server allows bob"];
  return isToken || told.status >= 400 ? [] : ["a server lets somebody in by a token that is none of it"];
}

/** A store that a failed start did not close; unless it was never handed over, or closing is what broke. */
async function leftOpen(store: Store, fault: Fault | undefined): Promise<readonly string[]> {
  if (fault !== undefined && (/^(wired|store\.close)/.test(fault.key) || fault.key.startsWith("main.ts#startServer"))) return [];
  return store.heads([]).then(
    () => ["a start that failed left its store open"],
    () => [],
  );
}
