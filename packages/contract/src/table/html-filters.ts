/**
 * The form above the table: a search and four lists. It works as a plain form that asks the server, and by the script at once.
 *
 * Invariant: what the query asks is what the form shows, even where no row has it: an unknown choice is listed and said to be unknown.
 */
import { escapeHtml as e } from "./escape.ts";
import type { PermissionTable } from "./model.ts";
import type { TableQuery, TableState } from "./query.ts";

type Choice = { readonly value: string; readonly words: string };
type List = { readonly name: keyof TableQuery; readonly label: string; readonly any: string; readonly choices: readonly Choice[] };

const STATE_WORDS: Readonly<Record<TableState, string>> = {
  unmapped: "Unmapped",
  orphan: "Orphan",
  "read-default": "Read default",
  "own-rule": "Own rule",
  "not-configurable": "Not configurable",
};

/** The form in the state of the query. `kept` travels along as hidden fields. */
export function filtersHtml(table: PermissionTable, query: TableQuery, kept: Readonly<Record<string, string>>): string {
  const hidden = Object.entries(kept).map(([name, value]) => `<input type="hidden" name="${e(name)}" value="${e(value)}">`);
  return `<form id="filters" class="filters" method="get" role="search" aria-label="Operations" autocomplete="off">
${hidden.join("")}<div class="field search"><label for="search">Search <kbd aria-hidden="true">/</kbd></label>
<input id="search" name="search" type="search" value="${e(query.search)}" maxlength="256" placeholder="Path or operation" spellcheck="false" autocapitalize="none" autocomplete="off" aria-keyshortcuts="/" aria-controls="table"></div>
${listsOf(table)
  .map((list) => listHtml(list, query[list.name]))
  .join("\n")}
<button type="submit" class="button">Filter</button>
</form>`;
}

function listsOf({ roles, permissions, rows }: PermissionTable): readonly List[] {
  const methods = [...new Set(rows.map(({ method }) => method))].sort();
  const named = permissions.filter(({ operations }) => operations > 0);
  const states = Object.entries(STATE_WORDS).map(([value, words]) => ({ value, words }));
  return [
    { name: "profile", label: "Product profile", any: "Any profile", choices: roles.map(({ id, name }) => ({ value: id, words: name })) },
    { name: "permission", label: "Permission", any: "Any permission", choices: named.map(({ id, name }) => ({ value: id, words: name })) },
    { name: "method", label: "Method", any: "Any method", choices: methods.map((method) => ({ value: method, words: method })) },
    { name: "state", label: "State", any: "Any state", choices: states },
  ];
}

function listHtml({ name, label, any, choices }: List, chosen: string): string {
  const isKnown = chosen === "" || choices.some(({ value }) => value === chosen);
  const all = [{ value: "", words: any }, ...choices, ...(isKnown ? [] : [{ value: chosen, words: `${chosen} (unknown)` }])];
  const options = all.map(({ value, words }) => `<option value="${e(value)}"${value === chosen ? " selected" : ""}>${e(words)}</option>`);
  return `<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}" aria-controls="table" autocomplete="off">${options.join("")}</select></div>`;
}
