/**
 * Many at once on a few assets: editors, grants while something is deleted, transfers while an owner leaves, moves while others list.
 *
 * `REEVE_RACES`: how many rounds of sixteen requests; `REEVE_SEED` draws them, and the server their order.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Person, SPACE, type Space, space } from "./assets.ts";
import { put } from "./organization.ts";
import { type Acknowledged, AssetHistory, type Done } from "./reference/asset-history.ts";
import { type Random, seeded } from "./reference/random.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 30);
const ROUNDS = Number(process.env["REEVE_RACES"] ?? 40);
const AT_ONCE = 16;
let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const APIS = ["a", "b", "c"].map((id) => `${SPACE}/apis/${id}`);
const PATHS = [...APIS, ...APIS.flatMap((api) => ["1.0", "2.0"].map((id) => `${api}/versions/${id}`))];
const OWNERS = ["ann", "bob", "dee"];
const PRINCIPALS = [...OWNERS, "cy", "team", "members"];
const ACCESS = ["read_only", "read_execute", "read_write", "full_access"];
/** What refuses what another request made impossible. */
const REFUSED = [400, 403, 404, 409, 422];

type Ground = Space & Readonly<Record<"ann" | "bob", Person>>;
type Asked = { readonly by: "ann" | "bob" | undefined; readonly done: Done; readonly answer: Promise<Answer> };

/** One request, sent. `binned`: what lies in the bin, as far as it was told. */
function ask(at: Ground, random: Random, binned: readonly string[]): Asked {
  const by = random.weighted<"ann" | "bob" | undefined>([
    [2, undefined],
    [1, "ann"],
    [1, "bob"],
  ]);
  const who = by === undefined ? at.root : at[by];
  const [path, owner] = [random.pick(PATHS), random.pick(OWNERS)];
  const kind = random.weighted<Done["do"]>([
    [8, "make"],
    [30, "give"],
    [15, "take"],
    [12, "transfer"],
    [16, "move"],
    [6, "delete"],
    [binned.length === 0 ? 0 : 8, "restore"],
    [5, "leave"],
    [6, "join"],
  ]);
  switch (kind) {
    case "make":
      return { by: undefined, done: { do: kind, path, owner }, answer: at.root.make(path, { owner }) };
    case "give": {
      const [principal, access, all] = [random.pick(PRINCIPALS), random.pick(ACCESS), random.chance(0.4)];
      return { by, done: { do: kind, path, principal, access, all }, answer: who.give(path, [principal, access, all]) };
    }
    case "take": {
      const principal = random.pick(PRINCIPALS);
      return { by, done: { do: kind, path, principal }, answer: who.take(path, principal) };
    }
    case "transfer": {
      const retain = random.chance(0.5);
      const answer = who.call("/owner", { method: "PUT", body: { path, owner, retain } });
      return { by, done: { do: kind, path, owner, retain }, answer };
    }
    case "move": {
      const to = random.pick(PATHS.filter((one) => one.includes("/versions/") === path.includes("/versions/")));
      return { by, done: { do: kind, path, to }, answer: who.relocate(path, to) };
    }
    case "delete":
      return { by, done: { do: kind, path, id: "" }, answer: who.delete(path) };
    case "restore": {
      const id = random.pick(binned);
      return { by: undefined, done: { do: kind, id, owner: "ann" }, answer: at.root.call("/restore", { body: { id, owner: "ann" } }) };
    }
    default: {
      const change = kind === "leave" ? { delete: { kind: "principal", id: "dee" } } : put("principal", { id: "dee", type: "user" });
      const answer = served.call(`/v1/orgs/${at.one.id}/changes`, { body: { changes: [change] } });
      return { by: undefined, done: { do: kind, principal: "dee" }, answer };
    }
  }
}

async function acknowledged({ by, done, answer }: Asked): Promise<Acknowledged | undefined> {
  const { status, body, headers, text } = await answer;
  if (status >= 300) {
    expect(REFUSED, `${JSON.stringify(done)}: ${text}`).toContain(status);
    return undefined;
  }
  const revision = Number((headers.get("reeve-revision") ?? body.revision).split(".")[1]);
  expect(revision, `${done.do} tells its revision`).toBeGreaterThan(0);
  return { by, revision, done: done.do === "delete" ? { ...done, id: body.id } : done };
}

type Row = {
  readonly principal: { readonly id: string };
  readonly access: string;
  readonly perms: readonly string[];
  readonly reach: string;
  readonly origin: string;
};

/** As the reference tells it. */
async function standing({ root }: Ground): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const paths: { readonly path: string; readonly owner?: string }[] = [{ path: SPACE }];
  for (const level of ["apis", "versions"]) paths.push(...(await root.call(`?level=${level}&limit=100`)).body.items);
  const told = await Promise.all(
    paths.map(async ({ path, owner = null }) => {
      const rows: readonly Row[] = (await root.permissions(path, "&limit=100")).body.items;
      const own = rows.filter(({ origin, access }) => origin === "self" && access !== "owner");
      return [
        path,
        [
          owner,
          ...own
            .map(
              ({ principal, perms, reach }) => `${principal.id} ${["R", "W", "X"].filter((bit) => perms.includes(bit)).join("")} ${reach}`,
            )
            .sort(),
        ],
      ] as const;
    }),
  );
  return Object.fromEntries([...told].sort(([a], [b]) => (a < b ? -1 : 1)));
}

it(`whatever happens at once is what its revisions say one after the other (REEVE_SEED=${SEED})`, {
  timeout: 60_000 + ROUNDS * 2_000,
}, async () => {
  const made = await space(served);
  const at: Ground = { ...made, ann: await made.person("ann"), bob: await made.person("bob") };
  await at.root.call("/settings", { method: "PUT", body: { fullAccessMayPublish: true } });
  const history = new AssetHistory(SPACE);
  const random = seeded(SEED);
  const binned: string[] = [];
  const counts: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const asked = Array.from({ length: AT_ONCE }, () => ask(at, random, binned));
    const lists = Array.from({ length: 3 }, () => at.root.call("?level=versions&limit=100"));
    const done = (await Promise.all(asked.map(acknowledged))).filter((one) => one !== undefined);
    for (const { status, body } of await Promise.all(lists)) {
      const paths = body.items.map(({ path }: { path: string }) => path);
      expect([status, new Set(paths).size]).toEqual([200, paths.length]);
    }
    history.add(done);
    for (const { done: one } of done) {
      counts[one.do] = (counts[one.do] ?? 0) + 1;
      if (one.do === "delete") binned.push(one.id);
      if (one.do === "restore") binned.splice(binned.indexOf(one.id), 1);
    }
    expect(await standing(at), `round ${round}`).toEqual(history.told());
  }
  // Of few some may not have happened.
  const kinds = ["delete", "give", "join", "leave", "make", "move", "restore", "take", "transfer"];
  expect(kinds.filter((kind) => counts[kind] !== undefined).length).toBeGreaterThanOrEqual(ROUNDS < 200 ? 5 : kinds.length);
});
