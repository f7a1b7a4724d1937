/** Reports of the native surface: queries → questions, rows → pages of JSON or lines of CSV. Mapping only. */
import { Readable } from "node:stream";
import { type Plan, present } from "@reeve/core";
import {
  type AccessRow,
  type Cursors,
  type MemberRow,
  type PermissionRow,
  type Questions,
  type Report,
  type Reported,
  type Reports,
  type RoleRow,
  type Slice,
  writeRevision,
} from "../../app/index.ts";
import { csvLine } from "../csv.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyQuery, valuesOf } from "../query.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { asCsv, isCsvAsked } from "./csv-answer.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";

export type ReportOptions = { readonly reports: Reports; readonly questions: Questions; readonly cursors: Cursors };
type ReportRoute = "reportAccess" | "reportGroupMembers" | "reportRolesByLabel" | "reportPermissions";
type Values = ReturnType<typeof valuesOf>;
/** How a report is asked for and told. */
type Telling<Row> = {
  readonly name: string;
  readonly known: readonly string[];
  readonly repeated?: readonly string[];
  ask(plan: Plan, values: Values): Reported<Row>;
  keyOf(row: Row): string;
  readonly titles: readonly string[];
  /** The lines of a row. */
  cells(row: Row): readonly (readonly (string | undefined)[])[];
};

/** A page that finds nothing goes no further than this: there is another one. */
const SLICES_A_PAGE = 50;

export function reportHandlers(options: ReportOptions): Pick<Handlers, ReportRoute> {
  const { reports } = options;
  const reporting =
    <Row>(telling: Telling<Row>) =>
    (exchange: Exchange): Promise<unknown> =>
      isCsvAsked(exchange) ? csv(options, exchange, telling) : paged(options, exchange, telling);
  return {
    reportAccess: reporting(accessOf(reports)),
    reportGroupMembers: reporting(membersOf(reports)),
    reportRolesByLabel: reporting(rolesOf(reports)),
    reportPermissions: reporting(permissionsOf(reports)),
  };
}

const accessOf = (reports: Reports): Telling<AccessRow> => ({
  name: "access",
  known: ["type", "path", "group"],
  repeated: ["action", "sandbox"],
  ask: (plan, { single: { type, path, group }, all: { action = [], sandbox = [] } }) =>
    reports.access(plan, { ...present({ type, path, group }), actions: action, sandboxes: sandbox }),
  keyOf: ({ id }) => id,
  titles: ["user", "name", "path", "actions"],
  cells: ({ id, name, access }) => access.map(({ path, actions }) => [id, name, path, actions.join(" ")]),
});

const membersOf = (reports: Reports): Telling<MemberRow> => ({
  name: "group-members",
  known: ["group"],
  ask: (plan, { single: { group } }) => reports.groupMembers(plan, present({ group })),
  keyOf: ({ id }) => id,
  titles: ["id", "type", "name", "active", "direct", "through"],
  cells: ({ id, type, name, active, direct, through }) => [[id, type, name, String(active), String(direct), through.join(" ")]],
});

const rolesOf = (reports: Reports): Telling<RoleRow> => ({
  name: "roles-by-label",
  known: ["type"],
  repeated: ["label", "action", "sandbox"],
  ask: (plan, { single: { type }, all: { label = [], action = [], sandbox = [] } }) =>
    reports.rolesByLabel(plan, { ...present({ type }), labels: label, actions: action, sandboxes: sandbox }),
  keyOf: ({ id }) => id,
  titles: ["role", "name", "product", "description", "labels", "sandboxes", "modified", "created", "created_by"],
  cells: ({ id, name, product, description, labels, sandboxes, modified, created, createdBy }) => [
    [id, name, product, description, labels.join(" "), sandboxes.join(" "), timeOf(modified), timeOf(created), createdBy],
  ],
});

const permissionsOf = (reports: Reports): Telling<PermissionRow> => ({
  name: "permissions",
  known: ["user", "sandbox"],
  ask: (plan, { single: { user, sandbox } }) => reports.permissions(plan, present({ user, sandbox })),
  keyOf: ({ path }) => path,
  titles: ["path", "type", "action", "source", "roles"],
  cells: ({ path, type, actions }) => actions.map(({ name, source, roles }) => [path, type, name, source, roles.join(" ")]),
});

const timeOf = (timeMs: number | undefined): string | undefined => (timeMs === undefined ? undefined : new Date(timeMs).toISOString());

/** The report, asked of the plan that it is told at. */
async function reportOf<Row>(
  { questions }: ReportOptions,
  { request, reply }: Exchange,
  ask: (plan: Plan) => Reported<Row>,
): Promise<Report<Row>> {
  const { org } = request.params as { readonly org: string };
  const plan = await questions.plan(org, atLeastOf(undefined, request.headers[AT_LEAST]));
  if ("code" in plan) throw unanswered(plan);
  const report = ask(plan);
  if (!report.ok) throw faultyQuery(report.error);
  reply.header(REVISION_HEADER, writeRevision(plan.at));
  return report.value;
}

/** One page; the next one begins behind its last row, or behind what was looked at for nothing. */
async function paged<Row>(options: ReportOptions, exchange: Exchange, telling: Telling<Row>): Promise<unknown> {
  const { cursors } = options;
  const { request } = exchange;
  const values = valuesOf(request.url, { known: [...telling.known, "limit", "cursor"], repeated: telling.repeated ?? [] });
  const { limit, cursor, ...single } = values.single;
  const question = [request.routeOptions.url, request.params, single, values.all];
  const max = limitOf(limit);
  const position = positionOf(cursors, question, { cursor });
  const report = await reportOf(options, exchange, (plan) => telling.ask(plan, values));
  const rows: Row[] = [];
  let slices = 0;
  for await (const slice of report(position?.[0] as string | undefined)) {
    rows.push(...slice.rows);
    if (rows.length > max) return pageOf(rows.slice(0, max), [telling.keyOf(rows[max - 1] as Row)], { cursors, question });
    if (++slices === SLICES_A_PAGE) return pageOf(rows, [slice.reached], { cursors, question });
  }
  return pageOf(rows, undefined, { cursors, question });
}

/** All of it; who reads it slowly holds nobody else up. What fails before the first slice is told as a problem. */
async function csv<Row>(options: ReportOptions, exchange: Exchange, telling: Telling<Row>): Promise<Readable> {
  const values = valuesOf(exchange.request.url, { known: telling.known, repeated: telling.repeated ?? [] });
  const report = await reportOf(options, exchange, (plan) => telling.ask(plan, values));
  const slices = report()[Symbol.asyncIterator]();
  const first = await slices.next();
  asCsv(exchange, telling.name);
  return Readable.from(linesOf({ slices, first }, telling));
}

type Slices<Row> = AsyncIterator<Slice<Row>>;
type Begun<Row> = { readonly slices: Slices<Row>; readonly first: Awaited<ReturnType<Slices<Row>["next"]>> };

async function* linesOf<Row>({ slices, first }: Begun<Row>, { titles, cells }: Telling<Row>): AsyncIterable<string> {
  yield csvLine(titles);
  for (let slice = first; slice.done !== true; slice = await slices.next()) {
    const text = slice.value.rows.flatMap(cells).map(csvLine).join("");
    if (text !== "") yield text;
  }
}
