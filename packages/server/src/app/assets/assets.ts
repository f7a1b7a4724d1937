/**
 * Assets: what the surfaces ask of them. Each request sees the organization by one plan; each write asks the plan that it alters.
 *
 * Invariant: whoever asks sees and does what the engine allows him, and learns of nothing else.
 */
import {
  type Change,
  compareUtf8,
  findRecord,
  formatPath,
  list,
  ownedBy,
  type Plan,
  present,
  product,
  type Resource,
  registeredOf,
} from "@reeve/core";
import type { Feed } from "../../feed/index.ts";
import type { Caller } from "../../identity/index.ts";
import { principalOf } from "../bearer.ts";
import type { Changes, DecidedChanges, Expected, Write, WriteRefused, Written } from "../changes.ts";
import type { Objects } from "../objects.ts";
import { planAt, type Unanswered } from "../plan-at.ts";
import { writeRevision } from "../revision.ts";
import * as done from "./changes.ts";
import { type CoveredNode, checkSeesAll, covering, type Subtree as SubtreeOf } from "./cover.ts";
import { type Departure, departed } from "./departure.ts";
import { type WithGivers, withGivers, withoutGivers } from "./givers.ts";
import { type Holders, type HoldersAsked, holdersOf } from "./holders.ts";
import { type AssetState, hasLife, stateOf } from "./lifecycle.ts";
import { API_MANAGEMENT, type Asset, type Level, View } from "./node.ts";
import { type Altered, checkTag, type Entry, given, type Removal, removed, tagOf } from "./permissions.ts";
import { type FindAsked, type Found, found } from "./principals.ts";
import { AssetRefused } from "./refusal.ts";
import { doesNotFit, type Relocation, relocatable, relocated } from "./relocation.ts";
import { type Rows, type RowsAsked, rowsOf } from "./rows.ts";

export type ShownAsset = {
  readonly record: Resource;
  readonly level: Level;
  readonly id: string;
  /** Of levels that have a life. */
  readonly state?: string;
  /** What who asks may do with it. */
  readonly actions: readonly string[];
};
export type Settings = { readonly fullAccessMayPublish: boolean; readonly legacyPermissions: boolean };
type By = { readonly caller: Caller; readonly organization: string };
type Asking = By & { readonly atLeast?: string | undefined };
type Writing = By & Pick<Write, "actor" | "requestId" | "reason" | "once">;
type On = { readonly path: string };
/** `revision`: the number of the one that changed the asset last. */
type Expecting = { readonly revision?: number };
type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WriteRefused };
/** `revision`: the wire form of the one that it was read at. */
type Read<T> = { readonly ok: true; readonly value: T; readonly revision: string } | { readonly ok: false; readonly error: Unanswered };
type Page<T> = { readonly items: readonly T[]; readonly next?: string };
export type Listed = Page<ShownAsset> & { readonly ancestors: readonly { readonly path: string; readonly name: string }[] };
/** `revision`: wire form of that of a preview, which is done; absent: this is a preview. */
export type Subtree = SubtreeOf & { readonly revision?: string };
export type Covered = {
  readonly revision: string;
  readonly nodes: readonly CoveredNode[];
  readonly entries: number;
};

/** What is not done yet. */
export type Proposal =
  | { readonly entries: readonly (Entry | Removal)[] }
  | { readonly move: Relocation }
  | { readonly departure: Departure };

