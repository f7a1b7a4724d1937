/**
 * `reeve what-can`: the effective permissions of a subject: every resource and collection with what check allows there, and by what.
 * With `--held` the permission sets that its roles give at a place.
 */
import { present, type Result } from "@reeve/core";
import { type AskOptions, askPlace, type Place } from "../asked.ts";
import { askEntries, hintsOf, toldTable } from "../entries.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import type { Told } from "../output.ts";
import { cutNotes } from "../pages.ts";
import { type Asked, meantByNothing } from "../probably-meant.ts";
import { subjectOf, treeOf } from "../question.ts";
import type { Shell } from "../shell.ts";

export type WhatCanOptions = AskOptions & {
  readonly below?: string;
  readonly held?: string;
  readonly product?: string;
  readonly context?: readonly string[];
  readonly atLeast?: string;
  readonly limit?: number;
};
type Effective = { readonly path: string; readonly actions: readonly { readonly name: string; readonly source: string }[] };
type Held = {
  readonly revision: string;
  readonly entries: readonly {
    readonly set: string;
    readonly roles: readonly string[];
    readonly pairs: readonly { readonly type: string; readonly actions: readonly string[] }[];
  }[];
};

export function whatCan(shell: Shell, subject: string, options: WhatCanOptions): Promise<Exit> {
  return askPlace(shell, options, async (place) => {
    const faults = faultsOf(options);
    const about = { subject: subjectOf(subject, faults, ""), ...present({ atLeast: options.atLeast }) };
    const context = treeOf(options.context, "--context", faults);
    if (faults.length > 0) return { ok: false, error: { exit: EXIT.usage, lines: faults } };
    if (options.held !== undefined) return held(place, { ...about, place: options.held, ...present({ product: options.product }) });
    return effective(place, { ...about, ...present({ below: options.below, context }) }, options.limit);
  });
}

function faultsOf({ held: place, below, product, context, limit }: WhatCanOptions): string[] {
  if (place === undefined) return product === undefined ? [] : ["--product goes with --held."];
  const odd = Object.entries({ below, context, limit }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  return odd.length === 0 ? [] : [`--held takes no ${odd.join(", ")}.`];
}

async function effective(place: Place, body: object, limit: number | undefined): Promise<Result<Told, Failure>> {
  const asked = { route: "effective", bodies: [{ ...body }], limit } as const;
  const found = await askEntries<Effective>(place, asked);
  if (!found.ok) return found;
  const { entries, revision } = found.value;
  const rows = entries.flatMap(({ path, actions }) =>
    [...Map.groupBy(actions, ({ source }) => source)].map(([source, some]) => [path, source, some.map(({ name }) => name).join(", ")]),
  );
  const table = { titles: ["PATH", "BY", "ACTIONS"], rows };
  return {
    ok: true,
    value: toldTable({
      value: { revision, entries },
      table,
      notes: [...cutNotes(found.value), ...(await hintsOf(place, found.value, asked))],
    }),
  };
}

async function held(place: Place, body: Asked & { readonly place: string }): Promise<Result<Told, Failure>> {
  const { client, org } = place;
  const answer = await client.askJson({ route: "held", parameters: { org }, body });
  if (!answer.ok) return answer;
  const { text, value } = answer.value;
  const entries = (value as Partial<Held> | null)?.entries;
  if (!Array.isArray(entries))
    return fail(EXIT.cannotRun, "What answered there gave no list. Is it the right address? (--url or REEVE_URL)");
  const rows = (entries as Held["entries"]).map(({ set, roles, pairs }) => [
    set,
    roles.join(", "),
    pairs.map(({ type, actions }) => `${type}: ${actions.join(" ")}`).join("; "),
  ]);
  const told = toldTable({
    value,
    table: { titles: ["PERMISSION", "BY ROLE", "GIVES"], rows },
    notes: rows.length > 0 ? [] : await meantByNothing(place, body),
  });
  return { ok: true, value: { ...told, text } };
}
