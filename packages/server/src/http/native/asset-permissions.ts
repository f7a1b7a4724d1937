/** Permissions of assets on the native surface: entries, who holds what through what, and what altering would do. Mapping only. */
import { AssetPreviewRequest, HOLDER_TYPES, PAGE_USUAL, PermissionRequest, PermissionsRequest, SubtreeRequest } from "@reeve/contract";
import { LIMITS, present, REACHES } from "@reeve/core";
import { AssetRefused, type Assets, type Cursors, doesNotFit, type Preview, type Proposal } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { faultyQuery, queryOf } from "../query.ts";
import { validator, validBody } from "../validate.ts";
import { answered, asking, atLeastIn, needed, refusing, seen, writing } from "./asset-exchange.ts";
import { REVISION_HEADER } from "./at-least.ts";
import { previewPage } from "./history.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";
import { etagOf, tagIn } from "./writing.ts";

type PermissionRoute =
  | "listPermissions"
  | "putPermission"
  | "deletePermission"
  | "writePermissions"
  | "coverSubtree"
  | "listHolders"
  | "findPrincipals"
  | "previewAssets";
export type PermissionOptions = { readonly assets: Assets; readonly preview: Preview; readonly cursors: Cursors };

const validatePermission = validator<PermissionRequest>(PermissionRequest);
const validatePermissions = validator<PermissionsRequest>(PermissionsRequest);
const validateSubtree = validator<SubtreeRequest>(SubtreeRequest);
const validatePreview = validator<AssetPreviewRequest>(AssetPreviewRequest);
const CREATED = 201;
const NO_CONTENT = 204;

export function permissionHandlers(options: PermissionOptions): Pick<Handlers, PermissionRoute> {
  return {
    ...entryHandlers(options),
    listPermissions: refusing((exchange) => permissions(options, exchange)),
    listHolders: refusing((exchange) => holders(options, exchange)),
    findPrincipals: refusing((exchange) => principals(options, exchange)),
    previewAssets: refusing((exchange) => previewed(options, exchange)),
  };
}

type EntryRoute = "putPermission" | "deletePermission" | "writePermissions" | "coverSubtree";

function entryHandlers({ assets }: PermissionOptions): Pick<Handlers, EntryRoute> {
  const tagAfter = async (exchange: Exchange, { path, revision }: { readonly path: string; readonly revision: string }): Promise<void> => {
    // Who gave an entry away that was his own right may not see the list any more: then there is no tag to tell.
    const list = await assets.permissions({ ...asking(exchange), path, max: 1 }).catch((error: unknown) => {
      if (error instanceof AssetRefused) return undefined;
      throw error;
    });
    if (list?.ok === true && list.revision === revision) exchange.reply.header("etag", etagOf(list.value.tag));
  };
  return {
    putPermission: refusing(async (exchange) => {
      const { appliesToAll = false, ...entry } = validBody(validatePermission, exchange);
      const asked = { ...writing(exchange), path: entry.path, ...tagsOf(exchange), entries: [{ ...entry, appliesToAll }] };
      const { altered, revision } = answered(await assets.alter(asked));
      await tagAfter(exchange, { path: entry.path, revision });
      const [one] = altered;
      exchange.reply.status(one?.is === "made" ? CREATED : 200).header(REVISION_HEADER, revision);
      return one;
    }),
    deletePermission: refusing(async (exchange) => {
      const { path = "", principal = "", reach } = queryOf(exchange.request.url, ["path", "principal", "reach"]);
      needed({ path, principal });
      const known = REACHES.find((one) => one === reach);
      if (reach !== undefined && known === undefined)
        throw faultyQuery([{ code: "not_allowed", pointer: "?reach", detail: "This is no reach.", allowed: [...REACHES] }]);
      const entry = { path, principal, ...present({ reach: known }) };
      const { revision } = answered(await assets.alter({ ...writing(exchange), path, ...tagsOf(exchange), entries: [entry] }));
      exchange.reply.status(NO_CONTENT).header(REVISION_HEADER, revision);
      return undefined;
    }),
    writePermissions: refusing(async (exchange) => {
      const { entries, reason } = validBody(validatePermissions, exchange);
      const asked = { ...writing(exchange), ...present({ reason }), entries: entriesOf(entries) };
      const { altered, revision } = answered(await assets.alter(asked));
      exchange.reply.header(REVISION_HEADER, revision);
      return { revision, items: altered };
    }),
    coverSubtree: refusing(async (exchange) => {
      const { reason, ...asked } = validBody(validateSubtree, exchange);
      const { revision, nodes, entries } = answered(
        await assets.cover({ ...writing(exchange), ...present({ reason }), ...(asked as object as Subtree) }),
      );
      exchange.reply.header(REVISION_HEADER, revision);
      return { revision, isPreview: asked.revision === undefined, entries, items: nodes };
    }),
  };
}
type Subtree = Pick<Parameters<Assets["cover"]>[0], "path" | "levels" | "entries" | "revision">;