/** Errors: `AssetRefused` is thrown; what the organization or the store stands against is a value. */
export type Assets = {
  list(
    asked: Asking & { readonly level: Level; readonly below?: string; readonly after?: string; readonly max: number },
  ): Promise<Read<Listed>>;
  read(asked: Asking & On): Promise<Read<ShownAsset>>;
  /** With these entries on it, in one write. */
  create(asked: Writing & { readonly asset: done.NewAsset; readonly entries?: readonly Entry[] }): Promise<Answer<Written>>;
  edit(asked: Writing & On & Expecting & { readonly details: done.Details }): Promise<Answer<Written>>;
  /** Into the bin, under the id that is given. */
  delete(asked: Writing & On & Expecting): Promise<Answer<Written & { readonly id: string; readonly until: number }>>;
  restore(asked: Writing & { readonly id: string; readonly owner?: string }): Promise<Answer<Written & On>>;
  transfer(asked: Writing & Expecting & done.Transfer): Promise<Answer<Written>>;
  /** On in its life. */
  advance(asked: Writing & On & Expecting & { readonly to: AssetState }): Promise<Answer<Written>>;
  /** To another path, with all below it. `ifRevision`: wire form of the one that the organization must stand at. */
  relocate(asked: Writing & Relocation & Expecting & { readonly ifRevision?: string }): Promise<Answer<Written>>;
  /** Somebody leaves the organization. `owned`: the paths of what he owned. */
  depart(asked: Writing & Departure): Promise<Answer<Written & { readonly owned: readonly string[] }>>;
  /** What one of these would write, for a preview of it. */
  wouldWrite(asked: Pick<By, "caller"> & Proposal): DecidedChanges;
  /** `tag`: of the list as a whole. */
  permissions(asked: Asking & RowsAsked): Promise<Read<Rows & { readonly level: Level; readonly tag: string; readonly canEdit: boolean }>>;
  /** Who may do something with it, and through what. */
  holders(asked: Asking & HoldersAsked): Promise<Read<Holders>>;
  /** Whom an entry of the asset may be given to, by what was typed of them. For who may edit its permissions. */
  principals(asked: Asking & On & FindAsked): Promise<Read<Found>>;
  /** All or none, each looked at after those before it. `tags`: one of them must be that of the asset's permissions. */
  alter(
    asked: Writing & { readonly path?: string; readonly tags?: readonly string[]; readonly entries: readonly (Entry | Removal)[] },
  ): Promise<Answer<Written & { readonly altered: readonly Pick<Altered, "is" | "path">[] }>>;
  cover(asked: Writing & Subtree): Promise<Answer<Covered>>;
  settings(asked: Asking): Promise<Read<Settings>>;
  putSettings(asked: Writing & { readonly settings: Partial<Settings> }): Promise<Answer<Written>>;
};

export type AssetsOptions = {
  readonly feed: Feed;
  readonly changes: Pick<Changes, "write">;
  readonly objects: Pick<Objects, "read">;
  readonly clock: () => number;
  readonly newId: () => string;
};

export function createAssets(options: AssetsOptions): Assets {
  return {
    ...nodesOf(options),
    ...entriesOf(options),
    async depart(asked) {
      let owned: readonly string[] = [];
      const make = (view: View): readonly Change[] => {
        owned = ownedBy(view.plan, asked.principal).map(({ path }) => path);
        return departed(view, asked);
      };
      const result = await written(options, asked, { action: "assets.departure", make });
      return result.ok ? { ok: true, value: { ...result.value, owned: [...owned].sort(compareUtf8) } } : result;
    },
    wouldWrite: ({ caller, ...asked }) => ({
      decided(plan) {
        const view = new View(plan, caller.principal, options.clock());
        if ("move" in asked) {
          checkSeesAll(view, asked.move.path);
          return relocated(view, asked.move, withoutGivers);
        }
        if ("departure" in asked) return departed(view, asked.departure);
        const altered = alteredBy(view, asked.entries);
        for (const { path } of altered) checkSeesAll(view, path);
        return altered.flatMap(({ changes }) => changes);
      },
    }),
    settings: (asked) => seen(options, asked, ({ plan }) => settingsOf(plan)),
    putSettings: (asked) =>
      written(options, asked, {
        action: "assets.settings",
        make: (view) => {
          if (!view.administers) throw new AssetRefused("not_permitted", "Who administers the organization sets this.");
          return Object.entries(asked.settings).map(
            ([name, value]): Change => ({ put: { kind: "setting", value: { product: API_MANAGEMENT, name, value } } }),
          );
        },
      }),
  };
}

type Nodes = Pick<Assets, "list" | "read" | "create" | "edit" | "delete" | "restore" | "transfer" | "advance" | "relocate">;

