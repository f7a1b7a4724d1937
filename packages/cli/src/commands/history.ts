/**
 * `reeve history`: what befell one object: when, by whom, what, in which change set and why. Newest first.
 */
import { type AskOptions, askPlace } from "../asked.ts";
import type { ObjectName } from "../collection.ts";
import { toldTable } from "../entries.ts";
import type { Exit } from "../exit.ts";
import { actorText, timeText, versionsText } from "../history-words.ts";
import { allListed, cutNotes } from "../pages.ts";
import { nearestObject } from "../probably-meant.ts";
import type { Shell } from "../shell.ts";
import { objectCall } from "./get.ts";

export type HistoryOptions = AskOptions & { readonly limit?: number };
type Event = {
  readonly revision: string;
  readonly changeSet: string;
  readonly time: number;
  readonly actor: { readonly type: string; readonly id: string };
  readonly reason?: string;
  readonly life: number;
  readonly before: unknown;
  readonly after: unknown;
};

export function history(shell: Shell, object: ObjectName, options: HistoryOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const call = objectCall(object, "history");
    if (!call.ok) return call;
    const { route, parameters } = call.value;
    const pages = await allListed<Event>(client, { route, parameters: { org, ...parameters }, limit: options.limit });
    if (!pages.ok) return pages;
    const items = pages.value.entries;
    const rows = items.map((event) => [timeText(event.time), actorText(event.actor), versionsText(event), event.changeSet, event.reason]);
    const table = { titles: ["TIME", "BY", "WHAT", "CHANGE SET", "REASON"], rows };
    const meant = items.length === 0 ? await nearestObject(object, { client, org }) : undefined;
    const notes = meant === undefined ? cutNotes(pages.value) : [`Did you mean ${meant}?`];
    return { ok: true, value: toldTable({ value: { items }, table, notes }) };
  });
}
