/** Assets of the native surface. Mapping only: what may be seen and done is the engine's to say. */
import {
  ASSET_LEVELS,
  type AssetAnswer,
  AssetDetails,
  AssetRequest,
  AssetSettingsRequest,
  OwnerRequest,
  PermissionRequest,
  PermissionsRequest,
  RestoreRequest,
  StateRequest,
  SubtreeRequest,
} from "@reeve/contract";
import { parsePath, type Reach } from "@reeve/core";
import {
  AssetRefused,
  type Assets,
  type Cursors,
  type Objects,
  readRevision,
  type Unanswered,
  type WriteRefused,
  writeRevision,
} from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { faultyQuery, queryOf } from "../query.ts";
import { validator, validBody, withinRecord } from "../validate.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";
import { askedBy, etagOf, onceOf, preconditionOf, reasonOf, refused } from "./writing.ts";

type AssetRoute =
  | "listAssets"
  | "createAsset"
  | "getAsset"
  | "putAsset"
  | "deleteAsset"
  | "restoreAsset"
  | "putAssetOwner"
  | "putAssetState"
  | "listPermissions"
  | "putPermission"
  | "deletePermission"
  | "writePermissions"
  | "coverSubtree"
  | "getAssetSettings"
  | "putAssetSettings";
export type AssetOptions = { readonly assets: Assets; readonly objects: Pick<Objects, "read">; readonly cursors: Cursors };

const validateNew = validator<AssetRequest>(AssetRequest);
const validateDetails = validator<AssetDetails>(AssetDetails);
const validateRestore = validator<RestoreRequest>(RestoreRequest);
const validateOwner = validator<OwnerRequest>(OwnerRequest);
const validateState = validator<StateRequest>(StateRequest);
const validatePermission = validator<PermissionRequest>(PermissionRequest);
const validatePermissions = validator<PermissionsRequest>(PermissionsRequest);
const validateSubtree = validator<SubtreeRequest>(SubtreeRequest);
const validateSettings = validator<AssetSettingsRequest>(AssetSettingsRequest);
const CREATED = 201;
const NO_CONTENT = 204;

export function assetHandlers(options: AssetOptions): Pick<Handlers, AssetRoute> {
  const { assets } = options;
  const handle =
    (work: (exchange: Exchange) => Promise<unknown>) =>
    async (exchange: Exchange): Promise<unknown> => {
      try {
        return await work(exchange);
      } catch (error) {
        throw error instanceof AssetRefused ? problemOf(error) : error;
      }
    };
  return {
    listAssets: handle((exchange) => listed(options, exchange)),
    getAsset: handle((exchange) => shown(options, exchange, { path: pathIn(exchange), atLeast: atLeastIn(exchange) })),
    createAsset: handle(async (exchange) => {
      const { path, ...rest } = validBody(validateNew, exchange);
      const asset = { path, ...rest } as Parameters<Assets["create"]>[0]["asset"];
      const { revision } = answered(await assets.create({ ...writing(exchange), asset }));
      const location = `${exchange.request.url.split("?")[0]}/node?path=${encodeURIComponent(path)}`;
      exchange.reply.status(CREATED).header("location", location);
      return shownAfter(options, exchange, { path, revision });
    }),
    putAsset: handle(async (exchange) => {
      const details = validBody(validateDetails, exchange) as Parameters<Assets["edit"]>[0]["details"];
      const path = pathIn(exchange);
      return edited(options, exchange, { path, work: (expecting) => assets.edit({ ...expecting, details }) });
    }),
    deleteAsset: handle(async (exchange) => {
      const path = pathIn(exchange);
      const expecting = { ...writing(exchange), path, ...(await expected(options, exchange, path)) };
      const { id, until, revision } = answered(await assets.delete(expecting));
      exchange.reply.header(REVISION_HEADER, revision);
      return { id, path, until };
    }),
    restoreAsset: handle(async (exchange) => {
      const { path, revision } = answered(await assets.restore({ ...writing(exchange), ...validBody(validateRestore, exchange) }));
      return shownAfter(options, exchange, { path, revision });
    }),
    putAssetOwner: handle(async (exchange) => {
      const { path, owner, retain = true } = validBody(validateOwner, exchange);
      return edited(options, exchange, { path, work: (expecting) => assets.transfer({ ...expecting, owner, retain }) });
    }),
    putAssetState: handle(async (exchange) => {
      const { path, state } = validBody(validateState, exchange);
      return edited(options, exchange, { path, work: (expecting) => assets.move({ ...expecting, to: state }) });
    }),
    ...permissionHandlers(options, handle),
    getAssetSettings: handle(async (exchange) => {
      queryOf(exchange.request.url, []);
      return seen(exchange, await assets.settings({ ...asking(exchange), atLeast: atLeastIn(exchange) }));
    }),
    putAssetSettings: handle(async (exchange) => {
      const settings = validBody(validateSettings, exchange);
      const { revision } = answered(await assets.putSettings({ ...writing(exchange), settings }));
      const told = seen(exchange, await assets.settings(asking(exchange)));
      exchange.reply.header(REVISION_HEADER, revision);
      return told;
    }),
  };
}

