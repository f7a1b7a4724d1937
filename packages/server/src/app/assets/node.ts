/**
 * Assets as somebody sees them: spaces, APIs, versions, proxies and projects, and what he may do with each, by one plan.
 *
 * Words: an *asset* is a registered resource of the product `api-management`; its *level* is its type. Who looks is a principal of the
 * organization, or stands above it and may all that a level has.
 * Invariant: the engine decides; who may not view an asset is told that there is none.
 */
import { apply, type Change, decide, findRecord, type Pair, type Plan, parentPath, parsePath, product, type Resource } from "@reeve/core";
import { type Bearer, mayIn, principalOf } from "../bearer.ts";
import { AssetRefused, malformed } from "./refusal.ts";

export const API_MANAGEMENT = "api-management";
const SPACES = "spaces";

export type Level = "spaces" | "apis" | "versions" | "proxies" | "projects";
export type Asset = {
  readonly path: string;
  readonly level: Level;
  readonly id: string;
  readonly record: Resource;
};
type Types = NonNullable<ReturnType<typeof product>>["types"];

export class View {
  readonly plan: Plan;
  /** Absent: who stands above the organization. */
  readonly bearer: Bearer | undefined;
  readonly nowMs: number;
  readonly types: Types;

  /** Throws where the organization has no assets. */
  constructor(plan: Plan, bearer: Bearer | undefined, nowMs: number) {
    const types = product(plan, API_MANAGEMENT)?.types;
    if (types === undefined) throw new AssetRefused("asset_not_found", `The organization has no product ${API_MANAGEMENT}.`);
    [this.plan, this.bearer, this.nowMs, this.types] = [plan, bearer, nowMs, types];
  }

  /** `child`: asked of one of that level below the path, which has nothing of its own yet. */
  may(action: string, resource: { readonly path: string; readonly child?: string }): boolean {
    const { plan, bearer, nowMs } = this;
    const { path, child } = resource;
    const at = child === undefined ? { path } : { path, child };
    if (bearer !== undefined) return decide(plan, { principal: principalOf(bearer), action: { name: action }, resource: at }, nowMs).allow;
    return this.#has(resource.child ?? levelOf(resource.path), action);
  }

  /** Whether a Deny rule keeps him from it, whatever else he may. */
  isDenied(action: string, path: string): boolean {
    const { plan, bearer, nowMs } = this;
    if (bearer === undefined) return false;
    return (
      decide(plan, { principal: principalOf(bearer), action: { name: action }, resource: { path } }, nowMs).code === "denied_by_policy"
    );
  }

  /** The same as it would be after these changes. */
  after(changes: readonly Change[]): View {
    return new View(apply(this.plan, changes), this.bearer, this.nowMs);
  }

  /** Whether he administers the organization, or stands above it. */
  get administers(): boolean {
    return this.bearer === undefined || mayIn({ plan: this.plan, bearer: this.bearer, nowMs: this.nowMs }, "admin");
  }

  /** Whether he may read the whole organization. */
  get reads(): boolean {
    return this.bearer === undefined || mayIn({ plan: this.plan, bearer: this.bearer, nowMs: this.nowMs }, "read");
  }

  /** The asset at a path, which he may view. Throws `asset_not_found`. */
  see(path: string): Asset {
    const found = this.find(path);
    if (found === undefined || !this.may("view", { path })) throw new AssetRefused("asset_not_found", `There is no asset ${path}.`);
    return found;
  }

  find(path: string): Asset | undefined {
    const pairs = parsePath(path)?.pairs ?? [];
    const rec = pairs[0]?.type === SPACES ? findRecord(this.plan, "resource", [path]) : undefined;
    const { type, id } = pairs.at(-1) ?? { type: "", id: "" };
    return rec?.kind === "resource" ? { path, level: type as Level, id, record: rec.value } : undefined;
  }

  /** Throws where he may not do it, or where there is nothing like it at this level. `pointer`: where the request names the asset. */
  demand(action: string, { path, level }: Pick<Asset, "path" | "level">, pointer = "?path"): void {
    if (!this.#has(level, action)) throw malformed(pointer, `There is no ${action} for ${level}.`);
    if (!this.may(action, { path })) throw new AssetRefused("not_permitted", `You may view ${path}, and lack ${action} there.`);
  }

  /** What he may do with an asset, in the order of the catalogue. */
  actionsOn({ path, level }: Asset): readonly string[] {
    return Object.keys(this.types[level]?.actions ?? {}).filter((action) => this.may(action, { path }));
  }

  /** The levels that may lie directly below one. */
  levelsBelow(level: Level): readonly Level[] {
    return Object.keys(this.types).filter((name) => this.types[name]?.parents?.includes(level) === true) as Level[];
  }

  /** The ancestors of a path that he may not view: their names alone, from the top. */
  stubsAbove(path: string): readonly { readonly path: string; readonly name: string }[] {
    const hidden = ancestorsOf(path).filter((above) => !this.may("view", { path: above }));
    return hidden.reverse().map((above) => ({ path: above, name: idOf(above) }));
  }

  #has(level: string, action: string): boolean {
    return Object.hasOwn(this.types, level) && Object.hasOwn(this.types[level]?.actions ?? {}, action);
  }
}

/** The assets that lie above a path, the nearest first. */
export function ancestorsOf(path: string): string[] {
  const above: string[] = [];
  for (let at = parentPath(path); at !== undefined && at !== "/"; at = parentPath(at)) above.push(at);
  return above;
}

const lastOf = (path: string): Pair | undefined => parsePath(path)?.pairs.at(-1);
export const levelOf = (path: string): string => lastOf(path)?.type ?? "";
export const idOf = (path: string): string => lastOf(path)?.id ?? "";
