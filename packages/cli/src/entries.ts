/**
 * Entries of lists that questions answer, from all their pages, and how they are told.
 */
import type { RouteId } from "@reeve/contract";
import type { Result } from "@reeve/core";
import type { Place } from "./asked.ts";
import type { Failure } from "./exit.ts";
import type { Told } from "./output.ts";
import { allPages, cutNotes, type Pages } from "./pages.ts";
import { meantByNothing } from "./probably-meant.ts";
import type { Output } from "./shell.ts";
import { type Table, writeTable } from "./table-text.ts";

export type Entry = { readonly id: string; readonly when?: readonly unknown[] };
export type Bodies = {
  readonly route: RouteId;
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
  readonly limit?: number | undefined;
};
export type Found<T> = Pages<T & { readonly type?: string }>;

/** Asks with each body in turn, all pages; entries carry the body's `type` where there are several bodies. */
export async function askEntries<T extends object>(
  { client, org }: Place,
  { route, bodies, limit }: Bodies,
): Promise<Result<Found<T>, Failure>> {
  const entries: (T & { readonly type?: string })[] = [];
  let revision: string | undefined;
  let isCut = false;
  for (const body of bodies) {
    const rest = limit === undefined ? undefined : limit - entries.length;
    if (rest === 0) {
      isCut = true;
      break;
    }
    const since = revision === undefined ? {} : { atLeast: revision };
    const call = (paging: object) => ({ route, parameters: { org }, body: { ...body, ...since, ...paging } });
    const pages = await allPages<T>(client, { call, limit: rest });
    if (!pages.ok) return pages;
    const type = bodies.length > 1 && typeof body.type === "string" ? { type: body.type } : {};
    for (const entry of pages.value.entries) entries.push({ ...type, ...entry });
    revision ??= pages.value.revision;
    isCut ||= pages.value.isCut;
  }
  return { ok: true, value: { entries, ...(revision === undefined ? {} : { revision }), isCut } };
}

/** Where nothing was found: what of the question nobody knows. */
export const hintsOf = async (place: Place, { entries }: Found<object>, { bodies }: Bodies): Promise<readonly string[]> =>
  entries.length > 0 ? [] : meantByNothing(place, bodies[0] ?? {});

export type Heading = { readonly title: string; readonly hints: readonly string[] };

/** Entries with the id under this title; kinds and conditions have columns where there are any. */
export function toldEntries(found: Found<Entry>, { title, hints }: Heading): Told {
  const { entries, revision } = found;
  const hasTypes = entries.some(({ type }) => type !== undefined);
  const hangs = entries.some(({ when }) => when !== undefined);
  const table: Table = {
    titles: [...(hasTypes ? ["TYPE"] : []), title, ...(hangs ? ["ONLY WHEN"] : [])],
    rows: entries.map(({ type, id, when }) => [...(hasTypes ? [type] : []), id, ...(hangs ? [whenText(when)] : [])]),
  };
  return toldTable({ value: { revision, entries }, table, notes: [...cutNotes(found), ...hints] });
}

const whenText = (when: readonly unknown[] | undefined): string =>
  when === undefined ? "" : when.map((condition) => JSON.stringify(condition)).join(" or ");

/** A table, or on stderr that there is nothing to show, so that stdout stays empty for programs. */
export function toldTable({ value, table, notes }: { value: unknown; table: Table; notes: readonly string[] }): Told {
  const nothing = table.rows.length === 0;
  return {
    value,
    notes: nothing ? ["None.", ...notes] : notes,
    table: (output: Output) => {
      if (!nothing) writeTable(output, table);
    },
  };
}
