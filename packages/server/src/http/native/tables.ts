/**
 * Permission tables over HTTP: one table, as a page, as Markdown or as JSON, by what the client accepts.
 *
 * Invariant: all three forms show the same rows for the same query.
 */
import {
  type AssetMatrix,
  matrixHtml,
  matrixMarkdown,
  type PermissionTable,
  parseTableQuery,
  permissionTable,
  renderTable,
  type TableQuery,
  tableContentPolicy,
  tableJson,
  tableMarkdown,
  tableQueryString,
} from "@reeve/contract";
import type { Tables } from "../../app/index.ts";
import { formOf } from "../accept.ts";
import { varied } from "../cors.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf, searchOf } from "../query.ts";
import { AT_LEAST, atLeastOf, unanswered } from "./at-least.ts";

const FORMS = ["text/html", "application/json", "text/markdown"] as const;
type Form = (typeof FORMS)[number];
export type TableOptions = { readonly tables: Tables; readonly isPublic: boolean; readonly newNonce: () => string };

type TableRoute = "publicTable" | "organizationTable" | "getAssetMatrix";

export function tableHandlers({ tables, isPublic, newNonce }: TableOptions): Pick<Handlers, TableRoute> {
  // What ships stays as it is as long as the server runs: its tables are made once, and told once in each form.
  const shipped = new Map<string, ShippedTable>();
  let matrix: AssetMatrix | undefined;
  return {
    getAssetMatrix(exchange) {
      if (!isPublic) throw new HttpProblem("not_found");
      queryOf(exchange.request.url, []);
      matrix ??= tables.matrix();
      const form = shownAs(exchange, { forms: FORMS, nonce: newNonce() });
      if (form.type === "application/json") return JSON.stringify(matrix);
      return form.type === "text/markdown" ? matrixMarkdown(matrix) : matrixHtml(matrix, form.nonce);
    },
    publicTable(exchange) {
      if (!isPublic) throw new HttpProblem("not_found");
      const product = searchOf(exchange.request.url).get("product") ?? "cloud-manager";
      const records = tables.shipped(product);
      if (records === undefined) throw new HttpProblem("product_not_found");
      const known = shipped.get(product) ?? { table: permissionTable(records, product), texts: {} };
      shipped.set(product, known);
      return answer(exchange, { ...known, kept: { product }, forms: FORMS, nonce: newNonce() });
    },
    async organizationTable(exchange) {
      const { org, product } = exchange.request.params as { readonly org: string; readonly product: string };
      const found = await tables.ofOrganization({
        organization: org,
        product,
        atLeast: atLeastOf(undefined, exchange.request.headers[AT_LEAST]),
      });
      if (!found.ok) throw found.error.code === "product_not_found" ? new HttpProblem(found.error.code) : unanswered(found.error);
      exchange.reply.header("reeve-revision", found.revision);
      // A program asks this one: JSON where nothing else is said.
      const forms: readonly Form[] = ["application/json", "text/html", "text/markdown"];
      return answer(exchange, { table: permissionTable(found.records, product), kept: {}, forms, nonce: newNonce() });
    },
  };
}

/** The table of a product that ships, as it was told to who asked for all of it. A page's text holds the nonce that it was made with. */
type ShippedTable = { readonly table: PermissionTable | undefined; readonly texts: Partial<Record<Form, Text>> };
type Text = { readonly text: string; readonly nonce: string };
type Shown = {
  readonly table: PermissionTable | undefined;
  readonly texts?: ShippedTable["texts"];
  readonly kept: Readonly<Record<string, string>>;
  readonly forms: readonly Form[];
  readonly nonce: string;
};

function answer(exchange: Exchange, { table, texts, kept, forms, nonce }: Shown): string {
  if (table === undefined) throw new HttpProblem("product_not_found");
  const query = parseTableQuery(searchOf(exchange.request.url));
  const { type: form } = shownAs(exchange, { forms, nonce });
  const asAll = texts === undefined || tableQueryString(query) !== "?" ? undefined : texts;
  const known = asAll?.[form];
  if (known !== undefined) return known.text.replaceAll(known.nonce, nonce);
  const text = textOf(form, table, { query, kept, nonce });
  if (asAll !== undefined) asAll[form] = { text, nonce };
  return text;
}

/** In which form the client has it, with the headers that this takes. */
function shownAs(
  { request, reply }: Exchange,
  { forms, nonce }: Pick<Shown, "forms" | "nonce">,
): { readonly type: Form; readonly nonce: string } {
  const type = formOf(request.headers.accept, forms);
  if (type === undefined) throw new HttpProblem("not_acceptable", { detail: `This answer comes as ${FORMS.join(", ")}.` });
  reply.header("vary", varied(reply.getHeader("vary"), "Accept")).header("content-type", `${type}; charset=utf-8`);
  if (type === "text/html") reply.header("content-security-policy", tableContentPolicy(nonce));
  return { type, nonce };
}

type Told = { readonly query: TableQuery } & Pick<Shown, "kept" | "nonce">;

function textOf(form: Form, table: PermissionTable, { query, kept, nonce }: Told): string {
  if (form === "application/json") return JSON.stringify(tableJson(table, query));
  return form === "text/markdown" ? tableMarkdown(table, query) : renderTable(table, query, { nonce, kept });
}
