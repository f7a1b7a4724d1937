/**
 * Which rows of a permission table are shown: what was asked in the query of the URL, and which rows fit.
 *
 * Members: `search` (text in path or operation), `profile`, `permission`, `method`, `state`. All that are given must fit. A search is
 * words that each occur in a name or in the path, or a call (`DELETE /api/program/4`), which finds the rows whose template it fits.
 * Invariant: the page's script (`html-script.ts`) shows exactly the rows that `shownRows` gives; a test compares the two in a browser.
 */
import { LIMITS } from "@reeve/core";
import { isOpenedByRole, type PermissionTable, type TableRow } from "./model.ts";

export const TABLE_STATES = ["unmapped", "orphan", "read-default", "own-rule", "not-configurable"] as const;
export type TableState = (typeof TABLE_STATES)[number];
/** An empty text asks nothing. What no row has fits no row. */
export type TableQuery = {
  readonly search: string;
  readonly profile: string;
  readonly permission: string;
  readonly method: string;
  readonly state: string;
};
export const EMPTY_QUERY: TableQuery = { search: "", profile: "", permission: "", method: "", state: "" };
const MEMBERS = Object.keys(EMPTY_QUERY) as readonly (keyof TableQuery)[];

/**
 * The parsed query of a URL (`URLSearchParams` or pairs) → what it asks of the table. Other names are ignored, of a repeated one the
 * first counts, and each text is cut at 256 characters. No errors: what is unknown fits no row.
 */
export function parseTableQuery(pairs: Iterable<readonly [string, string]>): TableQuery {
  const query: Record<keyof TableQuery, string> = { ...EMPTY_QUERY };
  const seen = new Set<string>();
  for (const [name, value] of pairs) {
    const member = MEMBERS.find((one) => one === name);
    if (member === undefined || seen.has(member)) continue;
    seen.add(member);
    query[member] = [...value.trim()].slice(0, LIMITS.nameCharactersMax).join("");
  }
  return { ...query, method: query.method.toUpperCase() };
}

/** Whether the query asks anything. */
export const isFiltered = (query: TableQuery): boolean => MEMBERS.some((member) => query[member] !== "");

/** `?…` of a link: the query, after the parameters that the page keeps. */
export function tableQueryString(query: Partial<TableQuery>, kept: Readonly<Record<string, string>> = {}): string {
  const pairs = [...Object.entries(kept), ...MEMBERS.map((member) => [member, query[member] ?? ""] as const)];
  const parts = pairs
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `?${parts.join("&")}`;
}

/** The rows that fit the query, in the table's order. */
export function shownRows(table: PermissionTable, query: TableQuery): readonly TableRow[] {
  return isFiltered(query) ? table.rows.filter((row) => fits(table, row, query)) : table.rows;
}

function fits(table: PermissionTable, row: TableRow, query: TableQuery): boolean {
  const { profile, permission, method, state, search } = query;
  if (method !== "" && row.method !== method) return false;
  if (profile !== "" && !profilesOf(table, row).includes(profile)) return false;
  if (permission !== "" && row.rule?.permissions.some(({ id }) => id === permission) !== true) return false;
  if (state !== "" && !statesOf(row).some((one) => one === state)) return false;
  return search === "" || fitsSearch(row, search);
}

/** The ids of the profiles that open a row, under whatever condition: the table's own, and those of other products that the row names. */
export function profilesOf({ roles }: PermissionTable, row: TableRow): readonly string[] {
  const opened = roles.filter(({ id }) => isOpenedByRole(row, id)).map(({ id }) => id);
  const foreign = (row.rule?.roles ?? []).filter(({ unknown }) => unknown !== true).map(({ id }) => id);
  return [...new Set([...opened, ...foreign])];
}

/** What the filter by state finds a row under. */
export function statesOf({ markers, rule }: TableRow): readonly TableState[] {
  const states: TableState[] = [];
  for (const marker of markers) states.push(marker.replace(" ", "-") as TableState);
  if (rule?.configurable === false) states.push("not-configurable");
  return states;
}

/** The text that the words of a search are looked for in: names and path, in small letters, one a line. */
export const searchedText = ({ name, otherNames, path }: TableRow): string => [name, ...otherNames, path].join("\n").toLowerCase();

/** `DELETE /api/program/4`, or the path alone. */
const CALL = /^(?:([A-Z]+)\s+)?(\/\S*)$/;

function fitsSearch(row: TableRow, search: string): boolean {
  const text = searchedText(row);
  const call = CALL.exec(search);
  if (call !== null) {
    const [, method, path = ""] = call;
    return (method === undefined || method === row.method) && (text.includes(path.toLowerCase()) || fitsTemplate(path, row.path));
  }
  const words = search.toLowerCase().split(/\s+/);
  return words.every((word) => text.includes(word) || word === row.id.toLowerCase());
}

/** Whether a path could be a call of the template; for showing only, so neither escapes nor compound segments are looked at closely. */
function fitsTemplate(path: string, template: string): boolean {
  const segments = (path.split("?")[0] as string).replace(/\/$/, "").split("/");
  const wanted = template.split("/");
  return (
    segments.length === wanted.length &&
    wanted.every((part, index) => (part.includes("{") ? segments[index] !== "" : part === segments[index]))
  );
}
