/**
 * Somebody leaves the organization: what he owns is another user's in the same write, and all else that names him goes.
 *
 * Source: the sheet of API Management's permissions, D-19; model §2: an owner is one user, never nobody.
 */
import { type Change, findRecord, type Grant, grantsOn, keyOf, ownedBy } from "@reeve/core";
import { isActiveUser, put } from "./changes.ts";
import type { View } from "./node.ts";
import { AssetRefused, malformed } from "./refusal.ts";

export type Departure = {
  /** A user or a service account. */
  readonly principal: string;
  /** Who owns from then on what he owns; absent: who asks, where it is a user. */
  readonly owner?: string;
};

const OWNED_MAX = 5_000;

export function departed(view: View, { principal, owner = asker(view) }: Departure): readonly Change[] {
  const { plan } = view;
  if (!view.administers) throw new AssetRefused("not_permitted", "Who administers the organization takes people out of it.");
  const rec = findRecord(plan, "principal", [principal]);
  if (rec?.kind !== "principal" || rec.value.type === "group")
    throw new AssetRefused("unknown_principal", `There is no user or service account ${principal}.`);
  const owned = ownedBy(plan, principal);
  if (owned.length > OWNED_MAX)
    throw new AssetRefused(
      "too_many_items",
      `${principal} owns ${owned.length} assets; at most ${OWNED_MAX} go to somebody else at a time.`,
    );
  if (owned.some(({ path }) => view.isDenied("transfer_ownership", path)))
    throw new AssetRefused("not_permitted", `${principal} owns something that you must not give to somebody else.`);
  const changes: Change[] = owned.flatMap((record) => {
    const heir = heirOf(view, { principal, owner });
    const ownsBelow = view.types[view.find(record.path)?.level ?? ""]?.owner === "subtree";
    const isAbsorbed = (grant: Grant): boolean => grant.principal === heir && (ownsBelow || grant.reach === "self");
    const absorbed = grantsOn(plan, record.path).filter(isAbsorbed);
    return [
      ...absorbed.map((value): Change => ({ delete: { kind: "grant", key: keyOf({ kind: "grant", value }) } })),
      put({ ...record, owner: heir }),
    ];
  });
  return [...changes, { delete: { kind: "principal", key: [principal] } }];
}

const asker = ({ bearer }: View): string | undefined => (bearer?.type === "user" ? bearer.id : undefined);

function heirOf({ plan }: View, { principal, owner }: { readonly principal: string; readonly owner: string | undefined }): string {
  if (owner === undefined || owner === principal)
    throw malformed("/owner", `${principal} owns assets: name another user, who owns them from then on.`);
  if (!isActiveUser(plan, owner)) throw new AssetRefused("unknown_principal", `There is no active user ${owner}.`);
  return owner;
}
