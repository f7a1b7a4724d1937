/**
 * Moving an asset, with all below it, to another name or another parent. What belongs to it goes along: owners, states, labels, details,
 * entries, links, and what was deleted from below it and lies in the bin. What reached it from above its old place reaches it no more; what
 * reaches its new place does.
 *
 * Who moves it could take it away here, and make it there, and give it away altogether: its owner, or who administers the organization.
 * Under another parent it must be theirs who own what it lay in. Source: model §2, *registered*: what belongs to a resource belongs to it and
 * not to its path; D-08.
 * Invariant: nothing that it has is lost, nothing else is altered, and who moves it leaves nothing behind that a Deny rule forbids him.
 */
import { type Binned, binned, type Change, type Grant, isAtOrBelow, type Link, parentPath, type Resource } from "@reeve/core";
import { type Belongings, checkFree, checkParent, checkPath, leaving, put, said } from "./changes.ts";
import type { WithGivers } from "./givers.ts";
import { checkRelocatable } from "./lifecycle.ts";
import { type Asset, levelOf, type View } from "./node.ts";
import { AssetRefused, malformed } from "./refusal.ts";

export type Relocation = {
  readonly path: string;
  /** The path that it has from now on: of the same level. */
  readonly to: string;
};

const MOVED_MAX = 1_000;
const MOVED_CHARACTERS_MAX = 8_388_608;
/** What decides about what others may do with it: Deny wins here, below too. */
const DECIDING = ["transfer_ownership", "edit_permissions"] as const;

/** What else stands against it may be nothing that he may know. */
export const doesNotFit = ({ path, to }: Relocation): AssetRefused =>
  new AssetRefused("asset_state", `${path} does not fit at ${to} as it is: something that it is linked to stands against it.`);

/** What would move, where that may be done. Throws where not. */
export function relocatable(view: View, { path, to }: Relocation): Belongings {
  const asset = view.see(path);
  if (asset.level === "spaces") throw malformed("/path", "Spaces stay where they are.");
  view.demand("transfer_ownership", asset, "/path");
  if (checkPath(view, to, "/to") !== asset.level) throw malformed("/to", `This is one of ${asset.level}, and moves among ${asset.level}.`);
  if (parentPath(to) !== parentPath(path)) checkOwnsParent(view, asset);
  checkParent(view, to, "/to");
  checkFree(view, to);
  const found = leaving(view, path, "/path");
  checkSize(found);
  if (found.resources.some((one) => DECIDING.some((action) => view.isDenied(action, one.path))))
    throw new AssetRefused("not_permitted", `There is something at or below ${path} that a Deny rule keeps where it is.`);
  checkRelocatable(asset, found.resources);
  return found;
}

/** What lies in something that has an owner is not taken out of it by somebody else. */
function checkOwnsParent(view: View, { path, level }: Asset): void {
  const above = parentPath(path) as string;
  const isOwned = view.types[levelOf(above)]?.owner !== undefined;
  if (isOwned && !view.may("transfer_ownership", { path: above }))
    throw new AssetRefused("not_permitted", `${path} leaves ${above} by who owns that; among its ${level} you may move it.`);
}

function checkSize({ resources, grants, links }: Belongings): void {
  const isMany = [resources, grants, links].some((list) => list.length > MOVED_MAX);
  const characters = isMany ? 0 : resources.reduce((sum, one) => sum + JSON.stringify(one).length, 0);
  if (!isMany && characters <= MOVED_CHARACTERS_MAX) return;
  const most = `At most ${MOVED_MAX} assets, as many entries and links, and ${MOVED_CHARACTERS_MAX} characters of details`;
  throw new AssetRefused("too_many_items", `${most} move at a time.`);
}

export function relocated(view: View, move: Relocation, told: WithGivers): readonly Change[] {
  const { resources, grants, links } = relocatable(view, move);
  const at = renaming(move);
  const withGivers = told(grants, view.plan);
  if (!view.administers) checkStaysForbidden(view, resources, at.resource);
  return [
    { delete: { kind: "resource", key: [move.path] } },
    ...resources.map((one) => put(at.resource(one))),
    ...withGivers.map((grant): Change => ({ put: { kind: "grant", value: at.grant(grant) } })),
    ...links.map((link): Change => ({ put: { kind: "link", value: at.link(link) } })),
    ...binned(view.plan).flatMap((one): Change[] => {
      const value = at.binned(one);
      return value === undefined ? [] : [{ put: { kind: "binned", value } }];
    }),
  ];
}

/** Throws where a Deny rule forbids who asks something that it would not forbid him any more. */
function checkStaysForbidden(view: View, resources: readonly Resource[], moved: (one: Resource) => Resource): void {
  const actionsAt = (path: string): readonly string[] => Object.keys(view.types[levelOf(path)]?.actions ?? {});
  // All of one plan, and then of the other: each turn between two plans costs what lies between them.
  const forbidden = resources.flatMap((one) =>
    actionsAt(one.path)
      .filter((action) => view.isDenied(action, one.path))
      .map((action) => ({ action, path: one.path, to: moved(one).path })),
  );
  if (forbidden.length === 0) return;
  // Beside what it is: two of one base path would be one too many.
  const there = view.after(resources.map(moved).map(({ basePath: _, document: __, ...one }) => put(one)));
  const freed = forbidden.find(({ action, to }) => !there.isDenied(action, to));
  if (freed === undefined) return;
  const { action, path } = freed;
  throw new AssetRefused("not_permitted", `A Deny rule forbids ${action} on ${path}, and would not there: an administrator moves it.`);
}

/** What names something that moves, as it names it afterwards. */
function renaming({ path, to }: Relocation) {
  const isMoved = (text: string): boolean => isAtOrBelow(text, path);
  const named = (text: string): string => (isMoved(text) ? `${to}${text.slice(path.length)}` : text);
  // Read as what a request says: the new path may be too long.
  const resource = (one: Resource): Resource => ({ ...one, path: said({ path: named(one.path) }, "/to").path });
  const grant = (one: Grant): Grant => ({ ...one, resource: named(one.resource) });
  const link = (one: Link): Link => ({ ...one, from: named(one.from), to: named(one.to) });
  return {
    resource,
    grant,
    link,
    /** `undefined`: it names nothing that moves. What lies in it at paths of its own, or of what stood there before, was another. */
    binned(one: Binned): Binned | undefined {
      const goesAlong = one.within === undefined && one.path !== path && isMoved(one.path);
      const isNamed = (end: string): boolean => isMoved(end) && (goesAlong || !isAtOrBelow(end, one.path));
      if (!goesAlong && !one.links.some(({ from, to: end }) => isNamed(from) || isNamed(end))) return undefined;
      const links = one.links
        .map((link) => ({
          ...link,
          from: isNamed(link.from) ? named(link.from) : link.from,
          to: isNamed(link.to) ? named(link.to) : link.to,
        }))
        // A link joins what lies apart.
        .filter(({ from, to: end }) => !isAtOrBelow(from, end) && !isAtOrBelow(end, from));
      if (!goesAlong) return { ...one, links };
      return { ...one, path: named(one.path), resources: one.resources.map(resource), grants: one.grants.map(grant), links };
    },
  };
}