function nodesOf(options: AssetsOptions): Nodes {
  return {
    list: (asked) => seen(options, asked, (view) => listed(view, asked)),
    read: (asked) => seen(options, asked, (view) => shown(view, view.see(asked.path))),
    create: (asked) => written(options, asked, { action: "assets.create", make: (view) => createdWith(view, asked) }),
    edit: (asked) =>
      written(options, asked, { action: "assets.edit", on: asked, make: (view) => done.edited(view, asked.path, asked.details) }),
    async delete(asked) {
      const id = options.newId();
      let until = 0;
      const result = await goingAlong(options, asked, {
        going: (view) => done.deletable(view, asked.path),
        work: (told) =>
          written(options, asked, {
            action: "assets.delete",
            on: asked,
            make: (view) => {
              until = done.untilOf({ deletedAt: view.nowMs });
              return done.deleted(view, asked.path, { id, told });
            },
          }),
      });
      return result.ok ? { ok: true, value: { ...result.value, id, until } } : result;
    },
    async restore(asked) {
      let path = "";
      const result = await written(options, asked, {
        action: "assets.restore",
        areDated: true,
        make: (view) => {
          ({ path } = done.inBin(view, asked.id));
          return done.restored(view, asked.id, asked.owner);
        },
      });
      return result.ok ? { ok: true, value: { ...result.value, path } } : result;
    },
    transfer: (asked) => written(options, asked, { action: "assets.transfer", on: asked, make: (view) => done.transferred(view, asked) }),
    advance: (asked) =>
      written(options, asked, { action: "assets.state", on: asked, make: (view) => done.advanced(view, asked.path, asked.to) }),
    async relocate(asked) {
      const result = await goingAlong(options, asked, {
        going: (view) => relocatable(view, asked),
        work: (told) =>
          written(options, asked, {
            action: "assets.move",
            on: asked,
            make: (view) => relocated(view, asked, told),
            areDated: true,
            ...present({ ifRevision: asked.ifRevision }),
          }),
      });
      if (!result.ok && result.error.code === "changes_refused") throw doesNotFit(asked);
      return result;
    },
  };
}

function entriesOf(options: AssetsOptions): Pick<Assets, "holders" | "principals" | "permissions" | "alter" | "cover"> {
  return {
    holders: (asked) => seen(options, asked, (view) => holdersOf(view, asked)),
    principals: (asked) =>
      seen(options, asked, (view) => {
        view.demand("edit_permissions", view.see(asked.path));
        return found(view.plan, asked);
      }),
    permissions: (asked) =>
      seen(options, asked, async (view) => {
        const asset = view.see(asked.path);
        view.demand("view_permissions", asset);
        const rows = await rowsOf({ objects: options.objects, organization: asked.organization, view }, asked);
        return { ...rows, level: asset.level, tag: tagOf(view.plan, asset.path), canEdit: view.may("edit_permissions", asset) };
      }),
    async alter(asked) {
      let altered: readonly Altered[] = [];
      const result = await written(options, asked, {
        action: "assets.permissions",
        make: (view) => {
          if (asked.path !== undefined) {
            view.see(asked.path);
            checkTag(view, asked.path, asked.tags);
          }
          altered = alteredBy(view, asked.entries);
          return altered.flatMap(({ changes }) => changes);
        },
      });
      return result.ok ? { ok: true, value: { ...result.value, altered: altered.map(({ is, path }) => ({ is, path })) } } : result;
    },
    cover: (asked) => covered(options, asked),
  };
}

async function seen<T>(
  { feed, clock }: AssetsOptions,
  { caller, organization, atLeast }: Asking,
  look: (view: View) => T | Promise<T>,
): Promise<Read<T>> {
  const plan = await planAt(feed, organization, atLeast);
  if ("code" in plan) return { ok: false, error: plan };
  return { ok: true, value: await look(new View(plan, caller.principal, clock())), revision: writeRevision(plan.at) };
}

type Going<T> = {
  readonly going: (view: View) => done.Belongings;
  readonly work: (told: WithGivers) => Promise<Answer<T>>;
};

/** Does what takes entries along, with who gave them. */
function goingAlong<T>(options: AssetsOptions, asked: By, { going, work }: Going<T>): Promise<Answer<T>> {
  const look = async <R>(at: (view: View) => Promise<R>): Promise<R | undefined> => {
    const told = await seen(options, asked, at);
    return told.ok ? told.value : undefined;
  };
  const { organization } = asked;
  return withGivers({ objects: options.objects, organization }, { seen: look, going: (view) => going(view).grants }, work);
}

function createdWith(view: View, { asset, entries = [] }: { readonly asset: done.NewAsset; readonly entries?: readonly Entry[] }) {
  const made = done.created(view, asset);
  return [...made, ...alteredBy(view.after(made), entries).flatMap(({ changes }) => changes)];
}

/** One after the other, each looked at after those before it. */
function alteredBy(view: View, entries: readonly (Entry | Removal)[]): readonly Altered[] {
  let now = view;
  return entries.map((entry) => {
    const one = "access" in entry ? given(now, entry) : removed(now, entry);
    now = now.after(one.changes);
    return one;
  });
}

