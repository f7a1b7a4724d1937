/** Assets of the native surface. Mapping only: what may be seen and done is the engine's to say. */
import {
  ASSET_LEVELS,
  type AssetAnswer,
  AssetDetails,
  AssetRequest,
  AssetSettingsRequest,
  DepartureRequest,
  OwnerRequest,
  RelocationRequest,
  RestoreRequest,
  StateRequest,
} from "@reeve/contract";
import { parsePath, present } from "@reeve/core";
import { AssetRefused, type Assets, type Cursors, type Objects, readRevision, writeRevision } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyQuery, queryOf } from "../query.ts";
import { validator, validBody } from "../validate.ts";
import { answered, asking, atLeastIn, pathIn, refusing, seen, writing, writingEach } from "./asset-exchange.ts";
import { REVISION_HEADER } from "./at-least.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";
import { etagOf, preconditionOf } from "./writing.ts";

type AssetRoute =
  | "listAssets"
  | "createAsset"
  | "getAsset"
  | "putAsset"
  | "deleteAsset"
  | "restoreAsset"
  | "putAssetOwner"
  | "putAssetState"
  | "moveAsset"
  | "departAssetOwner"
  | "getAssetSettings"
  | "putAssetSettings";
export type AssetOptions = { readonly assets: Assets; readonly objects: Pick<Objects, "read">; readonly cursors: Cursors };

const validateNew = validator<AssetRequest>(AssetRequest);
const validateDetails = validator<AssetDetails>(AssetDetails);
const validateRestore = validator<RestoreRequest>(RestoreRequest);
const validateOwner = validator<OwnerRequest>(OwnerRequest);
const validateState = validator<StateRequest>(StateRequest);
const validateDeparture = validator<DepartureRequest>(DepartureRequest);
const validateRelocation = validator<RelocationRequest>(RelocationRequest);
const validateSettings = validator<AssetSettingsRequest>(AssetSettingsRequest);
const CREATED = 201;

export function assetHandlers(options: AssetOptions): Pick<Handlers, AssetRoute> {
  const { assets } = options;
  return {
    listAssets: refusing((exchange) => listed(options, exchange)),
    getAsset: refusing((exchange) => shown(options, exchange, { path: pathIn(exchange), atLeast: atLeastIn(exchange) })),
    createAsset: refusing(async (exchange) => {
      const { path, ...rest } = validBody(validateNew, exchange);
      const asset = { path, ...rest } as Parameters<Assets["create"]>[0]["asset"];
      const { revision } = answered(await assets.create({ ...writing(exchange), asset }));
      const location = `${exchange.request.url.split("?")[0]}/node?path=${encodeURIComponent(path)}`;
      exchange.reply.status(CREATED).header("location", location);
      return shownAfter(options, exchange, { path, revision });
    }),
    putAsset: refusing(async (exchange) => {
      const details = validBody(validateDetails, exchange) as Parameters<Assets["edit"]>[0]["details"];
      const path = pathIn(exchange);
      return edited(options, exchange, { path, work: (expecting) => assets.edit({ ...expecting, details }) });
    }),
    deleteAsset: refusing(async (exchange) => {
      const path = pathIn(exchange);
      const expecting = { ...writingEach(exchange), path, ...(await expected(options, exchange, path)) };
      const { id, until, revision } = answered(await assets.delete(expecting));
      exchange.reply.header(REVISION_HEADER, revision);
      return { id, path, until };
    }),
    restoreAsset: refusing(async (exchange) => {
      const { path, revision } = answered(await assets.restore({ ...writingEach(exchange), ...validBody(validateRestore, exchange) }));
      return shownAfter(options, exchange, { path, revision });
    }),
    moveAsset: refusing(async (exchange) => {
      const { path, to, ifRevision, reason } = validBody(validateRelocation, exchange);
      const move = { ...writing(exchange), ...present({ ifRevision, reason }), path, to, ...(await expected(options, exchange, path)) };
      const { revision } = answered(await assets.relocate(move));
      return shownAfter(options, exchange, { path: to, revision });
    }),
    departAssetOwner: refusing(async (exchange) => {
      const { reason, ...departure } = validBody(validateDeparture, exchange);
      const { revision, owned } = answered(await assets.depart({ ...writingEach(exchange), ...present({ reason }), ...departure }));
      exchange.reply.header(REVISION_HEADER, revision);
      return { revision, owned };
    }),
    putAssetOwner: refusing(async (exchange) => {
      const { path, owner, retain = true } = validBody(validateOwner, exchange);
      return edited(options, exchange, { path, work: (expecting) => assets.transfer({ ...expecting, owner, retain }) });
    }),
    putAssetState: refusing(async (exchange) => {
      const { path, state } = validBody(validateState, exchange);
      return edited(options, exchange, { path, work: (expecting) => assets.advance({ ...expecting, to: state }) });
    }),
    getAssetSettings: refusing(async (exchange) => {
      queryOf(exchange.request.url, []);
      return seen(exchange, await assets.settings({ ...asking(exchange), atLeast: atLeastIn(exchange) }));
    }),
    putAssetSettings: refusing(async (exchange) => {
      const settings = validBody(validateSettings, exchange);
      const { revision } = answered(await assets.putSettings({ ...writing(exchange), settings }));
      const told = seen(exchange, await assets.settings(asking(exchange)));
      exchange.reply.header(REVISION_HEADER, revision);
      return told;
    }),
  };
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
  const page = { max, ...present({ after, below }) };
  const { items, ancestors, next } = seen(exchange, await assets.list({ ...asked, level: known, ...page, atLeast: atLeastIn(exchange) }));
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
  const shown = present({ document: isWhole ? document : undefined, state });
  return { ...(rest as object), ...shown, path: record.path, level, id, actions: [...actions] } as AssetAnswer;
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
