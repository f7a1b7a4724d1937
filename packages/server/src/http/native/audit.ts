/** The audit of the native surface, and the activity log of the developer console, in pages or whole as CSV. Mapping only. */
import { Readable } from "node:stream";
import { PAGE_MAX } from "@reeve/contract";
import type { Activity, Audit, AuditLine, Cursors, Position } from "../../app/index.ts";
import { csvLine } from "../csv.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../query.ts";
import { asCsv, isCsvAsked } from "./csv-answer.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";

export type AuditOptions = { readonly audit: Audit; readonly cursors: Cursors };
type Page<T> = NonNullable<Awaited<ReturnType<Audit["lines"]>>> & { readonly items: readonly T[] };

export function auditHandlers({ audit, cursors }: AuditOptions): Pick<Handlers, "listAudit" | "listActivity"> {
  const paged = async <T extends AuditLine>(exchange: Exchange, list: Audit["lines"]): Promise<unknown> => {
    const { org } = exchange.request.params as { readonly org: string };
    const { limit, cursor } = queryOf(exchange.request.url, ["limit", "cursor"]);
    const question = [exchange.request.routeOptions.url, org];
    const before = cursorOf(positionOf(cursors, question, { cursor }));
    const page = (await list(org, { max: limitOf(limit), ...(before === undefined ? {} : { before }) })) as Page<T> | undefined;
    if (page === undefined) throw new HttpProblem("organization_not_found");
    const next = page.next === undefined ? undefined : [String(page.next.period), String(page.next.seq)];
    return pageOf(page.items.map(told), next, { cursors, question });
  };
  return {
    listAudit: (exchange) => paged(exchange, audit.lines),
    listActivity: async (exchange) => (isCsvAsked(exchange) ? csv(audit, exchange) : paged(exchange, audit.activity)),
  };
}

function cursorOf(position: Position | undefined): { readonly period: number; readonly seq: number } | undefined {
  return position === undefined ? undefined : { period: Number(position[0]), seq: Number(position[1]) };
}

/** A line as it is answered. */
function told({ timeMs, actor, action, target, reason, requestId, revision, changeSet, count, ...line }: AuditLine): object {
  return {
    time: timeMs,
    actor,
    action,
    target,
    ...(reason === undefined ? {} : { reason }),
    requestId,
    ...(revision === undefined ? {} : { revision }),
    ...(changeSet === undefined ? {} : { changeSet }),
    changes: count,
    ...("projects" in line ? { projects: line.projects } : {}),
  };
}

const TITLES = ["time", "actor_type", "actor", "action", "project", "project_name", "change", "target", "reason", "request", "change_set"];

/** All of it; who reads it slowly holds nobody else up. */
async function csv(audit: Audit, exchange: Exchange): Promise<Readable> {
  const { request } = exchange;
  const { org } = request.params as { readonly org: string };
  queryOf(request.url, []);
  const first = await audit.activity(org, { max: PAGE_MAX });
  if (first === undefined) throw new HttpProblem("organization_not_found");
  asCsv(exchange, "activity");
  return Readable.from(linesOf(audit, org, first));
}

async function* linesOf(audit: Audit, org: string, first: Page<Activity>): AsyncIterable<string> {
  yield csvLine(TITLES);
  for (let page: Page<Activity> | undefined = first; page !== undefined; ) {
    yield page.items.flatMap(cellsOf).map(csvLine).join("");
    // An organization that is deleted meanwhile has no more of it.
    page = page.next === undefined ? undefined : await audit.activity(org, { before: page.next, max: PAGE_MAX });
  }
}

/** A line for each project that it is about. */
function cellsOf({ timeMs, actor, action, target, reason, requestId, changeSet, projects }: Activity): readonly (string | undefined)[][] {
  const time = new Date(timeMs).toISOString();
  return projects.map(({ id, name, change }) => [
    time,
    actor.type,
    actor.id,
    action,
    id,
    name,
    change,
    target,
    reason,
    requestId,
    changeSet,
  ]);
}
