/**
 * The table: rows as Markdown, each against its target and against the baseline that is kept.
 *
 * Invariant: what got worse is written in the same place and the same words as what got better.
 */
import type { Part, Row } from "./figure.ts";

/** The numbers of a run by row and part, as they are kept. */
export type Kept = Readonly<Record<string, Readonly<Record<string, number>>>>;
/** Changes within this are the machine's. */
const NOISE = 0.1;

/** `lacking`: why a figure was not measured, by its id. */
export function tableOf(rows: readonly Row[], before: Kept, lacking: ReadonlyMap<string, string>): string {
  const lines = ["| # | figure | parts | to reach | reached | met? | since the baseline |", "|---|---|---|---|---|---|---|"];
  for (const row of rows) {
    const why = lacking.get(row.id);
    const names = row.parts.map(({ name }) => name).join(" / ");
    const wanted = row.parts.map(boundText).join(" / ");
    const reached = row.parts.map((part) => numberText(part.reached)).join(" / ");
    const note = row.note === undefined || why !== undefined ? "" : ` (${row.note})`;
    const cells = [row.id, row.what + note, names, unlessNothing(wanted, row.unit)];
    const found = why === undefined ? [`${reached} ${row.unit}`, metText(row.parts), sinceText(row, before)] : ["not measured", why, ""];
    lines.push(`| ${[...cells, ...found].join(" | ")} |`);
  }
  return lines.join("\n");
}

function boundText({ atMost, atLeast }: Part): string {
  if (atMost !== undefined) return `≤ ${numberText(atMost)}`;
  return atLeast === undefined ? "–" : `≥ ${numberText(atLeast)}`;
}

function unlessNothing(wanted: string, unit: string): string {
  return /\d/.test(wanted) ? `${wanted} ${unit}` : "";
}

/** Yes, when every part that is promised anything keeps it. */
function metText(parts: readonly Part[]): string {
  const promised = parts.filter(({ atMost, atLeast }) => atMost !== undefined || atLeast !== undefined);
  if (promised.length === 0) return "";
  const missed = promised.filter((part) => !isKept(part));
  return missed.length === 0 ? "yes" : `**no** (${missed.map(({ name }) => name).join(", ")})`;
}

/** What is no number keeps nothing. */
function isKept({ reached, atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY }: Part): boolean {
  return reached <= atMost && reached >= atLeast;
}

function sinceText(row: Row, before: Kept): string {
  const kept = before[keyOf(row)];
  if (kept === undefined) return "new";
  return row.parts
    .map(({ name, reached, better }) => {
      const was = kept[name];
      if (was === undefined) return "new";
      const change = reached / was - 1;
      const percent = `${change >= 0 ? "+" : "−"}${Math.abs(change * 100).toFixed(0)} %`;
      const isWorse = better === "more" ? change < 0 : change > 0;
      return `${numberText(was)}, ${percent}${Math.abs(change) <= NOISE ? "" : isWorse ? " worse" : " better"}`;
    })
    .join(" / ");
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return "?";
  if (value >= 1_000)
    return Math.round(value)
      .toString()
      .replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function keyOf(row: Row): string {
  return `${row.id} ${row.what}`;
}

/** What was not measured is not kept. */
export function keep(rows: readonly Row[]): Kept {
  const measured = (parts: readonly Part[]) => parts.filter(({ reached }) => Number.isFinite(reached));
  const entries = rows.map((row) => {
    return [
      keyOf(row),
      Object.fromEntries(measured(row.parts).map(({ name, reached }) => [name, Number(reached.toPrecision(4))])),
    ] as const;
  });
  return Object.fromEntries(entries.filter(([, parts]) => Object.keys(parts).length > 0));
}
