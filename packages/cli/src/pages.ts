/**
 * Pages: a list of the server, from its first page to its last or to as many entries as are wanted.
 *
 * Invariant: what is no page is a failure and never an empty list; later pages are never older than the first.
 */
import { PAGE_MAX, type RouteId } from "@reeve/contract";
import type { Result } from "@reeve/core";
import type { Call, Client } from "./client.ts";
import { EXIT, type Failure, fail } from "./exit.ts";

export type Paging = { readonly limit: number; readonly cursor?: string; readonly atLeast?: string };
export type PagesQuery = {
  readonly call: (paging: Paging) => Call;
  /** How many entries at most; absent: all. */
  readonly limit?: number | undefined;
};
export type Pages<T> = {
  readonly entries: readonly T[];
  /** Of the first page; absent where the list has none. */
  readonly revision?: string;
  /** There are more than were asked for. */
  readonly isCut: boolean;
};
type Page<T> = { readonly entries?: readonly T[]; readonly items?: readonly T[]; readonly revision?: string; readonly next?: string };

export async function allPages<T>(
  client: Client,
  { call, limit = Number.POSITIVE_INFINITY }: PagesQuery,
): Promise<Result<Pages<T>, Failure>> {
  const entries: T[] = [];
  let [cursor, revision]: (string | undefined)[] = [];
  do {
    const paging = { limit: Math.min(PAGE_MAX, limit - entries.length), ...(cursor === undefined ? {} : { cursor }) };
    const answer = await client.askJson(call(revision === undefined ? paging : { ...paging, atLeast: revision }));
    if (!answer.ok) return answer;
    const page = answer.value.value as Page<T> | null;
    const found = page?.entries ?? page?.items;
    if (!Array.isArray(found))
      return fail(EXIT.cannotRun, "What answered there gave no list. Is it the right address? (--url or REEVE_URL)");
    // Not `push(...found)`: a page may have more entries than a call takes arguments.
    for (const entry of found as readonly T[]) entries.push(entry);
    revision ??= page?.revision;
    cursor = page?.next;
  } while (cursor !== undefined && entries.length < limit);
  return { ok: true, value: { entries, ...(revision === undefined ? {} : { revision }), isCut: cursor !== undefined } };
}

export type ListQuery = {
  readonly route: RouteId;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Members of the query beside those of the pages. */
  readonly filter?: Readonly<Record<string, string>>;
} & Pick<PagesQuery, "limit">;

/** The same of a list that a GET answers. */
export const allListed = <T>(
  client: Client,
  { route, parameters = {}, filter = {}, limit }: ListQuery,
): Promise<Result<Pages<T>, Failure>> =>
  allPages<T>(client, {
    limit,
    call: (paging) => {
      const cursor = paging.cursor === undefined ? {} : { cursor: paging.cursor };
      return { route, parameters, query: `?${new URLSearchParams({ ...filter, limit: `${paging.limit}`, ...cursor })}` };
    },
  });

/** What a person is told under a list that was cut. */
export const cutNotes = ({ isCut, entries }: Pages<unknown>): readonly string[] =>
  isCut ? [`These are the first ${entries.length}; there are more. Without --limit all are listed.`] : [];
