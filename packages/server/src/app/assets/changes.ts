/**
 * What is done to assets: made, edited, deleted for a while, restored, given to another owner, moved on in their life. Each as changes that
 * are made of the plan that they alter.
 *
 * Source: the sheet of API Management's permissions, §1.1, §1.4, §1.9 and the decisions of its §2.
 * Invariant: an asset of a level that has owners has one, always a user; what is deleted comes back with everything it had.
 */
import {
  type Binned,
  belongings,
  binned,
  type Change,
  findRecord,
  formatPath,
  type Grant,
  grantsOn,
  isAtOrBelow,
  keyOf,
  LIMITS,
  type Plan,
  parentPath,
  parsePath,
  parseRecord,
  present,
  type Resource,
} from "@reeve/core";
import { checkBasePath } from "./base-path.ts";
import type { WithGivers } from "./givers.ts";
import { type AssetState, actionTo, checkDeletable, checkEditable, checkMove, hasLife } from "./lifecycle.ts";
import { idOf, type Level, levelOf, type View } from "./node.ts";
import { AssetRefused, malformed } from "./refusal.ts";

/** What may be said of an asset. Labels protect: administrators write them, as those of every resource. */
export type Details = Pick<Resource, "name" | "properties" | "basePath" | "document">;
export type NewAsset = Details & {
  readonly path: string;
  readonly owner?: string;
  /** Of an API: its first version, which has the id `1.0` where nothing is said. */
  readonly version?: Details & { readonly id?: string };
};

