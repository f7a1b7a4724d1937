/**
 * Changes in words: times, actors, and what became of an object between before and after.
 */
type Actor = { readonly type: string; readonly id: string };
type Versions = { readonly before: unknown; readonly after: unknown };

export const timeText = (ms: number | undefined): string => {
  const date = new Date(ms ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().replace(/\.\d+Z$/, "Z");
};

export const actorText = (actor: Actor | undefined): string =>
  actor === undefined ? "" : actor.type === actor.id ? actor.id : `${actor.type}:${actor.id}`;

/** Made, deleted, or which members have other values. */
export function versionsText({ before, after }: Versions): string {
  if (before === null) return after === null ? "nothing" : "made";
  if (after === null) return "deleted";
  const [old, now] = [before, after] as Record<string, unknown>[];
  const members = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])];
  const changed = members.filter((member) => JSON.stringify(old?.[member]) !== JSON.stringify(now?.[member]));
  return changed.length === 0 ? "as before" : `changed ${changed.join(", ")}`;
}

/** Each member that has another value: `-` before, `+` after. */
export function versionLines({ before, after }: Versions): readonly string[] {
  const [old, now] = [before ?? {}, after ?? {}] as Record<string, unknown>[];
  const members = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])];
  return members.flatMap((member) => {
    const [was, is] = [JSON.stringify(old?.[member]), JSON.stringify(now?.[member])];
    if (was === is) return [];
    return [...(was === undefined ? [] : [`- ${member}: ${was}`]), ...(is === undefined ? [] : [`+ ${member}: ${is}`])];
  });
}
