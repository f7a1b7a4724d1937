/**
 * Tables as text: columns that stand under each other, as wide as what is in them.
 *
 * Where the output says how wide it is, the widest columns give way and their cells go on below; elsewhere a row is one line, as
 * programs that read lines want it. Invariant: no cell loses a character, and none moves the cursor.
 */
import { type Output, paint, visible } from "./shell.ts";

export type Cell = string | number | undefined;
export type Table = { readonly titles: readonly string[]; readonly rows: readonly (readonly Cell[])[] };

const GAP = "  ";
const COLUMN_MIN = 10;
const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Wide and fullwidth forms of Unicode's East Asian Width (UAX 11), by block. */
const WIDE = /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const WIDE_ABOVE = /^[\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const PICTURE = /^\p{Emoji_Presentation}|^\p{Extended_Pictographic}\ufe0f/u;
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** How many columns of a terminal a text takes. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (NOTHING.test(grapheme)) return 0;
  return WIDE.test(grapheme) || WIDE_ABOVE.test(grapheme) || PICTURE.test(grapheme) ? 2 : 1;
}

export function writeTable(output: Output, table: Table): void {
  const [head = "", ...lines] = tableLines(table, output.columns);
  output.write([paint(output, "bold", head), ...lines].map((line) => `${line}\n`).join(""));
}

/** The lines of a table, its titles first. */
export function tableLines({ titles, rows }: Table, columns?: number): readonly string[] {
  const cells = [titles, ...rows].map((row) => titles.map((_, at) => cellText(row[at])));
  const widths = titles.map((_, at) => cells.reduce((widest, row) => Math.max(widest, textWidth(row[at] as string)), 0));
  const fitted = columns === undefined ? widths : narrowed(widths, columns);
  return cells.flatMap((row) => rowLines(row, fitted));
}

function cellText(cell: Cell): string {
  return visible(cell === undefined ? "" : String(cell))
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t");
}

/** The widest column gives way, a character at a time, until the row fits or no column can. */
function narrowed(widths: readonly number[], columns: number): readonly number[] {
  const fitted = [...widths];
  const room = columns - GAP.length * (widths.length - 1);
  for (let over = fitted.reduce((sum, width) => sum + width, 0) - room; over > 0; over--) {
    const widest = fitted.indexOf(Math.max(...fitted));
    if ((fitted[widest] as number) <= COLUMN_MIN) break;
    fitted[widest] = (fitted[widest] as number) - 1;
  }
  return fitted;
}

function rowLines(row: readonly string[], widths: readonly number[]): readonly string[] {
  const wrapped = row.map((cell, at) => wrap(cell, widths[at] as number));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, at) => pad(lines[line] ?? "", widths[at] as number))
      .join(GAP)
      .trimEnd(),
  );
}

const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - textWidth(text)));

/** Parts of at most this width: after a space, a comma or a slash where there is one, else anywhere. */
function wrap(text: string, width: number): readonly string[] {
  if (textWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = "";
  for (const { segment } of SEGMENTER.segment(text)) {
    if (textWidth(line) + graphemeWidth(segment) > width) {
      const [, kept = line, rest = ""] = /^(.*[ ,/])(.*)$/s.exec(line) ?? [];
      lines.push(kept.trimEnd());
      line = rest;
    }
    line += segment;
  }
  return [...lines, line];
}
