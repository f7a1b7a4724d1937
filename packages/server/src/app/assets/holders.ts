/**
 * Holders: who may do something with an asset, and through what. For who may edit its permissions, and who may read the organization.
 *
 * Invariant: complete, and each is told with all that the engine finds to give it him, and nothing else.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type AccessSource, type Evidence, explain, list } from "@reeve/core";
import { type Asset, View } from "./node.ts";
import { type Access, accessOf } from "./permissions.ts";
import { type Displayed, displayOf } from "./principals.ts";
import { AssetRefused, malformed } from "./refusal.ts";

export type HolderType = "user" | "service-account";
/** `principal` of an entry: himself, or a group that he is in. */
export type Through =
  | { readonly source: "owner"; readonly originPath: string }
  | {
      readonly source: "entry";
      readonly originPath: string;
      readonly principal: Displayed;
      readonly access: Access;
      readonly appliesToAll: boolean;
    }
  | { readonly source: "administrator" }
  | { readonly source: "policy"; readonly policy: string }
  | { readonly source: "role"; readonly role: string };
export type Holder = { readonly principal: Displayed; readonly actions: readonly string[]; readonly through: readonly Through[] };
/** `after`: the id that the page before ended with. */
export type HoldersAsked = {
  readonly path: string;
  readonly action: string;
  readonly type: HolderType;
  readonly max: number;
  readonly after?: string;
};
export type Holders = { readonly items: readonly Holder[]; readonly next?: string };

/** The active ones of a kind that may do it, in byte order of their ids. */
export async function holdersOf(view: View, { path, action, type, max, after }: HoldersAsked): Promise<Holders> {
  const asset = assetOf(view, path);
  const known = Object.keys(view.types[asset.level]?.actions ?? {});
  if (!known.includes(action)) throw malformed("?action", `There is no such action for ${asset.level}.`, known);
  const { plan, nowMs } = view;
  const query = { list: "principals", type, ask: { action: { name: action }, resource: { path } }, max } as const;
  const page = list(plan, after === undefined ? query : { ...query, after }, nowMs);
  const items: Holder[] = [];
  let turnEnds = 0;
  for (const { id } of page.entries) {
    // Others are served in between.
    if (performance.now() >= turnEnds) {
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
    items.push(holderOf(view, { asset, action, principal: { type, id } }));
  }
  return page.next === undefined ? { items } : { items, next: page.next };
}
const TURN_MS = 5;

/** The asset, for who may ask this of it. Throws for everybody else. */
function assetOf(view: View, path: string): Asset {
  const asset = view.reads ? view.find(path) : view.see(path);
  if (asset === undefined) throw new AssetRefused("asset_not_found", `There is no asset ${path}.`);
  if (view.reads || view.may("edit_permissions", { path })) return asset;
  throw new AssetRefused("not_permitted", `You may view ${path}, and neither edit its permissions nor read the organization.`);
}

type Held = { readonly asset: Asset; readonly action: string; readonly principal: { readonly type: HolderType; readonly id: string } };

function holderOf({ plan, nowMs }: View, { asset, action, principal }: Held): Holder {
  const { tried } = explain(plan, { principal, action: { name: action }, resource: { path: asset.path } }, nowMs);
  const evidence = tried.filter(({ opened }) => opened).flatMap(({ found }) => found);
  return {
    principal: displayOf(plan, principal.id),
    actions: new View(plan, principal, nowMs).actionsOn(asset),
    through: evidence.flatMap((one) => throughOf(plan, one)),
  };
}

function throughOf(plan: View["plan"], evidence: Evidence): readonly Through[] {
  switch (evidence.source) {
    case "access":
      return evidence.from.map((one) => accessOfSource(plan, one));
    case "admin":
      return [{ source: "administrator" }];
    case "policy":
      return [{ source: "policy", policy: evidence.policy }];
    default:
      return [{ source: "role", role: evidence.role }];
  }
}

function accessOfSource(plan: View["plan"], one: AccessSource): Through {
  if ("ownerOf" in one) return { source: "owner", originPath: one.ownerOf };
  const { principal, resource, access, reach } = one.grant;
  const entry = { principal: displayOf(plan, principal), access: accessOf(access) as Access, appliesToAll: reach !== "self" };
  return { source: "entry", originPath: resource, ...entry };
}
