/** Change sets of the native surface, and the preview of one that is not made yet. Mapping only. */
import { PAGE_USUAL, PreviewRequest, RevertRequest } from "@reeve/contract";
import type { Change, Fault, Key, Kind } from "@reeve/core";
import {
  type ChangeSets,
  type Cursors,
  type Position,
  type Preview,
  type PreviewPosition,
  type Unanswered,
  writeRevision,
} from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../query.ts";
import { validator, validBody } from "../validate.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { readChangeList } from "./changes-body.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";
import { askedBy, nameOf, refused } from "./writing.ts";

const validateRevert = validator<{ readonly reason?: string }>(RevertRequest);
const validatePreview = validator<PreviewBody>(PreviewRequest);
type PreviewBody = {
  readonly changes: readonly unknown[];
  readonly catalogue?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
};

export type HistoryOptions = { readonly changeSets: ChangeSets; readonly preview: Preview; readonly cursors: Cursors };
type HistoryRoute = "listChangeSets" | "getChangeSet" | "revertChangeSet" | "preview";

export function historyHandlers(options: HistoryOptions): Pick<Handlers, HistoryRoute> {
  return {
    listChangeSets: (exchange) => listChangeSets(options, exchange),
    getChangeSet: (exchange) => getChangeSet(options, exchange),
    revertChangeSet: (exchange) => revertChangeSet(options, exchange),
    preview: (exchange) => previewChanges(options, exchange),
  };
}

const paramsOf = ({ request }: Exchange): { readonly org: string; readonly id: string } => request.params as never;

async function listChangeSets({ changeSets, cursors }: HistoryOptions, exchange: Exchange): Promise<unknown> {
  const { org } = paramsOf(exchange);
  const { limit, cursor } = queryOf(exchange.request.url, ["limit", "cursor"]);
  const question = ["change-sets", org];
  const position = positionOf(cursors, question, { cursor });
  const max = limitOf(limit);
  const page = await changeSets.list(org, { max, ...(position === undefined ? {} : { before: Number(position[0]) }) });
  if (page === undefined) throw new HttpProblem("organization_not_found");
  const items = page.items.map(({ count, ...set }) => ({ ...told(set, page.epoch), changes: count }));
  const last = items.length < max ? undefined : page.items.at(-1)?.revision;
  return pageOf(items, last === undefined ? undefined : [String(last)], { cursors, question });
}

async function getChangeSet({ changeSets }: HistoryOptions, exchange: Exchange): Promise<unknown> {
  const { org, id } = paramsOf(exchange);
  const found = await changeSets.get(org, id);
  if (found === undefined) throw new HttpProblem("change_set_not_found");
  return { ...told(found.event, found.epoch), changes: found.event.changes };
}

type Told = Pick<Found["event"], "changeSet" | "revision" | "timeMs" | "actor" | "action" | "reason" | "requestId">;
type Found = NonNullable<Awaited<ReturnType<ChangeSets["get"]>>>;

/** A change set, but for its changes. */
function told({ changeSet, revision = 0, timeMs, actor, action, reason, requestId }: Told, epoch: string): object {
  return {
    id: changeSet,
    revision: writeRevision({ epoch, revision }),
    time: timeMs,
    actor,
    action,
    ...(reason === undefined ? {} : { reason }),
    requestId,
  };
}

async function revertChangeSet({ changeSets }: HistoryOptions, exchange: Exchange): Promise<unknown> {
  const { org, id } = paramsOf(exchange);
  const result = await changeSets.revert({ organization: org, id, ...validBody(validateRevert, exchange), ...askedBy(exchange) });
  if (result.ok) {
    exchange.reply.header(REVISION_HEADER, result.value.revision);
    return result.value;
  }
  const { error } = result;
  if (error.code === "change_set_not_found") throw new HttpProblem("change_set_not_found");
  if (error.code === "revert_conflict") throw new HttpProblem("revert_conflict", conflict(error.objects));
  throw refused(error);
}

function conflict(objects: readonly { readonly kind: Kind; readonly key: Key }[]): { readonly detail: string; readonly errors: never } {
  const errors: Fault[] = objects.map(({ kind, key }) => ({
    code: "in_use",
    pointer: "",
    detail: `The ${nameOf(kind, key)} was changed since, or would be taken away with what is taken back.`,
  }));
  return { detail: "Take back the later change sets first, or write what should be.", errors: errors as never };
}

async function previewChanges({ preview, cursors }: HistoryOptions, exchange: Exchange): Promise<unknown> {
  const { org } = paramsOf(exchange);
  const body = exchange.request.body as PreviewBody;
  const validated = validatePreview(body);
  const faults = validated.ok ? [] : validated.error.filter(({ pointer }) => !pointer.startsWith("/changes/"));
  const read = readChangeList(body, faults);
  const changes: readonly Change[] = read.changes;
  const question = ["preview", org, body.changes, body.catalogue === true];
  const isCatalogue = body.catalogue === true;
  const asked = { organization: org, changes, isCatalogue, max: body.limit ?? PAGE_USUAL };
  return previewPage({ preview, cursors }, exchange, { ...asked, question, cursor: body.cursor });
}

type Asked = Pick<Parameters<Preview["of"]>[0], "organization" | "changes" | "isCatalogue" | "max"> & {
  /** What the cursors of its pages are of. */
  readonly question: unknown;
  readonly cursor: string | undefined;
};

/** A page of a preview, as it is answered. */
export async function previewPage(
  { preview, cursors }: Pick<HistoryOptions, "preview" | "cursors">,
  exchange: Exchange,
  { question, cursor, ...asked }: Asked,
) {
  const position = positionOf(cursors, question, { cursor, pointer: "/cursor" });
  const atLeast = atLeastOf(undefined, exchange.request.headers[AT_LEAST]);
  const result = await preview.of({
    ...asked,
    actor: askedBy(exchange).actor,
    isGone: () => exchange.reply.raw.destroyed,
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(position === undefined ? {} : whereFrom(position)),
  });
  if (!result.ok) {
    if (result.error.code === "too_many_requests") exchange.reply.header("retry-after", "1");
    throw notPreviewed(result.error);
  }
  const { revision, next, ...rest } = result.value;
  exchange.reply.header(REVISION_HEADER, revision);
  return {
    revision,
    ...rest,
    ...(next === undefined
      ? {}
      : { next: cursors.write(question, [revision, String(next.told), ...(next.principal === undefined ? [] : [next.principal])]) }),
  };
}

function whereFrom([revision = "", told, principal]: Position): { readonly revision: string; readonly after: PreviewPosition } {
  return { revision, after: { told: Number(told), ...(principal === undefined ? {} : { principal }) } };
}

type NotPreviewed = Extract<Awaited<ReturnType<Preview["of"]>>, { readonly ok: false }>["error"];

const isUnanswered = (error: NotPreviewed): error is Unanswered => !("faults" in error) && UNANSWERED.includes(error.code);
const UNANSWERED: readonly NotPreviewed["code"][] = ["malformed_revision", "revision_not_reached", "revision_of_another_history"];

function notPreviewed(error: NotPreviewed): HttpProblem {
  if (isUnanswered(error)) return unanswered(error);
  switch (error.code) {
    case "preview_outdated":
    case "too_many_requests":
      return new HttpProblem(error.code);
    default:
      return refused(error);
  }
}
