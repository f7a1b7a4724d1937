/** CSV: read back by RFC 4180 it is what was written, but for the apostrophe before what a spreadsheet would run. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvLine } from "./csv.ts";

describe("a line of CSV", () => {
  it.each<[cells: readonly (string | undefined)[], line: string]>([
    [["a", "b c", undefined, ""], "a,b c,,\r\n"],
    [['say "yes"', "a,b", "two\nlines", "cr\rhere"], '"say ""yes""","a,b","two\nlines","cr\rhere"\r\n'],
    [["=1+1", "+1", "-1", "@SUM(A1)", "\tx"], "'=1+1,'+1,'-1,'@SUM(A1),'\tx\r\n"],
    [['=HYPERLINK("x","y")', "\r=1", "a=1", "＝1"], `"'=HYPERLINK(""x"",""y"")","'\r=1",a=1,'＝1\r\n`],
  ])("of %j", (cells, line) => {
    expect(csvLine(cells)).toBe(line);
  });

  it("gives back every cell, and none begins a formula", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("a", '"', ",", "\r", "\n", "=", "-", "@", "é", " ") }), { minLength: 1 }),
        (cells) => {
          const read = parsed(csvLine(cells));
          expect(read.map((cell) => (cell.startsWith("'") ? cell.slice(1) : cell))).toEqual(cells);
          for (const cell of read) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
        },
      ),
    );
  });
});

/** One record, as RFC 4180 reads it. */
function parsed(line: string): string[] {
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const [whole = "", quoted, plain = "", end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n$)/.exec(rest) ?? [];
    expect(whole).not.toBe("");
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    rest = rest.slice(whole.length);
    if (end !== ",") break;
  }
  expect(rest).toBe("");
  return cells;
}
