/** Where an object came from, found among the revisions that changed what bears its key. */
import type { AuditEvent, Origin } from "./index.ts";

/**
 * The first of `revisions` (ascending, the last of them of this life) that is of a life. `lifeAt`: of the object after a revision, growing
 * with it; `undefined`: nobody knows any more, as of what is long ago. `undefined`: the first one is not known.
 */
export const firstOfLife = (
  revisions: readonly number[],
  life: number,
  lifeAt: (revision: number) => number | undefined,
): number | undefined => {
  let [from, to] = [0, revisions.length - 1];
  const isOfLife = (at: number): boolean => lifeAt(revisions[at] as number) === life;
  // Most ids have had one life.
  if (isOfLife(from)) to = from;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isOfLife(middle)) to = middle;
    else from = middle + 1;
  }
  const isKnown = to === 0 || lifeAt(revisions[to - 1] as number) !== undefined;
  return isKnown && isOfLife(to) ? revisions[to] : undefined;
};

/** A member of an origin, of an event that altered something. */
export const stampOf = (name: keyof Origin, event: AuditEvent | undefined): Origin =>
  event?.revision === undefined ? {} : { [name]: { revision: event.revision, timeMs: event.timeMs, actor: event.actor } };