type Handle = (work: (exchange: Exchange) => Promise<unknown>) => (exchange: Exchange) => Promise<unknown>;
type PermissionRoute = "listPermissions" | "putPermission" | "deletePermission" | "writePermissions" | "coverSubtree";

function permissionHandlers({ assets, cursors }: AssetOptions, handle: Handle): Pick<Handlers, PermissionRoute> {
  const tagAfter = async (exchange: Exchange, { path, revision }: { readonly path: string; readonly revision: string }): Promise<void> => {
    // Who gave an entry away that was his own right may not see the list any more: then there is no tag to tell.
    const list = await assets.permissions({ ...asking(exchange), path, max: 1 }).catch((error: unknown) => {
      if (error instanceof AssetRefused) return undefined;
      throw error;
    });
    if (list?.ok === true && list.revision === revision) exchange.reply.header("etag", etagOf(list.value.tag));
  };
  return {
    listPermissions: handle((exchange) => permissions({ assets, cursors }, exchange)),
    putPermission: handle(async (exchange) => {
      const { appliesToAll = false, ...entry } = validBody(validatePermission, exchange);
      const asked = { ...writing(exchange), path: entry.path, ...tagsOf(exchange), entries: [{ ...entry, appliesToAll }] };
      const { altered, revision } = answered(await assets.alter(asked));
      await tagAfter(exchange, { path: entry.path, revision });
      const [one] = altered;
      exchange.reply.status(one?.is === "made" ? CREATED : 200).header(REVISION_HEADER, revision);
      return one;
    }),
    deletePermission: handle(async (exchange) => {
      const { path = "", principal = "", reach } = queryOf(exchange.request.url, ["path", "principal", "reach"]);
      needed({ path, principal });
      if (reach !== undefined && !REACHES.includes(reach))
        throw faultyQuery([{ code: "not_allowed", pointer: "?reach", detail: "This is no reach.", allowed: REACHES }]);
      const entry = { path, principal, ...(reach === undefined ? {} : { reach: reach as Reach }) };
      const { revision } = answered(await assets.alter({ ...writing(exchange), path, ...tagsOf(exchange), entries: [entry] }));
      exchange.reply.status(NO_CONTENT).header(REVISION_HEADER, revision);
      return undefined;
    }),
    writePermissions: handle(async (exchange) => {
      const { entries, reason } = validBody(validatePermissions, exchange);
      const read = entries.map((entry) =>
        "access" in entry
          ? { ...entry, appliesToAll: entry.appliesToAll ?? false }
          : { path: entry.path, principal: entry.remove, ...(entry.reach === undefined ? {} : { reach: entry.reach }) },
      );
      const asked = { ...writing(exchange), ...(reason === undefined ? {} : { reason }), entries: read };
      const { altered, revision } = answered(await assets.alter(asked));
      exchange.reply.header(REVISION_HEADER, revision);
      return { revision, items: altered };
    }),
    coverSubtree: handle(async (exchange) => {
      const { reason, ...asked } = validBody(validateSubtree, exchange);
      const told = reason === undefined ? {} : { reason };
      const { revision, nodes, entries } = answered(await assets.cover({ ...writing(exchange), ...told, ...(asked as object as Subtree) }));
      exchange.reply.header(REVISION_HEADER, revision);
      return { revision, isPreview: asked.revision === undefined, entries, items: nodes };
    }),
  };
}
type Subtree = Pick<Parameters<Assets["cover"]>[0], "path" | "levels" | "entries" | "revision">;
const REACHES: readonly string[] = ["self", "subtree", "children"];