const BIN_MS = 30 * 86_400_000;
const FIRST_VERSION = "1.0";
/** Level → the action of its parent that makes one. Spaces are made by who administers the organization. */
const CREATE: Readonly<Record<string, string>> = {
  apis: "create_api",
  versions: "create_version",
  proxies: "create_proxy",
  projects: "create_project",
};
const NAME = /^[A-Za-z0-9][^|<>[\]{}#?/\\]*$/;
const RESERVED = "shared";

export const put = (value: Resource): Change => ({ put: { kind: "resource", value } });

/** What was said of an asset, as core reads it. `pointer`: where in the request it was said. */
export function said(value: Resource, pointer = ""): Resource {
  const parsed = parseRecord("resource", value, pointer);
  if (!parsed.ok) throw new AssetRefused("malformed_request", parsed.error);
  return parsed.value.value as Resource;
}

export function created(view: View, { path, owner, version, ...details }: NewAsset): readonly Change[] {
  const level = checkPath(view, path, "/path");
  if (level !== "spaces") checkParent(view, path, "/path");
  else if (!view.administers) throw new AssetRefused("not_permitted", "Who administers the organization makes spaces.");
  checkFree(view, path);
  if (version !== undefined && level !== "apis") throw malformed("/version", "An API has versions, and nothing else.");
  const owned = view.types[level]?.owner === undefined ? {} : { owner: ownerOf(view, owner) };
  const api = said({ path, ...owned, ...details });
  checkBasePath(view, { after: api, pointer: "/basePath" });
  const made = put(api);
  if (level !== "apis") return [made];
  const { id = FIRST_VERSION, ...first } = version ?? {};
  const below = `${path}${formatPath([{ type: "versions", id }])}`;
  checkName(below, "/version/id");
  const firstOne = said({ path: below, ...owned, ...first }, "/version");
  checkBasePath(view, { after: firstOne, pointer: "/version/basePath" });
  return [made, put(firstOne)];
}

/** The level of what a path names; `pointer`: where the request says it. Throws where it can name no asset. */
export function checkPath(view: View, path: string, pointer: string): Level {
  const parsed = parsePath(path);
  const level = levelOf(path);
  if (parsed === undefined || parsed.collection !== undefined || !Object.hasOwn(view.types, level))
    throw malformed(pointer, "This is the path of an asset, such as /spaces/apim/apis/orders.");
  checkName(path, pointer);
  return level as Level;
}

/** Throws where who asks may not make what a path names below what lies above it. */
export function checkParent(view: View, path: string, pointer: string): void {
  const parent = view.see(parentPath(path) as string);
  const level = levelOf(path) as Level;
  if (!view.levelsBelow(parent.level).includes(level)) throw malformed(pointer, `No ${level} lie below ${parent.level}.`);
  view.demand(CREATE[level] as string, parent, pointer);
}

export function checkFree({ plan }: View, path: string): void {
  if (findRecord(plan, "resource", [path]) !== undefined) throw new AssetRefused("object_exists", `There is ${path} already.`);
}

function checkName(path: string, pointer: string): void {
  const id = idOf(path);
  if (NAME.test(id) && !id.includes(RESERVED)) return;
  throw malformed(
    pointer,
    `A name begins with a letter or digit of ASCII, has none of | < > [ ] { } # ? / \\ and does not contain "${RESERVED}", in at most ${LIMITS.idCharactersMax} characters.`,
  );
}

/** Who makes it owns it; whom a creator who is no user names, is the owner. */
function ownerOf({ bearer, plan }: View, named: string | undefined): string {
  if (bearer?.type !== "user") {
    if (named !== undefined && !isActiveUser(plan, named)) throw new AssetRefused("unknown_principal", `There is no active user ${named}.`);
    if (named !== undefined) return named;
    throw malformed("/owner", "Who makes this is no user: name the user who owns it.");
  }
  if (named === undefined || named === bearer.id) return bearer.id;
  throw malformed("/owner", "Who makes it owns it, and may give it to somebody else.", [bearer.id]);
}

export function edited(view: View, path: string, details: Details): readonly Change[] {
  const asset = view.see(path);
  view.demand("edit_details", asset);
  const { owner, state, labels } = asset.record;
  const after = said({ path, ...present({ owner, state, labels }), ...details });
  checkEditable(asset, after);
  checkBasePath(view, { before: asset.record, after, pointer: "/basePath" });
  return [put(after)];
}

/** Until when what is deleted can be restored, exclusive. */
export const untilOf = ({ deletedAt }: Pick<Binned, "deletedAt">): number => deletedAt + BIN_MS;

/** What has lain in the bin for too long goes with the next that comes. */
function expired({ plan, nowMs }: View): readonly Change[] {
  const gone = binned(plan).filter((one) => untilOf(one) <= nowMs);
  // What lies within another goes with that.
  const isFirst = ({ within }: Binned): boolean => !gone.some(({ id }) => id === within);
  return gone.filter(isFirst).map(({ id }): Change => ({ delete: { kind: "binned", key: [id] } }));
}

export type Belongings = ReturnType<typeof belongings>;

/** What goes away with an asset, where who asks may take all of it away. Throws where not. */
export function leaving(view: View, path: string, pointer?: string): Belongings {
  view.demand("delete", view.see(path), pointer);
  const found = belongings(view.plan, path);
  for (const list of [found.resources, found.grants, found.links]) {
    if (list.length <= LIMITS.binnedMax) continue;
    throw new AssetRefused("too_many_items", `At most ${LIMITS.binnedMax} assets, and as many entries, go at a time.`);
  }
  // Deny wins, below too: what must not be deleted goes with nothing that it lies in.
  if (found.resources.some((one) => view.isDenied("delete", one.path)))
    throw new AssetRefused("not_permitted", `There is something at or below ${path} that you must not delete.`);
  return found;
}

/** What deleting would take along, where that may be done. Throws where not. */
export function deletable(view: View, path: string): Belongings {
  const found = leaving(view, path);
  checkDeletable(view.see(path), found.resources);
  return found;
}

export function deleted(view: View, path: string, { id, told }: { readonly id: string; readonly told: WithGivers }): readonly Change[] {
  const { resources, grants, links } = deletable(view, path);
  const by = view.bearer === undefined ? {} : { deletedBy: view.bearer.id };
  const value: Binned = { id, path, deletedAt: view.nowMs, ...by, resources, grants: told(grants, view.plan), links };
  checkRoom(view, value);
  return [
    ...expired(view),
    { delete: { kind: "resource", key: [path] } },
    { put: { kind: "binned", value } },
    // What was deleted from below it before comes back after it, and to nothing that is made there meanwhile.
    ...binned(view.plan)
      .filter((one) => one.within === undefined && one.path !== path && isAtOrBelow(one.path, path) && untilOf(one) > view.nowMs)
      .map((one): Change => ({ put: { kind: "binned", value: { ...one, within: id } } })),
  ];
}

/** Throws where the bin would hold more than may be: it is rewritten whenever somebody leaves. */
function checkRoom({ plan, nowMs }: View, value: Binned): void {
  const kept = binned(plan).filter((one) => untilOf(one) > nowMs);
  const characters = [...kept, value].reduce((sum, one) => sum + JSON.stringify(one).length, 0);
  if (kept.length >= BIN_ENTRIES_MAX || characters > BIN_CHARACTERS_MAX) throw full();
}
const BIN_ENTRIES_MAX = 1_000;
const BIN_CHARACTERS_MAX = 8_388_608;
const full = (): AssetRefused =>
  new AssetRefused("too_many_items", "The bin is full: an administrator restores something, or deletes it there.");

/** `owner`: of what lost its own meanwhile. */
export function restored(view: View, id: string, owner: string | undefined): readonly Change[] {
  const { path, resources, grants, links } = inBin(view, id);
  if (findRecord(view.plan, "resource", [path]) !== undefined)
    throw new AssetRefused("object_exists", `There is ${path} again: move or delete it first.`);
  const records = resources.map((record) =>
    isOwned(view, record.path) && record.owner === undefined ? { ...record, owner: ownerOf(view, owner) } : record,
  );
  // Who owns it now has no entry beside.
  const isOfOwner = ({ principal, resource }: Grant): boolean => records.some((one) => one.path === resource && one.owner === principal);
  // What it was linked to may be gone meanwhile, or lie in the bin.
  const isThere = (end: string): boolean =>
    records.some((one) => one.path === end) || findRecord(view.plan, "resource", [end]) !== undefined;
  return [
    ...records.map(put),
    ...grants.filter((grant) => !isOfOwner(grant)).map((value): Change => ({ put: { kind: "grant", value } })),
    ...links.filter(({ from, to }) => isThere(from) && isThere(to)).map((value): Change => ({ put: { kind: "link", value } })),
    ...binned(view.plan)
      .filter(({ within }) => within === id)
      .map(({ within: _, ...one }): Change => ({ put: { kind: "binned", value: one } })),
    { delete: { kind: "binned", key: [id] } },
  ];
}

const isOwned = ({ types }: View, path: string): boolean => types[levelOf(path)]?.owner !== undefined;

/** What lies in the bin, for who may restore it. Throws `asset_not_found`. */
export function inBin(view: View, id: string): Binned {
  const rec = findRecord(view.plan, "binned", [id]);
  const gone = new AssetRefused("asset_not_found", `There is nothing in the bin with the id ${id}.`);
  if (rec?.kind !== "binned" || untilOf(rec.value) <= view.nowMs) throw gone;
  const above = parentPath(rec.value.path);
  const parent = above === undefined ? undefined : view.find(above);
  if (parent === undefined) {
    if (!view.administers) throw gone;
    throw new AssetRefused("asset_state", `${above} is not there, where ${rec.value.path} was: restore it first.`);
  }
  if (!view.may("view", parent)) throw gone;
  view.demand("restore", parent);
  const { within, path } = rec.value;
  if (within === undefined) return rec.value;
  throw new AssetRefused("asset_state", `What ${path} lay in was deleted after it and lies in the bin, as ${within}: restore that first.`);
}

/** `retain`: the owner until now keeps full access, as an entry like any other. */
export type Transfer = { readonly path: string; readonly owner: string; readonly retain: boolean };

export function transferred(view: View, { path, owner, retain }: Transfer): readonly Change[] {
  const asset = view.see(path);
  view.demand("transfer_ownership", asset, "/path");
  if (!isActiveUser(view.plan, owner)) throw new AssetRefused("unknown_principal", `There is no active user ${owner}.`);
  const before = asset.record.owner;
  if (before === owner) return [];
  const absorbed = grantsOn(view.plan, path).filter(({ principal }) => principal === owner || principal === before);
  const kept: Grant | undefined =
    before === undefined || !retain ? undefined : { principal: before, resource: path, access: "RWX", reach: "self" };
  return [
    ...absorbed.map((value): Change => ({ delete: { kind: "grant", key: keyOf({ kind: "grant", value }) } })),
    put({ ...asset.record, owner }),
    ...(kept === undefined ? [] : [{ put: { kind: "grant", value: kept } } as const]),
  ];
}

export function isActiveUser(plan: Plan, id: string): boolean {
  const rec = findRecord(plan, "principal", [id]);
  return rec?.kind === "principal" && rec.value.type === "user" && rec.value.active;
}

export function advanced(view: View, path: string, to: AssetState): readonly Change[] {
  const asset = view.see(path);
  if (!hasLife(asset)) throw malformed("/path", "Versions and proxies are published, deprecated and retired.");
  view.demand(actionTo(to), asset, "/path");
  checkMove(asset, to);
  return [put({ ...asset.record, state: to })];
}
