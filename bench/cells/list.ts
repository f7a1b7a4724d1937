/**
 * The cell of P6: 2,400 of 20,000 resources, complete, sorted, each decided with policies, and written as JSON.
 *
 * A person may view 1,300 by subtree grants of a group, 650 by direct grants of another, 650 by his own; labels deny 200 of these.
 * Invariant: a list of another length is a fault of the cell or of the engine, and ends it.
 */
import { compiler, type ListQuery, list, type Rec } from "@reeve/core";
import { median } from "../measure.ts";
import { Organization } from "../organization.ts";
import { labelPolicies, patternPolicies } from "../policies.ts";
import { LABELS, PRODUCT, product } from "../product.ts";
import { NOW, type Numbers } from "./decide.ts";

const SEED = 20_250_617;
const SPACES = 20;
const FOLDERS = 400;
const APIS = 20_000;
const APIS_A_FOLDER = APIS / FOLDERS;
/** How many are allowed. */
export const LISTED = 2_400;
const DENIED = 200;
const BY_SUBTREE = 1_300;
const BY_GROUP = 650;
const BY_PERSON = 650;
const CALLS_MAX = 300;
const TIME_MAX_MS = 10_000;
export const ASKER = "person@acme";

export function measureList(): Numbers {
  const one = compiler("acme");
  one.add(listedRecords());
  const plan = one.finish({ revision: 1, epoch: "bench" });
  const query: ListQuery = { list: "resources", principal: { type: "user", id: ASKER }, action: { name: "view" }, type: "apis", max: APIS };
  let bytes = 0;
  const times: number[] = [];
  const begun = performance.now();
  while (times.length < CALLS_MAX && (times.length < 10 || performance.now() - begun < TIME_MAX_MS)) {
    const start = performance.now();
    const page = list(plan, { ...query, context: { network: "inside" } }, NOW);
    bytes += JSON.stringify(page).length;
    times.push(performance.now() - start);
    if (page.entries.length !== LISTED) throw new Error(`${page.entries.length} entries instead of ${LISTED}`);
  }
  return { firstMs: times[0] as number, warmMs: median(times.slice(times.length / 3)), bytes };
}

/** Everything of the organization that is listed from. */
export function* listedRecords(): Iterable<Rec> {
  yield* records();
  yield* labelPolicies();
  yield* patternPolicies(new Organization({ seed: SEED, grants: 10_000 }), 10);
}

function* records(): Iterable<Rec> {
  yield { kind: "product", value: product() };
  for (const id of [ASKER, "team-one@acme", "team-two@acme"]) {
    yield { kind: "principal", value: { id, type: id === ASKER ? "user" : "group", active: true } };
    if (id !== ASKER) yield { kind: "membership", value: { group: id, member: ASKER } };
  }
  yield {
    kind: "role",
    value: {
      product: PRODUCT,
      id: "reader",
      name: "reader",
      type: "user-defined",
      sets: [],
      sandboxes: ["sb0"],
      labels: [LABELS[0] as string],
    },
  };
  yield { kind: "assignment", value: { role: "reader", principal: ASKER } };
  yield { kind: "resource", value: { path: "/sandboxes/sb0" } };
  for (let space = 0; space < SPACES; space++) yield { kind: "resource", value: { path: spaceAt(space) } };
  for (let folder = 0; folder < FOLDERS; folder++) {
    yield { kind: "resource", value: { path: folderAt(folder) } };
    if (folder < BY_SUBTREE / APIS_A_FOLDER) yield grant("team-one@acme", folderAt(folder), "subtree");
  }
  for (let api = 0; api < APIS; api++) yield* recordsOfApi(api);
}

/** The first are reached by subtree, the next by the group, the next by the person; of all of them every thirteenth is denied. */
function* recordsOfApi(api: number): Iterable<Rec> {
  const reached = BY_SUBTREE + BY_GROUP + BY_PERSON;
  const path = `${folderAt(Math.floor(api / APIS_A_FOLDER))}/apis/api-${api.toString(36)}`;
  const isDenied = api < reached && api % (reached / DENIED) === 0;
  const label = LABELS[isDenied ? 1 : 0] as string;
  yield { kind: "resource", value: { path, ...(isDenied || api % 3 === 0 ? { labels: [label] } : {}) } };
  if (api >= BY_SUBTREE && api < reached) yield grant(api < BY_SUBTREE + BY_GROUP ? "team-two@acme" : ASKER, path, "self");
}

function grant(principal: string, resource: string, reach: "self" | "subtree"): Rec {
  return { kind: "grant", value: { principal, resource, access: "R", reach } };
}
function spaceAt(space: number): string {
  return `/sandboxes/sb0/spaces/space-${space}`;
}
function folderAt(folder: number): string {
  return `${spaceAt(folder % SPACES)}/folders/folder-${folder}`;
}
