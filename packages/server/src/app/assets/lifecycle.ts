/**
 * The life of versions and proxies: which move leads where, by which right; and what a state keeps from being changed or deleted.
 *
 * Permission comes first, then the state. Source: the lifecycle of SnapLogic's API Management, decisions D-14, D-29, D-34.
 */
import type { Resource } from "@reeve/core";
import type { Asset } from "./node.ts";
import { AssetRefused } from "./refusal.ts";

export const STATES = ["unpublished", "published", "deprecated", "retired"] as const;
export type AssetState = (typeof STATES)[number];

/** State → the states that follow it, each with the action that leads there. */
const MOVES: Readonly<Record<AssetState, Partial<Record<AssetState, "publish" | "retire">>>> = {
  unpublished: { published: "publish" },
  published: { unpublished: "publish", deprecated: "publish" },
  deprecated: { retired: "retire" },
  retired: {},
};

/** What has none was never published. A word that is no state, written natively, is kept from being moved. */
export const stateOf = ({ state = "unpublished" }: Pick<Resource, "state">): string => state;
const isState = (state: string): state is AssetState => (STATES as readonly string[]).includes(state);
export const hasLife = ({ level }: Pick<Asset, "level">): boolean => level === "versions" || level === "proxies";

/** The action that the move takes: that of the state to come, whatever the present one allows. */
export const actionTo = (to: AssetState): "publish" | "retire" => (to === "retired" ? "retire" : "publish");

/** Throws where no move leads from the one state to the other. */
export function checkMove({ path, record }: Asset, to: AssetState): void {
  const from = stateOf(record);
  const moves = isState(from) ? MOVES[from] : {};
  if (moves[to] !== undefined) return;
  const allowed = Object.keys(moves);
  const next = allowed.length === 0 ? "nothing follows" : `what follows is ${allowed.join(" or ")}`;
  throw new AssetRefused("asset_state", `${path} is ${from}: ${next}.`);
}

/** Throws where the state keeps the change out: what is retired stays as it is, what is published keeps its calls. */
export function checkEditable({ path, record }: Asset, after: Resource): void {
  const state = stateOf(record);
  if (state === "retired") throw new AssetRefused("asset_state", `${path} is retired, and stays as it is.`);
  const isCallChanged = record.basePath !== after.basePath || JSON.stringify(record.document) !== JSON.stringify(after.document);
  if (state === "published" && isCallChanged)
    throw new AssetRefused("asset_state", `${path} is published: its base path and document change once it is unpublished.`);
}

const isKnownOutside = (one: Resource): boolean => ["published", "deprecated"].includes(stateOf(one));

/** Throws where one of these, what is to be deleted and what lies below it, is published or deprecated. Which, he may not view. */
export function checkDeletable(asset: Asset, records: readonly Resource[]): void {
  const why = heldBy(asset, records);
  if (why !== undefined) throw new AssetRefused("asset_published", why);
}

/** Throws where one of these, what is to be moved and what lies below it, is known by its name to those who call it. */
export function checkRelocatable(asset: Asset, records: readonly Resource[]): void {
  const why = heldBy(asset, records);
  if (why !== undefined) throw new AssetRefused("asset_state", why);
}

function heldBy({ path, record }: Asset, records: readonly Resource[]): string | undefined {
  if (isKnownOutside(record)) return `${path} is ${stateOf(record)}. ${stateOf(record) === "published" ? "Unpublish" : "Retire"} it first.`;
  if (records.some(isKnownOutside)) return `Something below ${path} is published or deprecated. Unpublish or retire it first.`;
  return undefined;
}