type Asking = { readonly caller: NonNullable<Exchange["caller"]>; readonly organization: string };

function asking({ caller, request }: Exchange): Asking {
  if (caller === undefined) throw new HttpProblem("not_authenticated");
  return { caller, organization: (request.params as { readonly org: string }).org };
}
const writing = (exchange: Exchange) => ({ ...asking(exchange), ...askedBy(exchange), ...reasonOf(exchange), ...onceOf(exchange) });
const atLeastIn = ({ request }: Exchange): string | undefined => atLeastOf(undefined, request.headers[AT_LEAST]);

function needed(query: Readonly<Record<string, string>>): void {
  const lacking = Object.keys(query).filter((name) => query[name] === "");
  if (lacking.length > 0)
    throw faultyQuery(lacking.map((name) => ({ code: "required", pointer: `?${name}`, detail: `The query must say ${name}.` })));
}

function pathIn({ request }: Exchange): string {
  const { path = "" } = queryOf(request.url, ["path"]);
  needed({ path });
  return path;
}

async function listed({ assets, cursors }: AssetOptions, exchange: Exchange): Promise<unknown> {
  const { level = "", below, limit, cursor } = queryOf(exchange.request.url, ["level", "below", "limit", "cursor"]);
  const max = limitOf(limit);
  const asked = asking(exchange);
  const question = ["assets", asked.organization, asked.caller.principal?.id ?? null, level, below ?? null];
  const after = positionOf(cursors, question, { cursor })?.[0];
  const known = ASSET_LEVELS.find((one) => one === level);
  if (known === undefined)
    throw faultyQuery([
      { code: level === "" ? "required" : "not_allowed", pointer: "?level", detail: "This is a level.", allowed: [...ASSET_LEVELS] },
    ]);
  const page = { max, ...(after === undefined ? {} : { after: after as string }) };
  const at = below === undefined ? {} : { below };
  const { items, ancestors, next } = seen(
    exchange,
    await assets.list({ ...asked, level: known, ...at, ...page, atLeast: atLeastIn(exchange) }),
  );
  const told = items.map((one) => toldOf(one, { isWhole: false }));
  return {
    ...pageOf(told, next === undefined ? undefined : [next], { cursors, question }),
    ancestors: ancestors.map((stub) => ({ ...stub, stub: true })),
  };
}

type Told = Parameters<typeof toldOf>[0];

/** Documents may be long: lists leave them out. */
function toldOf(
  {
    record,
    level,
    id,
    state,
    actions,
  }: {
    readonly record: { readonly path: string; readonly document?: unknown };
    readonly level: AssetAnswer["level"];
    readonly id: string;
    readonly state?: string;
    readonly actions: readonly string[];
  },
  { isWhole }: { readonly isWhole: boolean },
): AssetAnswer {
  const { document, ...rest } = record;
  const whole = document === undefined || !isWhole ? {} : { document };
  return {
    ...(rest as object),
    ...whole,
    path: record.path,
    level,
    id,
    ...(state === undefined ? {} : { state }),
    actions: [...actions],
  } as AssetAnswer;
}

type Shown = { readonly path: string; readonly revision?: string; readonly atLeast?: string | undefined };

/** The asset as it stands, with its ETag. `revision`: of the write before. */
async function shownAfter(
  options: AssetOptions,
  exchange: Exchange,
  written: Required<Pick<Shown, "path" | "revision">>,
): Promise<AssetAnswer> {
  const told = await shown(options, exchange, written).catch((error: unknown) => {
    // What was done is done, though whoever did it may not view it any more, or never might.
    if (error instanceof AssetRefused) return undefined;
    throw error;
  });
  exchange.reply.header(REVISION_HEADER, written.revision);
  const { path } = written;
  const { type = "", id = "" } = parsePath(path)?.pairs.at(-1) ?? {};
  return told ?? { path, level: type as AssetAnswer["level"], id, actions: [] };
}

