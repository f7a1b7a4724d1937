/**
 * Moving an asset, with all below it, to another name or another parent. What belongs to it goes along: owners, states, labels, details,
 * entries, links, and what was deleted from below it and lies in the bin. What reached it from above its old place reaches it no more; what
 * reaches its new place does.
 *
 * Who moves it could take it away here, and make it there, and give it away altogether: its owner, or who administers the organization.
 * Source: model §2, *registered*: what belongs to a resource belongs to it and not to its path.
 * Invariant: nothing that it has is lost, and nothing else is altered.
 */
import { type Binned, binned, type Change, type Grant, isAtOrBelow, type Link, parentPath, type Resource } from "@reeve/core";
import { type Belongings, checkFree, checkParent, checkPath, type Given, grantName, leaving, put, said } from "./changes.ts";
import { checkRelocatable } from "./lifecycle.ts";
import type { View } from "./node.ts";
import { malformed } from "./refusal.ts";

export type Relocation = {
  readonly path: string;
  /** The path that it has from now on: of the same level. */
  readonly to: string;
};

/** What would move, where that may be done. Throws where not. */
export function relocatable(view: View, { path, to }: Relocation): Belongings {
  const asset = view.see(path);
  if (asset.level === "spaces") throw malformed("/path", "Spaces stay where they are.");
  view.demand("transfer_ownership", asset, "/path");
  if (checkPath(view, to, "/to") !== asset.level) throw malformed("/to", `This is one of ${asset.level}, and moves among ${asset.level}.`);
  if (parentPath(to) === parentPath(path)) view.see(parentPath(to) as string);
  else checkParent(view, to, "/to");
  checkFree(view, to);
  const found = leaving(view, path, "/path");
  checkRelocatable(asset, found.resources);
  return found;
}

export function relocated(view: View, move: Relocation, given: Given): readonly Change[] {
  const { resources, grants, links } = relocatable(view, move);
  const at = renaming(move);
  const told = grants.map((grant) => ({ ...grant, ...given.get(grantName(grant)) }));
  return [
    { delete: { kind: "resource", key: [move.path] } },
    ...resources.map((one) => put(at.resource(one))),
    ...told.map((grant): Change => ({ put: { kind: "grant", value: at.grant(grant) } })),
    ...links.map((link): Change => ({ put: { kind: "link", value: at.link(link) } })),
    ...binned(view.plan).flatMap((one): Change[] => {
      const value = at.binned(one);
      return value === undefined ? [] : [{ put: { kind: "binned", value } }];
    }),
  ];
}

/** What names something that moves, as it names it afterwards. */
function renaming({ path, to }: Relocation) {
  const isMoved = (text: string): boolean => isAtOrBelow(text, path);
  const named = (text: string): string => (isMoved(text) ? `${to}${text.slice(path.length)}` : text);
  // Read as what a request says: the new path may be too long.
  const resource = (one: Resource): Resource => (isMoved(one.path) ? said({ ...one, path: named(one.path) }, "/to") : one);
  const grant = (one: Grant): Grant => ({ ...one, resource: named(one.resource) });
  const link = (one: Link): Link => ({ ...one, from: named(one.from), to: named(one.to) });
  return {
    resource,
    grant,
    link,
    /** `undefined`: it names nothing that moves. What lies in it as the very path, or at paths below its own, was there before. */
    binned(one: Binned): Binned | undefined {
      const goesAlong = one.path !== path && isMoved(one.path);
      const isNamed = (end: string): boolean => isMoved(end) && (goesAlong || !isAtOrBelow(end, one.path));
      const links = one.links.map(({ from, linkKind, to: end }) => ({
        from: isNamed(from) ? named(from) : from,
        linkKind,
        to: isNamed(end) ? named(end) : end,
      }));
      if (goesAlong) return { ...one, path: named(one.path), resources: one.resources.map(resource), grants: one.grants.map(grant), links };
      return one.links.some(({ from, to: end }) => isNamed(from) || isNamed(end)) ? { ...one, links } : undefined;
    },
  };
}