/** As the assets take them. */
const entriesOf = (entries: PermissionsRequest["entries"]): Parameters<Assets["alter"]>[0]["entries"] =>
  entries.map((entry) =>
    "access" in entry
      ? { ...entry, appliesToAll: entry.appliesToAll ?? false }
      : { path: entry.path, principal: entry.remove, ...present({ reach: entry.reach }) },
  );

/** The tags that `If-Match` names; absent: any list will do. */
function tagsOf({ request }: Exchange): { readonly tags?: readonly string[] } {
  const header = request.headers["if-match"];
  return header === undefined || header.trim() === "*" ? {} : { tags: [tagIn(header)] };
}

async function permissions({ assets, cursors }: PermissionOptions, exchange: Exchange): Promise<unknown> {
  const { path = "", q, limit, cursor } = queryOf(exchange.request.url, ["path", "q", "limit", "cursor"]);
  const max = limitOf(limit);
  const asked = asking(exchange);
  const question = ["asset permissions", asked.organization, path, q ?? null];
  const after = positionOf(cursors, question, { cursor }) as readonly string[] | undefined;
  needed({ path });
  const page = { max, ...present({ after, text: q === undefined ? undefined : textIn(q) }) };
  const { items, next, tag, canEdit, level } = seen(
    exchange,
    await assets.permissions({ ...asked, path, ...page, atLeast: atLeastIn(exchange) }),
  );
  exchange.reply.header("etag", etagOf(tag));
  const rows = items.map(({ perms, ...row }) => ({ ...row, perms: [...perms] }));
  return { path, level, canEdit, ...pageOf(rows, next, { cursors, question }) };
}

/** What is typed of a principal. */
function textIn(text: string): string {
  if (text.length <= LIMITS.nameCharactersMax) return text;
  throw faultyQuery([{ code: "too_long", pointer: "?q", detail: `This has at most ${LIMITS.nameCharactersMax} characters.` }]);
}

async function holders({ assets, cursors }: PermissionOptions, exchange: Exchange): Promise<unknown> {
  const query = queryOf(exchange.request.url, ["path", "action", "type", "limit", "cursor"]);
  const { path = "", action = "view", type = "user", limit, cursor } = query;
  const max = limitOf(limit);
  const asked = asking(exchange);
  const question = ["asset holders", asked.organization, path, action, type];
  const after = positionOf(cursors, question, { cursor })?.[0];
  needed({ path });
  const kind = HOLDER_TYPES.find((one) => one === type);
  if (kind === undefined)
    throw faultyQuery([
      { code: "not_allowed", pointer: "?type", detail: "Groups hold through their members.", allowed: [...HOLDER_TYPES] },
    ]);
  const page = { max, ...present({ after }) };
  const { items, next } = seen(
    exchange,
    await assets.holders({ ...asked, path, action, type: kind, ...page, atLeast: atLeastIn(exchange) }),
  );
  return { path, action, ...pageOf(items, next === undefined ? undefined : [next], { cursors, question }) };
}

async function principals({ assets, cursors }: PermissionOptions, exchange: Exchange): Promise<unknown> {
  const { path = "", q = "", limit, cursor } = queryOf(exchange.request.url, ["path", "q", "limit", "cursor"]);
  const max = limitOf(limit);
  const asked = asking(exchange);
  const question = ["asset principals", asked.organization, path, q];
  const after = positionOf(cursors, question, { cursor }) as readonly string[] | undefined;
  needed({ path });
  const page = { max, ...present({ after }) };
  const { items, next } = seen(
    exchange,
    await assets.principals({ ...asked, path, text: textIn(q), ...page, atLeast: atLeastIn(exchange) }),
  );
  return pageOf(items, next, { cursors, question });
}

async function previewed({ assets, preview, cursors }: PermissionOptions, exchange: Exchange): Promise<unknown> {
  const { entries, limit = PAGE_USUAL, cursor, ...others } = validBody(validatePreview, exchange);
  const proposal = { ...present({ entries: entries && entriesOf(entries) }), ...others };
  if (Object.keys(proposal).length !== 1)
    throw faultyBody([
      { code: "required", pointer: "", detail: "This is a preview of one thing.", allowed: ["entries", "move", "departure"] },
    ]);
  const { caller, organization } = asking(exchange);
  const question = ["assets preview", organization, proposal];
  const changes = assets.wouldWrite({ caller, ...(proposal as Proposal) });
  const asked = { organization, changes, isCatalogue: false, max: limit, question, cursor };
  const page = await previewPage({ preview, cursors }, exchange, asked).catch((error: unknown) => {
    const isUnfit = error instanceof HttpProblem && error.code === "changes_refused";
    throw isUnfit && others.move !== undefined ? doesNotFit(others.move) : error;
  });
  // What would be written is more than he may see.
  const { changes: _, warnings: __, ...told } = page;
  return told;
}
