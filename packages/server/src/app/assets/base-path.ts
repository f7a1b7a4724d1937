/**
 * Base paths: who may say that calls of a path are calls of his version. They decide whose permissions count for a call, so that they are
 * nobody's to take: one that begins another, or that another begins with, is taken, in the bin too; and only who owns a version, or
 * administers the organization, changes or drops the one that it has.
 */
import { binned, type Resource, withBasePath } from "@reeve/core";
import { type Level, levelOf, type View } from "./node.ts";
import { AssetRefused, malformed } from "./refusal.ts";

const CALLED: readonly Level[] = ["versions", "proxies"];

/** `before`: absent where it is made. `pointer`: where the request says it. */
export function checkBasePath(
  view: View,
  { before, after, pointer }: { readonly before?: Resource; readonly after: Resource; readonly pointer: string },
): void {
  if (before?.basePath === after.basePath) return;
  const { path, basePath } = after;
  if (!CALLED.includes(levelOf(path) as Level)) throw malformed(pointer, "Versions and proxies are called, and have a base path.");
  if (before?.basePath !== undefined && !view.may("transfer_ownership", { path }))
    throw new AssetRefused("not_permitted", `${path} has a base path: its owner changes it.`);
  if (basePath === undefined || view.administers) return;
  const overlaps = (one: Resource): boolean => one.basePath !== undefined && overlap(one.basePath, basePath);
  // Whose it is may be nothing that he may know.
  const isTaken = [...withBasePath(view.plan)].some((one) => one.path !== path && overlaps(one));
  if (isTaken || binned(view.plan).some(({ resources }) => resources.some(overlaps)))
    throw new AssetRefused("base_path_taken", `${basePath} is taken, or overlaps one that is.`);
}

const overlap = (one: string, other: string): boolean => `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