type Doing = {
  readonly action: string;
  readonly on?: On & Expecting;
  readonly make: (view: View) => readonly Change[];
  readonly ifRevision?: string;
  /** What comes with it says who gave it. */
  readonly areDated?: true;
};

async function written(
  { changes, clock }: AssetsOptions,
  asked: Writing,
  { action, on, make, ifRevision, areDated }: Doing,
): Promise<Answer<Written>> {
  const { caller, organization, actor, requestId, reason, once } = asked;
  const expected: readonly Expected[] = on?.revision === undefined ? [] : [{ kind: "resource", key: [on.path], revision: on.revision }];
  return changes.write({
    organization,
    actor,
    requestId,
    action,
    expected,
    ...present({ reason, once, ifRevision, areDated }),
    changes: { decided: (plan) => make(new View(plan, caller.principal, clock())) },
  });
}

function shown(view: View, asset: Asset): ShownAsset {
  const { record, level, id } = asset;
  return { record, level, id, ...(hasLife(asset) ? { state: stateOf(record) } : {}), actions: view.actionsOn(asset) };
}

/** Those that who asks may view, in byte order of paths, and the names of what lies above them that he may not. */
function listed(
  view: View,
  { level, below, after, max }: { readonly level: Level; readonly below?: string; readonly after?: string; readonly max: number },
): Listed {
  const { plan, bearer, nowMs } = view;
  const query = { type: level, product: API_MANAGEMENT, ...present({ below }) };
  // Who stands above the organization sees all of it.
  const found =
    bearer === undefined
      ? pageOf(registeredOf(plan, query), { after, max })
      : list(plan, { ...query, ...VIEWED, principal: principalOf(bearer), max, ...present({ after }) }, nowMs);
  const items = found.entries.flatMap(({ id }) => {
    // Of a root type the plain id is given.
    const asset = view.find(id.startsWith("/") ? id : formatPath([{ type: level, id }]));
    return asset === undefined ? [] : [shown(view, asset)];
  });
  const stubs = new Map(items.flatMap(({ record }) => view.stubsAbove(record.path)).map((stub) => [stub.path, stub]));
  return { items, ancestors: [...stubs.values()], ...(found.next === undefined ? {} : { next: found.next }) };
}

const VIEWED = { list: "resources", action: { name: "view" } } as const;

function pageOf(paths: readonly string[], { after, max }: { readonly after: string | undefined; readonly max: number }) {
  const from = after === undefined ? 0 : paths.findIndex((path) => compareUtf8(path, after) > 0);
  const page = from === -1 ? [] : paths.slice(from, from + max);
  const isLast = from === -1 || from + max >= paths.length;
  return { entries: page.map((id) => ({ id })), ...(isLast ? {} : { next: page.at(-1) as string }) };
}

function settingsOf(plan: Plan): Settings {
  const declared = product(plan, API_MANAGEMENT)?.settings ?? {};
  const of = (name: keyof Settings): boolean => {
    const rec = findRecord(plan, "setting", [API_MANAGEMENT, name]);
    return rec?.kind === "setting" ? rec.value.value : (declared[name]?.default ?? false);
  };
  return { fullAccessMayPublish: of("fullAccessMayPublish"), legacyPermissions: of("legacyPermissions") };
}

/** Looked at first, and then done as it was looked at. */
async function covered(options: AssetsOptions, { path, levels, entries, revision, ...asked }: Writing & Subtree): Promise<Answer<Covered>> {
  let nodes: Covered["nodes"] = [];
  const make = (view: View): readonly Change[] => {
    const covers = covering(view, { path, entries, ...present({ levels }) });
    ({ nodes } = covers);
    return covers.changes;
  };
  const total = (): number => nodes.reduce((sum, { made, replaced }) => sum + made + replaced, 0);
  if (revision !== undefined) {
    const result = await written(options, asked, { action: "assets.permissions", make, ifRevision: revision });
    return result.ok ? { ok: true, value: { revision: result.value.revision, nodes, entries: total() } } : result;
  }
  const plan = await planAt(options.feed, asked.organization, undefined);
  if ("code" in plan) return { ok: false, error: { code: "organization_not_found" } };
  make(new View(plan, asked.caller.principal, options.clock()));
  return { ok: true, value: { revision: writeRevision(plan.at), nodes, entries: total() } };
}
