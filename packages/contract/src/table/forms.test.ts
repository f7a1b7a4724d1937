/**
 * The three forms of the table, fed with the shipped catalogue and with hostile text: nothing leaves its place, nothing is left out.
 */
import { readFileSync } from "node:fs";
import { parseProductDocument, type Rec } from "@reeve/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EMPTY_QUERY,
  PERMISSION_TABLE,
  type PermissionTable,
  permissionTable,
  renderTable,
  tableContentPolicy,
  tableJson,
  tableMarkdown,
} from "./index.ts";

const catalogue = new URL("../../../../catalogues/cloud-manager/product.json", import.meta.url);
const parsed = parseProductDocument(JSON.parse(readFileSync(catalogue, "utf8")));
const shipped = parsed.ok ? parsed.value : [];
const tableOf = (records: readonly Rec[], product: string) => permissionTable(records, product) as PermissionTable;
const table = tableOf(shipped, "cloud-manager");
const nonce = "c29tZS1ub25jZS0xMjM0";
const page = (one: PermissionTable, query = EMPTY_QUERY) => renderTable(one, query, { nonce, kept: { product: one.product } });

/** A small product in which every free text is the given one. */
const hostile = (text: string): readonly Rec[] => [
  { kind: "product", value: { id: "p", name: text, boundedBy: "none", settings: {}, types: {} } },
  { kind: "permission-set", value: { product: "p", id: "s", name: text, category: text, aliases: [text], pairs: [] } },
  { kind: "role", value: { product: "p", id: "r", name: text, type: "system-defined", builtIn: true, aliases: [text], sets: [] } },
  {
    kind: "operation",
    value: {
      product: "p",
      id: "o",
      method: "GET",
      path: `/${text}`,
      names: [text, text],
      target: "/",
      alternatives: [{ roles: ["r"] }, { permission: "s", when: { "===": [{ var: "attributes.a.b" }, text] } }],
      also: [{ name: "n", type: "t", from: text }],
      tag: text,
      summary: text,
      note: text,
      source: text,
    },
  },
];
const HOSTILE = [
  `<script>alert(1)</script>`,
  `</style><img src=x onerror=alert(1)>`,
  `" onfocus="alert(1)" autofocus x="`,
  `' onclick='alert(1)`,
  "&lt;b&gt; &amp; &#39;",
  "| `code` ``two`` [link](javascript:alert(1)) **bold** <b> \\| \\",
  "two\nlines\r\n| and | a | row |",
  "$& $1 $'",
];
const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }));

