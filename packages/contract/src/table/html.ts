/**
 * The permission table as one self-contained page: no build step, no request but its own, and whole without its script.
 *
 * The server renders the state that the query asks for; the script (`html-script.ts`) keeps it up while somebody types. Rows that do
 * not fit are in the page and hidden, so that the script can show them and paper has them all.
 * Invariant: every text of a catalogue or a query goes through `escapeHtml`, and nothing inline stands without the nonce.
 */
import { escapeHtml as e } from "./escape.ts";
import { filtersHtml } from "./html-filters.ts";
import { rowHtml } from "./html-rows.ts";
import { PAGE_SCRIPT } from "./html-script.ts";
import { PAGE_STYLE } from "./html-style.ts";
import type { PermissionTable } from "./model.ts";
import { isFiltered, shownRows, type TableQuery, tableQueryString } from "./query.ts";
import { countWords, leadWords, type Section, sectionsOf } from "./words.ts";

/** `nonce`: fresh for each answer, base64. `kept`: parameters of the URL that are no part of the query and that filtering keeps. */
export type PageOptions = { readonly nonce: string; readonly kept?: Readonly<Record<string, string>> };

/** The value of `Content-Security-Policy` under which the page works. Throws where the nonce is no base64 of 16 characters or more. */
export function tableContentPolicy(nonce: string): string {
  checkNonce(nonce);
  const own = `'nonce-${nonce}'`;
  return `default-src 'none'; style-src ${own}; script-src ${own}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
}

/** A nonce that ends its quotes would end the policy too: that is a bug of the caller, so it throws. */
function checkNonce(nonce: string): void {
  if (!/^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(nonce)) throw new Error("a nonce is base64 of 16 characters or more");
}

/**
 * The table as an HTML document in the state of the query, to be sent as `text/html; charset=utf-8` with `tableContentPolicy` of the
 * same nonce. Throws where the nonce is none.
 */
export function renderTable(table: PermissionTable, query: TableQuery, { nonce, kept = {} }: PageOptions): string {
  checkNonce(nonce);
  const shown = new Set(shownRows(table, query));
  const clearHref = e(tableQueryString({}, kept));
  const head = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${e(table.title)}: operations and permissions</title>
<style nonce="${nonce}">${PAGE_STYLE}</style>
</head>`;
  return `${head}
<body>
<a class="skip" href="#operations">Skip to the operations</a>
${headerHtml(table, kept)}
<main>
<section class="about" aria-label="About this table">
${sectionsOf(table).map(sectionHtml).join("\n")}
</section>
<section id="operations" class="operations" aria-labelledby="operations-heading" tabindex="-1">
<h2 id="operations-heading">Operations</h2>
${filtersHtml(table, query, kept)}
<div class="count"><p id="count" role="status">${e(countWords(shown.size, table.rows.length))}</p><a id="clear" href="${clearHref}" data-query${isFiltered(query) ? "" : " hidden"}>Clear filters</a></div>
<p class="print-only">All ${e(countWords(table.rows.length, table.rows.length))}</p>
<table id="table" role="table" aria-labelledby="operations-heading"${shown.size === 0 ? " hidden" : ""}>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Operation</th><th role="columnheader" scope="col">Product profiles</th><th role="columnheader" scope="col">Permission</th><th role="columnheader" scope="col">Method and path</th></tr></thead>
<tbody id="rows" role="rowgroup">
${table.rows.map((row) => rowHtml(table, row, shown.has(row))).join("\n")}
</tbody>
</table>
${emptyHtml(table, shown.size, clearHref)}
</section>
</main>
<footer>
<p>Made by Reeve from the rules that it enforces. The same table answers as Markdown (<code>Accept: text/markdown</code>) and as JSON (<code>Accept: application/json</code>).</p>
<p>Names of products belong to their owners; Reeve is affiliated with none of them.</p>
</footer>
<script nonce="${nonce}">${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function emptyHtml(table: PermissionTable, shown: number, clearHref: string): string {
  if (table.rows.length === 0) return `<div class="empty" id="empty"><p class="empty-title">This product has no operations</p></div>`;
  return `<div class="empty" id="empty"${shown === 0 ? "" : " hidden"}>
<p class="empty-title">No operation fits</p>
<p>Fewer words or fewer filters find more. A call such as <code>GET /api/…</code> finds the rows whose path it fits.</p>
<p><a class="button" href="${clearHref}" data-query>Show all operations</a></p>
</div>`;
}

function headerHtml(table: PermissionTable, kept: Readonly<Record<string, string>>): string {
  const { operations, mapped, readDefault, unmapped, orphans, ownRules } = table.summary;
  const facts: readonly (readonly [number, string, string])[] = [
    [operations, "operations", ""],
    [mapped, "with a rule of their own", ""],
    [readDefault, "by the read default", "read-default"],
    [unmapped, "unmapped", "unmapped"],
    [orphans, orphans === 1 ? "orphan" : "orphans", "orphan"],
    ...(ownRules === 0 ? [] : [[ownRules, "own rules", "own-rule"] as const]),
  ];
  const items = facts.map(([count, words, state]) => {
    const inner = `<b>${count}</b> ${e(words)}`;
    if (state === "" || count === 0) return `<li><span>${inner}</span></li>`;
    return `<li><a href="${e(tableQueryString({ state }, kept))}#operations" data-query>${inner}</a></li>`;
  });
  return `<header class="top">
<p class="eyebrow">Reeve · Permission table</p>
<h1>${e(table.title)}: operations and permissions</h1>
<p class="lead">${e(leadWords(table))}</p>
<ul class="facts" aria-label="Counts">${items.join("")}</ul>
</header>`;
}

function sectionHtml({ heading, lead, points }: Section): string {
  const items = points.map(({ term, text }) => `<div><dt>${e(term)}</dt><dd>${e(text)}</dd></div>`).join("");
  return `<article class="card"><h2>${e(heading)}</h2><p>${e(lead)}</p><dl>${items}</dl></article>`;
}
