/**
 * The cell of lists over HTTP: any page of what is stored while writes go on, and P6's list of what check allows.
 *
 * Every collection of size is asked in every sort and by every filter: a page of a hundred at the beginning, in the middle and at the end.
 * Times are a client's, from the request to the last byte of the answer.
 * Invariant: a page that is empty, or not full where others follow, or a list of another length, ends the cell.
 */
import { join } from "node:path";
import type { Rec } from "@reeve/core";
import { environmentOf, inDirectory, keepRecords, ORGANIZATION, TOKEN } from "../http/kept.ts";
import { start } from "../http/process.ts";
import { median } from "../measure.ts";
import { Organization } from "../organization.ts";
import { PRODUCT } from "../product.ts";
import type { Numbers } from "./decide.ts";
import { ASKER, LISTED, listedRecords } from "./list.ts";

const SEED = 20_250_618;
const SERVER = new URL("../http/server.ts", import.meta.url);
const PRINCIPALS = 100_000;
const ROLES = 2_000;
const STEP = 500;
const PAGE = 100;
const TIMES = 5;
const LISTS = 60;
const WRITE_EVERY_MS = 20;

export type PagesArgs = { readonly grants: number };

/** Collection → queries, of ids that the organization has. Those who hold the most and what is held by the most are among them. */
function asked(organization: Organization): Readonly<Record<string, readonly string[]>> {
  const busiest = encodeURIComponent(organization.principalId(organization.grantees.first));
  const group = encodeURIComponent(organization.principalId(organization.firstGroup));
  const sandbox = encodeURIComponent(organization.path(0));
  const deep = encodeURIComponent(organization.path(organization.resources - 1));
  return {
    principals: [
      ...["sort=key", "sort=-key", "sort=name", "sort=-name", "sort=changed", "sort=-changed"],
      ...["type=user", "type=group&sort=name", "name=p9", "active=true&sort=-name", "active=false&sort=changed"],
    ],
    groups: ["sort=key", "sort=-name", "sort=changed"],
    roles: ["sort=key", "sort=-name", "sort=changed", `product=${PRODUCT}&sort=name`, "type=user-defined", "name=role-19"],
    grants: ["sort=key", "sort=-key", "sort=resource", "sort=-resource", `principal=${busiest}`, `resource=${sandbox}`, `resource=${deep}`],
    assignments: ["sort=key", "sort=-principal", "role=role-7", `principal=${busiest}`],
    memberships: ["sort=key", "sort=-key", "sort=member", `group=${group}`, `member=${busiest}`],
    resources: [
      ...["sort=key", "sort=-key", "sort=name", "sort=-name", "sort=changed", "sort=-changed"],
      ...["type=sandboxes", "type=files&sort=changed", `below=${sandbox}`],
    ],
  };
}

export function measurePages({ grants }: PagesArgs): Promise<Numbers> {
  return inDirectory(async (directory) => {
    const stored = await storedPages(join(directory, "stored"), grants);
    return { ...stored, ...(await listedResources(join(directory, "listed"))) };
  });
}

type Ask = (path: string, body?: object) => Promise<Record<string, unknown>>;

async function served<T>(data: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const server = await start({ file: SERVER, environment: environmentOf(data) });
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", "accept-encoding": "identity" };
  try {
    return await work(async (path, body) => {
      const given = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const answer = await fetch(`${server.url}/v1/orgs/${ORGANIZATION}/${path}`, { headers, ...given });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    });
  } finally {
    await server.stop();
  }
}

async function storedPages(data: string, grants: number): Promise<Numbers> {
  const organization = new Organization({ seed: SEED, grants });
  await keepRecords(data, bigRecords(organization));
  return served(data, async (ask) => {
    // Whoever writes first has the organization loaded: that is P9's.
    await ask("changes", { changes: [{ put: { kind: "label", value: { id: "custom/first" } } }] });
    const writer = writing(ask);
    const found: { readonly ms: number; readonly what: string }[] = [];
    for (const [collection, queries] of Object.entries(asked(organization))) {
      for (const query of queries) {
        for (const cursor of await places(ask, `${collection}?${query}&limit=${STEP}`)) {
          const path = `${collection}?${query}&limit=${PAGE}${cursor === undefined ? "" : `&cursor=${cursor}`}`;
          const times: number[] = [];
          for (let i = 0; i < TIMES; i++) {
            const began = performance.now();
            const page = await ask(path);
            times.push(performance.now() - began);
            checkPage(page, path);
          }
          found.push({ ms: median(times), what: `${collection}?${query}` });
        }
      }
    }
    await writer.stop();
    const slowest = found.reduce((one, other) => (other.ms > one.ms ? other : one));
    console.error(`slowest: ${slowest.what}`);
    return { pages: found.length, pageP50Ms: median(found.map(({ ms }) => ms)), pageMaxMs: slowest.ms };
  });
}

/** A page that finds nothing, or is shorter than it need be, is no page of what the organization has. */
function checkPage({ items, next }: Record<string, unknown>, path: string): void {
  const { length } = items as readonly unknown[];
  if (length === 0 || (next !== undefined && length < PAGE)) throw new Error(`${path}: a page of ${length}`);
}

/** Where pages begin: at the beginning, in the middle, and the last one. */
async function places(ask: Ask, path: string): Promise<readonly (string | undefined)[]> {
  const cursors: (string | undefined)[] = [undefined];
  for (let cursor: string | undefined; ; ) {
    const { next } = await ask(cursor === undefined ? path : `${path}&cursor=${cursor}`);
    if (typeof next !== "string") break;
    cursor = next;
    cursors.push(cursor);
  }
  return [...new Set([cursors[0], cursors[Math.floor(cursors.length / 2)], cursors.at(-1)])];
}

/** Writes one label after the other, until it is told to stop. */
function writing(ask: Ask): { stop(): Promise<void> } {
  let isOver = false;
  const work = (async () => {
    for (let i = 0; !isOver; i++) {
      await ask("changes", { changes: [{ put: { kind: "label", value: { id: `custom/written-${i}` } } }] });
      await new Promise((resolve) => setTimeout(resolve, WRITE_EVERY_MS));
    }
  })();
  return {
    async stop() {
      isOver = true;
      await work;
    },
  };
}

function* bigRecords(organization: Organization): Iterable<Rec> {
  yield* organization.records();
  for (let i = organization.principals; i < PRINCIPALS; i++) {
    yield { kind: "principal", value: { id: `extra-${i}`, type: "user", active: i % 10 !== 0, name: `p${(i * 7_919) % PRINCIPALS}` } };
  }
  for (let i = 0; i < ROLES; i++) {
    yield { kind: "role", value: { product: PRODUCT, id: `role-${i}`, name: `role-${(i * 7) % ROLES}`, type: "user-defined", sets: [] } };
    yield { kind: "assignment", value: { role: `role-${i}`, principal: `extra-${organization.principals + i}` } };
  }
}

async function listedResources(data: string): Promise<Numbers> {
  await keepRecords(data, listedRecords());
  return served(data, async (ask) => {
    const body = {
      subject: { type: "user", id: ASKER },
      action: { name: "view" },
      type: "apis",
      context: { network: "inside" },
      limit: 10_000,
    };
    const times: number[] = [];
    for (let i = 0; i < LISTS; i++) {
      const began = performance.now();
      const { entries } = await ask("list/resources", body);
      times.push(performance.now() - began);
      if ((entries as readonly unknown[]).length !== LISTED)
        throw new Error(`${(entries as readonly unknown[]).length} instead of ${LISTED}`);
    }
    return { listedWarmMs: median(times.slice(times.length / 3)) };
  });
}