/** Tags and attribute names of a page, without its values and texts. */
const markup = (html: string) =>
  [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, "").replace(/&[a-z0-9#]+;/g, "")).filter((tag) => tag !== "<wbr>");

describe("the table as a page", () => {
  it("has every row, hidden where the query does not want it", () => {
    expect(page(table).match(/<tr role="row" id="op-/g)).toHaveLength(113);
    const filtered = page(table, { ...EMPTY_QUERY, state: "orphan" });
    expect(filtered.match(/<tr role="row" id="op-/g)).toHaveLength(113);
    expect(filtered.match(/<tr [^>]* hidden>/g)).toHaveLength(106);
    expect(filtered).toContain("7 of 113 operations");
    expect(filtered).toContain('<option value="orphan" selected>');
  });

  it("asks for nothing but itself: no address, no inline style or handler, one nonce", () => {
    const html = page(table);
    expect(html).not.toMatch(/\b(src|onclick|onload|style)=/);
    expect(html).not.toMatch(/https?:/);
    expect(html).not.toMatch(/@import|url\(/);
    expect(html.match(/nonce="/g)).toHaveLength(2);
  });

  it("keeps the parameters of its URL that are no filter", () => {
    expect(page(table)).toContain('<input type="hidden" name="product" value="cloud-manager">');
  });

  it("says when nothing fits, and shows an unknown choice as what it is", () => {
    const html = page(table, { ...EMPTY_QUERY, profile: "<nobody>" });
    expect(html).toContain('<option value="&lt;nobody&gt;" selected>&lt;nobody&gt; (unknown)</option>');
    expect(html).toMatch(/<div class="empty" id="empty">/);
    expect(html).toContain("0 of 113 operations");
  });

  it("says so when a product has no operations", () => {
    expect(page(tableOf(hostile("x").slice(0, 1), "p"))).toContain("This product has no operations");
  });

  it("lets no text become markup, whatever it is", () => {
    const plain = markup(page(tableOf(hostile("x"), "p"), { ...EMPTY_QUERY, search: "x" })).join("");
    fc.assert(
      fc.property(text, (one) => {
        const html = page(tableOf(hostile(one), "p"), { ...EMPTY_QUERY, search: one });
        // Whether the row fits its own search depends on the text; all else is the same.
        expect(markup(html).join("").replaceAll(" hidden", "")).toBe(plain.replaceAll(" hidden", ""));
      }),
    );
  });

  it("refuses a nonce that is none", () => {
    for (const bad of ["", "short", `${nonce}' 'unsafe-inline`, `${nonce}";`, "with space in the middle"]) {
      expect(() => tableContentPolicy(bad)).toThrow();
      expect(() => renderTable(table, EMPTY_QUERY, { nonce: bad })).toThrow();
    }
    expect(tableContentPolicy(nonce)).toBe(
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
  });
});

describe("the table as Markdown", () => {
  const markdown = tableMarkdown(table);

  it("has a line for every row, as many cells in each, and the words above", () => {
    const lines = markdown.split("\n").filter((line) => line.startsWith("|"));
    expect(lines).toHaveLength(113 + 2);
    for (const line of lines) expect(line.split(/(?<!\\)\|/)).toHaveLength(7);
    expect(markdown).toContain("## Two permissions to consider");
    expect(markdown).toContain("113 operations.");
  });

  it("tells a row as the page does", () => {
    const line = markdown.split("\n").find((one) => one.includes("(R50)"));
    expect(line).toContain("Business Owner, Deployment Manager, Program Manager (when step.status is WAITING)");
    expect(line).toContain("| PUT | `/api/program/{programId}/pipeline/");
    expect(markdown.split("\n").find((one) => one.includes("(R01)"))).toContain("| Not configurable |");
    expect(markdown.split("\n").find((one) => one.includes("(M01)"))).toContain("**unmapped** | Nobody");
  });

  it("filters as the page does", () => {
    expect(tableMarkdown(table, { ...EMPTY_QUERY, permission: "pipeline-edit" }).match(/^\| `/gm)).toHaveLength(2);
    expect(tableMarkdown(table, { ...EMPTY_QUERY, method: "FETCH" })).toMatch(/0 of 113 operations\.\n$/);
  });

  it("keeps text in its cell, whatever it is", () => {
    fc.assert(
      fc.property(text, (one) => {
        const rows = tableMarkdown(tableOf(hostile(one), "p"))
          .split("\n")
          .filter((line) => line.startsWith("| `"));
        expect(rows).toHaveLength(1);
        const [, first = ""] = rows;
        expect(first).toBe("");
        expect(rows[0]).toMatch(/ \|$/);
      }),
    );
  });
});

describe("the table as JSON", () => {
  const isValid = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(JSON.stringify(PERMISSION_TABLE)));

  it("is what its schema says, with own rules and filters too", () => {
    const rule: Rec = { kind: "operation-rule", value: { product: "cloud-manager", operation: "R26", alternatives: [{ anyRole: true }] } };
    for (const one of [tableJson(table), tableJson(tableOf([...shipped, rule], "cloud-manager")), tableJson(tableOf(hostile("x"), "p"))]) {
      expect(isValid(JSON.parse(JSON.stringify(one))) ? [] : isValid.errors).toEqual([]);
    }
    expect(isValid({ ...tableJson(table), more: 1 })).toBe(false);
  });

  it("has the rows that fit, and the counts of all", () => {
    const json = tableJson(table, { ...EMPTY_QUERY, state: "unmapped" });
    expect(json.rows).toHaveLength(15);
    expect(json.summary.operations).toBe(113);
  });
});
