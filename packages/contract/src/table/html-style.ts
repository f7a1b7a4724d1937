/**
 * The permission table's own style beside that of all pages: filters, a table that becomes cards, paper with every row.
 *
 * Invariant: nothing is told by colour alone, and nothing scrolls sideways down to 320 px.
 */
import { BASE_STYLE } from "../page-style.ts";

export const PAGE_STYLE = `${BASE_STYLE}#operations:focus { outline: none; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: 1.25rem; }
.facts li > * { display: inline-block; padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 99px; background: var(--surface); color: var(--muted); font-size: .875rem; text-decoration: none; }
.facts b { color: var(--text); font-variant-numeric: tabular-nums; }
.facts a { color: var(--accent); text-decoration: underline; text-decoration-color: transparent; }
.facts a:hover { border-color: var(--accent); text-decoration-color: currentColor; }
.about { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.card dl { margin-top: .85rem; display: grid; gap: .7rem; font-size: .9375rem; }
.card dt { font-weight: 600; }
.card dd { color: var(--muted); }
.operations { padding-top: 2.5rem; }
.operations > h2 { font-size: 1.375rem; letter-spacing: -.012em; }
.filters { display: grid; gap: .75rem; grid-template-columns: minmax(14rem, 2.2fr) repeat(2, minmax(9rem, 1.35fr)) repeat(2, minmax(7rem, .85fr)); align-items: end; margin-top: 1rem; }
.filters button { justify-self: start; min-width: 8rem; }
.live .filters button { display: none; }
.count { display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin-top: 1rem; color: var(--muted); font-size: .9375rem; font-variant-numeric: tabular-nums; }
.print-only { display: none; }
table { width: 100%; margin-top: .6rem; border: 1px solid var(--line); border-radius: 12px; border-collapse: separate; border-spacing: 0; background: var(--surface); table-layout: fixed; font-size: .9375rem; line-height: 1.5; }
th { position: sticky; top: 0; z-index: 1; padding: .7rem 1rem; background: var(--raised); box-shadow: 0 1px 0 var(--line-strong); color: var(--muted); font-size: .8125rem; font-weight: 600; text-align: left; }
th:first-child { width: 25%; border-top-left-radius: 11px; }
th:nth-child(2) { width: 24%; }
th:nth-child(3) { width: 24%; }
th:last-child { border-top-right-radius: 11px; }
td { padding: .95rem 1rem 1rem; border-top: 1px solid var(--line); vertical-align: top; }
tr:first-child td { border-top: 0; }
tr:target td { background: var(--target); }
.label { display: none; }
.name { font-size: .9375rem; font-weight: 600; }
.small, .note, .when { color: var(--muted); font-size: .8438rem; line-height: 1.45; }
.small { margin-top: .2rem; }
.note { margin-top: .45rem; }
.when { display: block; }
.none { color: var(--muted); }
.id { font-variant-numeric: tabular-nums; }
.profiles li { display: inline; }
.profiles .when { display: inline; }
.profiles .when::before { content: "("; }
.profiles .when::after { content: ")"; }
.permissions { display: grid; gap: .55rem; }
.published { margin-top: .55rem; padding-left: .7rem; border-left: 2px solid var(--line-strong); color: var(--muted); }
.marks { display: flex; flex-wrap: wrap; gap: .35rem; margin-top: .45rem; }
.mark { padding: .1rem .55rem; border-radius: 99px; font-size: .75rem; font-weight: 600; line-height: 1.5; }
.mark.unmapped { color: var(--delete); background: var(--delete-back); }
.mark.orphan { color: var(--put); background: var(--put-back); }
.mark.own-rule { color: var(--patch); background: var(--patch-back); }
.mark.read-default { color: var(--other); background: var(--other-back); }
.method { display: inline-block; min-width: 4.25rem; padding: .1rem .5rem; border-radius: 6px; font: 600 .75rem/1.6 var(--mono); letter-spacing: .02em; text-align: center; }
.method.get { color: var(--get); background: var(--get-back); }
.method.post { color: var(--post); background: var(--post-back); }
.method.put { color: var(--put); background: var(--put-back); }
.method.patch { color: var(--patch); background: var(--patch-back); }
.method.delete { color: var(--delete); background: var(--delete-back); }
.method.other { color: var(--other); background: var(--other-back); }
.path { display: block; margin-top: .4rem; font-size: .8438rem; line-height: 1.5; }
.empty { margin-top: .6rem; padding: 3rem 1.5rem; border: 1px dashed var(--line-strong); border-radius: 12px; background: var(--surface); color: var(--muted); text-align: center; }
.empty-title { color: var(--text); font-size: 1.125rem; font-weight: 600; }
.empty p + p { margin-top: .6rem; }
@media screen and (max-width: 72rem) {
  .filters { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .search { grid-column: 1 / -1; }
}
@media screen and (max-width: 52rem) {
  .filters { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  table { border: 0; background: none; }
  tr { margin-top: .75rem; padding: .35rem 0; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
  tr:target { background: var(--target); }
  td { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .25rem 1rem; padding: .45rem 1rem; border: 0; }
  .label { display: block; padding-top: .1rem; color: var(--muted); font-size: .8125rem; font-weight: 600; }
  html { scroll-padding-top: 1rem; }
}
@media screen and (max-width: 34rem) {
  td { display: block; }
  td:first-child .label { display: none; }
  .label { margin-bottom: .1rem; }
}
@media screen and (max-width: 22rem) {
  .field:nth-of-type(-n + 3) { grid-column: 1 / -1; }
}
@media (forced-colors: active) {
  .method, .mark { border: 1px solid; }
}
@page { margin: 14mm; }
@media print {
  html { font-size: 8.5pt; }
  body { background: none; }
  .skip, .filters, .count, .label, .empty, footer, .facts { display: none !important; }
  .top, main { max-width: none; padding: 0; }
  .about { display: block; }
  .card { padding: 0; border: 0; margin-top: 8pt; break-inside: avoid; }
  .operations { padding-top: 12pt; }
  .print-only { display: block; }
  table[hidden] { display: table !important; }
  tr[hidden] { display: table-row !important; }
  table { border: 0; background: none; }
  thead { display: table-header-group; }
  th { position: static; }
  tr { break-inside: avoid; }
  th, td { padding: 4pt 5pt; }
  .card dl { gap: .35rem; }
  .method, .mark { padding-block: 0; border: 1px solid currentColor; }
}
`;
