/**
 * The rows of an asset's permissions, as everybody who may view it sees them: the owner first, then its own entries, then what reaches it
 * from above, each with where it is defined.
 *
 * Which entries there are the plan says; who gave them and when the store, which is asked about those of the page alone.
 */
import { compareUtf8, type Grant, grantsOn, keyOf, present, type Reach } from "@reeve/core";
import type { Objects } from "../objects.ts";
import type { View } from "./node.ts";
import { type Access, accessOf, originsOf } from "./permissions.ts";
import { type Displayed, displayOf, matcher } from "./principals.ts";

export type Row = {
  readonly principal: Displayed;
  readonly access: Access | "owner";
  /** R, W and X. */
  readonly perms: readonly string[];
  readonly reach: Reach;
  readonly appliesToAll: boolean;
  readonly origin: "self" | "inherited";
  readonly originPath: string;
  /** Here, by who asks. */
  readonly deletable: boolean;
  readonly givenBy?: string;
  readonly givenAt?: number;
  readonly notBefore?: number;
  readonly notAfter?: number;
};
/** `after`: where the page before ended. `text`: only rows of principals that have this in what they are called. */
export type RowsAsked = { readonly path: string; readonly text?: string; readonly max: number; readonly after?: readonly string[] };
export type Rows = { readonly items: readonly Row[]; readonly next?: readonly string[] };

type Ground = { readonly objects: Pick<Objects, "read">; readonly organization: string; readonly view: View };
/** Where a row stands, and what it is made of when it is shown. `at`: how far up it is defined. */
type Placed = {
  readonly place: readonly [at: string, principal: string, reach: string];
  readonly at: number;
  readonly originPath: string;
  readonly of: { readonly owner: string; readonly ownsBelow: boolean } | { readonly grant: Grant };
};

/** Whose ownership reaches what: that of a type whose owners own all below, too. */
function owners(view: View, path: string): Placed[] {
  return originsOf(path).flatMap((originPath, at): Placed[] => {
    const asset = view.find(originPath);
    const owner = asset?.record.owner;
    const ownsBelow = view.types[asset?.level ?? ""]?.owner === "subtree";
    if (owner === undefined || (at > 0 && !ownsBelow)) return [];
    return [{ place: [`owner ${at}`, owner, ""], at, originPath, of: { owner, ownsBelow } }];
  });
}

function entries({ plan }: View, path: string): Placed[] {
  return originsOf(path).flatMap((originPath, at) =>
    grantsOn(plan, originPath)
      .filter(({ reach }) => at === 0 || reach !== "self")
      .sort((one, other) => compareUtf8(one.principal, other.principal) || compareUtf8(one.reach, other.reach))
      .map((grant): Placed => ({ place: [String(at), grant.principal, grant.reach], at, originPath, of: { grant } })),
  );
}

/** A page; `after` names the row that the page before ended with, which may be gone. */
export async function rowsOf(ground: Ground, { path, text, max, after }: RowsAsked): Promise<Rows> {
  const { view } = ground;
  const isWanted = text === undefined ? () => true : matcher(view.plan, text);
  const all = [...owners(view, path), ...entries(view, path)].filter(({ place: [, principal] }) => isWanted(principal));
  const from = after === undefined ? 0 : all.findIndex(({ place }) => isBehind(place, after));
  const page = from === -1 ? [] : all.slice(from, from + max);
  const canEdit = view.may("edit_permissions", { path });
  const items = await Promise.all(page.map((placed) => rowOf(ground, placed, canEdit)));
  const last = page.at(-1);
  return from !== -1 && from + max < all.length && last !== undefined ? { items, next: last.place } : { items };
}

async function rowOf({ objects, organization, view: { plan } }: Ground, { at, originPath, of }: Placed, canEdit: boolean): Promise<Row> {
  const where = { origin: at === 0 ? "self" : "inherited", originPath } as const;
  if ("owner" in of) {
    const { owner, ownsBelow } = of;
    const reach = ownsBelow ? "subtree" : "self";
    const whole = { access: "owner", perms: ["R", "W", "X"], reach, appliesToAll: ownsBelow } as const;
    return { principal: displayOf(plan, owner), ...whole, ...where, deletable: false };
  }
  const { principal, access, reach, notBefore, notAfter } = of.grant;
  const found = await objects.read({ organization, kind: "grant", key: keyOf({ kind: "grant", value: of.grant }) }, undefined);
  const { givenBy, givenAt } = ("code" in found ? undefined : (found.object?.rec.value as Grant | undefined)) ?? {};
  return {
    principal: displayOf(plan, principal),
    access: accessOf(access) as Access,
    perms: [...access],
    reach,
    appliesToAll: reach !== "self",
    ...where,
    deletable: canEdit && at === 0,
    ...present({ givenBy, givenAt, notBefore, notAfter }),
  };
}

/** Owners come first, then origins from the asset upward, and in each principals in byte order. */
function isBehind(
  [at, principal, reach]: Placed["place"],
  [atBefore = "", principalBefore = "", reachBefore = ""]: readonly string[],
): boolean {
  const rank = (text: string): number => (text.startsWith("owner ") ? Number(text.slice("owner ".length)) - OWNERS : Number(text));
  const order = rank(at) - rank(atBefore) || compareUtf8(principal, principalBefore) || compareUtf8(reach, reachBefore);
  return order > 0;
}
const OWNERS = 1_000;
