/** Pieces of Markdown that generated pages are put together from. */
export const code = (text: string): string => `\`${text}\``;
export const codes = (texts: readonly string[]): string => texts.map(code).join(", ");
/** A cell may not end its row. */
const cell = (text: string): string => text.replaceAll(/(?<!\\)\|/g, "\\|");
export const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
export const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(...head), row(...head.map(() => "---")), ...rows].join("\n");
/** With commas between thousands. */
export const number = (value: number): string => String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
export const MADE = "Made from the code by `tools/generate-reference.ts`.";