async function shown({ assets, objects }: AssetOptions, exchange: Exchange, { path, revision, atLeast }: Shown): Promise<AssetAnswer> {
  const { organization } = asking(exchange);
  const asset: Told = seen(exchange, await assets.read({ ...asking(exchange), path, atLeast }));
  const found = await objects.read({ organization, kind: "resource", key: [path] }, undefined);
  // After a write, of what it wrote: what others wrote since has another tag.
  const isOwn = "code" in found || revision === undefined || found.object?.revision === readRevision(revision)?.revision;
  if (!("code" in found) && found.object !== undefined && isOwn)
    exchange.reply.header("etag", etagOf(writeRevision({ epoch: found.head.epoch, revision: found.object.revision })));
  if (revision !== undefined) exchange.reply.header(REVISION_HEADER, revision);
  return toldOf(asset, { isWhole: true });
}

type Editing = {
  readonly path: string;
  readonly work: (
    expecting: ReturnType<typeof writing> & { readonly path: string; readonly revision?: number },
  ) => ReturnType<Assets["edit"]>;
};

/** A write of one asset, under the ETag that the client names; answered by what stands after it. */
async function edited(options: AssetOptions, exchange: Exchange, { path, work }: Editing): Promise<AssetAnswer | undefined> {
  const { revision } = answered(await work({ ...writing(exchange), path, ...(await expected(options, exchange, path)) }));
  return shownAfter(options, exchange, { path, revision });
}

/** The number of the revision that `If-Match` names. A tag of another history, or none of ours, is one that never was. */
async function expected({ objects }: AssetOptions, exchange: Exchange, path: string): Promise<{ readonly revision?: number }> {
  if (exchange.request.headers["if-match"] === undefined) return {};
  const found = await objects.read({ organization: asking(exchange).organization, kind: "resource", key: [path] }, undefined);
  const epoch = "code" in found ? "" : found.head.epoch;
  const wanted = preconditionOf(exchange, epoch);
  if (typeof wanted === "number") return { revision: wanted };
  return wanted === "none" ? { revision: Number.MAX_SAFE_INTEGER } : {};
}

/** The tags that `If-Match` names; absent: any list will do. */
function tagsOf({ request }: Exchange): { readonly tags?: readonly string[] } {
  const header = request.headers["if-match"]?.trim();
  if (header === undefined || header === "*") return {};
  const tag = /^"([^"]*)"$/.exec(header)?.[1];
  if (tag === undefined)
    throw new HttpProblem("malformed_header", { detail: 'If-Match takes one strong ETag, as it was given ("…"), or *.' });
  return { tags: [tag] };
}

async function permissions({ assets, cursors }: Pick<AssetOptions, "assets" | "cursors">, exchange: Exchange): Promise<unknown> {
  const { path = "", limit, cursor } = queryOf(exchange.request.url, ["path", "limit", "cursor"]);
  const max = limitOf(limit);
  const asked = asking(exchange);
  const question = ["asset permissions", asked.organization, path];
  const after = positionOf(cursors, question, { cursor }) as readonly string[] | undefined;
  needed({ path });
  const page = { max, ...(after === undefined ? {} : { after }) };
  const { items, next, tag, canEdit, level } = seen(
    exchange,
    await assets.permissions({ ...asked, path, ...page, atLeast: atLeastIn(exchange) }),
  );
  exchange.reply.header("etag", etagOf(tag));
  const rows = items.map(({ perms, ...row }) => ({ ...row, perms: [...perms] }));
  return { path, level, canEdit, ...pageOf(rows, next, { cursors, question }) };
}

type Seen<T> = { readonly ok: true; readonly value: T; readonly revision: string } | { readonly ok: false; readonly error: Unanswered };

/** What was read, and the revision that it was read at. */
function seen<T>({ reply }: Exchange, result: Seen<T>): T {
  if (!result.ok) throw unanswered(result.error);
  reply.header(REVISION_HEADER, result.revision);
  return result.value;
}

function answered<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WriteRefused }): T {
  if (result.ok) return result.value;
  const { error } = result;
  if (error.code !== "changes_refused") throw refused(error);
  throw refused({ ...error, faults: error.faults.map((fault) => ({ ...fault, pointer: withinRecord(fault.pointer) })) });
}

function problemOf({ code, detail, faults }: AssetRefused): HttpProblem {
  if (code !== "malformed_request") return new HttpProblem(code, { detail });
  return faults.some(({ pointer }) => pointer.startsWith("?")) ? faultyQuery(faults) : faultyBody(faults);
}
