/**
 * One row of the table in HTML. On a narrow screen its cells stack to a card, each under its label.
 *
 * What the script filters by stands in `data-` attributes: ids have no spaces, so lists of them are joined by one.
 * Invariant: the attributes say of a row what `query.ts` finds it under.
 */
import { escapeHtml as e } from "./escape.ts";
import type { PermissionTable, TableEntry, TableMarker, TableRow, TableRule } from "./model.ts";
import { profilesOf, searchedText, statesOf } from "./query.ts";
import { anyWords, besidesOf, extentWords, MARKER_WORDS, noPermissionWords, noProfileWords } from "./words.ts";

export function rowHtml(table: PermissionTable, row: TableRow, isShown: boolean): string {
  const cells = [
    cell("Operation", operationHtml(row)),
    cell("Product profiles", `${profilesHtml(row.rule)}${beside(row, profilesHtml)}${noteHtml(row)}`),
    cell("Permission", `${permissionsHtml(row.rule)}${beside(row, permissionsHtml)}${besidesHtml(row)}`),
    cell("Method and path", callHtml(row)),
  ];
  return `<tr role="row" id="op-${e(row.id)}"${attributesOf(table, row)}${isShown ? "" : " hidden"}>${cells.join("")}</tr>`;
}

function attributesOf(table: PermissionTable, row: TableRow): string {
  const { id, method, path, rule } = row;
  const facets: Readonly<Record<string, string>> = {
    id: id.toLowerCase(),
    text: searchedText(row),
    method,
    path,
    profiles: profilesOf(table, row).join(" "),
    permissions: (rule?.permissions ?? []).map((permission) => permission.id).join(" "),
    states: statesOf(row).join(" "),
  };
  return Object.entries(facets)
    .map(([name, value]) => ` data-${name}="${e(value)}"`)
    .join("");
}

const cell = (label: string, inner: string): string =>
  `<td role="cell"><span class="label" aria-hidden="true">${label}</span><div class="value">${inner}</div></td>`;

function operationHtml({ id, name, otherNames, markers, tag }: TableRow): string {
  const others = otherNames.map((other) => `<code>${e(other)}</code>`).join(", ");
  const facts = [`<span class="id">${e(id)}</span>`, ...(tag === undefined ? [] : [`<span>${e(tag)}</span>`])];
  return [
    `<code class="name">${breakable(name, /(?<=[a-z])(?=[A-Z])/)}</code>`,
    others === "" ? "" : `<p class="small">also ${others}</p>`,
    `<p class="small">${facts.join(`<span aria-hidden="true"> · </span>`)}</p>`,
    markers.length === 0 ? "" : `<p class="marks">${markers.map(markHtml).join(" ")}</p>`,
  ].join("");
}

const markHtml = (marker: TableMarker): string =>
  `<span class="mark ${marker.replace(" ", "-")}" title="${e(MARKER_WORDS[marker])}">${e(marker)}</span>`;

function profilesHtml(rule: TableRule | undefined): string {
  const none = noProfileWords(rule);
  if (rule === undefined || none !== undefined) return `<p class="none">${e(none ?? "")}</p>`;
  const items = [...rule.roles.map(entryHtml), ...rule.anyRole.map((any) => e(anyWords(any)))];
  // The commas are text: whoever copies or hears the cell gets them too.
  return listHtml(
    items.map((item, index) => (index === items.length - 1 ? item : `${item}, `)),
    "profiles",
  );
}

function permissionsHtml(rule: TableRule | undefined): string {
  const none = noPermissionWords(rule);
  if (rule === undefined || none !== undefined) return `<p class="none">${e(none ?? "")}</p>`;
  return listHtml(rule.permissions.map(entryHtml), "permissions");
}

const listHtml = (items: readonly string[], kind: string): string =>
  items.length === 1 ? `<p>${items[0]}</p>` : `<ul class="${kind}">${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;

function entryHtml(entry: TableEntry): string {
  const extent = extentWords(entry);
  return `${e(entry.name)}${extent === "" ? "" : ` <span class="when">${e(extent)}</span>`}`;
}

/** The published rule beside the organization's own. */
function beside({ rule, published }: TableRow, html: (rule: TableRule | undefined) => string): string {
  return rule?.from === "own" ? `<div class="published"><p class="small">Published:</p>${html(published)}</div>` : "";
}

const noteHtml = ({ note }: TableRow): string => (note === undefined ? "" : `<p class="note">${e(note)}</p>`);

const besidesHtml = (row: TableRow): string =>
  besidesOf(row)
    .map((line) => `<p class="small">${e(line)}</p>`)
    .join("");

function callHtml({ method, path }: TableRow): string {
  const kind = ["GET", "POST", "PUT", "PATCH", "DELETE"].includes(method) ? method.toLowerCase() : "other";
  return `<p><span class="method ${kind}">${e(method)}</span></p><code class="path">${breakable(path, /(?<=\/)/)}</code>`;
}

/** Long words may break where their parts meet: a name before a capital, a path after a slash. */
const breakable = (text: string, joint: RegExp): string => text.split(joint).map(e).join("<wbr>");
