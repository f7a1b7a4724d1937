/**
 * CSV as RFC 4180 has it: CRLF after each line, quotes around what needs them, quotes in it doubled.
 *
 * Whoever opens such a file in a spreadsheet must not run what somebody wrote into a name: a text that a spreadsheet would take for a
 * formula gets an apostrophe before it, as it shows text as text (OWASP, CSV injection).
 * Invariant: no cell begins with what begins a formula.
 */

/** By these a spreadsheet knows a formula, or a cell that ends where the text goes on. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

export function csvLine(cells: readonly (string | undefined)[]): string {
  return `${cells.map((cell = "") => csvCell(cell)).join(",")}\r\n`;
}

function csvCell(text: string): string {
  const shown = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
