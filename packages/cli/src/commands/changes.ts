/**
 * `reeve changes`: change sets, newest first; or one of them with what it did to every object.
 */
import type { Result } from "@reeve/core";
import { type AskOptions, askPlace, type Place } from "../asked.ts";
import { toldTable } from "../entries.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { actorText, timeText, versionLines, versionsText } from "../history-words.ts";
import type { Told } from "../output.ts";
import { allListed, cutNotes } from "../pages.ts";
import { type Shell, writeLines } from "../shell.ts";

export type ChangesOptions = AskOptions & { readonly limit?: number };
type Summary = {
  readonly id: string;
  readonly revision: string;
  readonly time: number;
  readonly actor: { readonly type: string; readonly id: string };
  readonly action: string;
  readonly reason?: string;
  readonly changes: number;
};
type Change = { readonly kind: string; readonly key: readonly string[]; readonly before: unknown; readonly after: unknown };
type ChangeSet = Omit<Summary, "changes"> & { readonly changes: readonly Change[] };

/** How many are shown where nothing is said: a long history is seldom wanted whole. */
const SHOWN = 20;

export function changes(shell: Shell, id: string | undefined, options: ChangesOptions): Promise<Exit> {
  return askPlace(shell, options, (place) => (id === undefined ? listSets(place, options.limit ?? SHOWN) : oneSet(place, id)));
}

async function listSets({ client, org }: Place, wanted: number): Promise<Result<Told, Failure>> {
  const pages = await allListed<Summary>(client, { route: "listChangeSets", parameters: { org }, limit: wanted });
  if (!pages.ok) return pages;
  const items = pages.value.entries;
  const rows = items.map((set) => [set.id, timeText(set.time), actorText(set.actor), set.action, set.changes, set.reason]);
  const table = { titles: ["ID", "TIME", "BY", "ACTION", "OBJECTS", "REASON"], rows };
  const newest = items.length === 1 ? "This is the newest" : `These are the newest ${items.length}`;
  const notes = cutNotes(pages.value).map(() => `${newest}; --limit shows more.`);
  return { ok: true, value: toldTable({ value: { items }, table, notes }) };
}

async function oneSet({ client, org }: Place, id: string): Promise<Result<Told, Failure>> {
  const answer = await client.askJson({ route: "getChangeSet", parameters: { org, id } });
  if (!answer.ok) return answer;
  const { text, value } = answer.value;
  const set = value as ChangeSet | null;
  if (!Array.isArray(set?.changes)) return fail(EXIT.cannotRun, "What answered there gave no change set. Is it the right address?");
  return { ok: true, value: { value, text, table: (output) => writeLines(output, setLines(set)) } };
}

function setLines({ id, revision, time, actor, action, reason, changes: altered }: ChangeSet): readonly string[] {
  return [
    `Change set ${id}`,
    `  ${timeText(time)} by ${actorText(actor)}: ${action}${reason === undefined ? "" : ` (${reason})`}`,
    `  made revision ${revision}`,
    ...altered.flatMap((change) => [
      `${change.kind} ${change.key.join(" ")}: ${versionsText(change)}`,
      ...versionLines(change).map((line) => `  ${line}`),
    ]),
  ];
}
