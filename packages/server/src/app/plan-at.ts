/**
 * The plan that answers a question: the newest one, or one that has reached the revision that was asked for.
 *
 * Invariant: never an older plan than was asked for, and never one of another history.
 */
import type { Plan } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import { readRevision } from "./revision.ts";

export type Unanswered = {
  readonly code: "organization_not_found" | "malformed_revision" | "revision_of_another_history" | "revision_not_reached";
};

/** How long a question waits for the revision that it asks for. */
export const REVISION_WAIT_MS = 2_000;

/** The plan of an organization; `atLeast` is the wire form of a revision. Waits at most 2 s for it. */
export function planAt(feed: Feed, organization: string, atLeast: string | undefined): Promise<Plan | Unanswered> | Plan | Unanswered {
  const plan = feed.current(organization);
  return plan !== undefined && atLeast === undefined ? plan : reach(feed, organization, atLeast);
}

async function reach(feed: Feed, organization: string, atLeast: string | undefined): Promise<Plan | Unanswered> {
  const plan = await feed.plan(organization);
  if (plan === undefined) return { code: "organization_not_found" };
  if (atLeast === undefined) return plan;
  const wanted = readRevision(atLeast);
  if (wanted === undefined) return { code: "malformed_revision" };
  if (wanted.epoch !== plan.at.epoch) return { code: "revision_of_another_history" };
  await feed.reach(organization, wanted, REVISION_WAIT_MS);
  // Looked at, not believed: an older plan may allow what was taken away since.
  const reached = feed.current(organization);
  const isReached = reached !== undefined && reached.at.epoch === wanted.epoch && reached.at.revision >= wanted.revision;
  return isReached ? reached : { code: "revision_not_reached" };
}
