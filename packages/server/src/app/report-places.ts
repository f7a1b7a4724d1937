/**
 * What a report is asked about: types, actions, paths and sandboxes, read against the organization's products.
 *
 * A type as a whole is the collection of it: at the top, or in each sandbox.
 * Invariant: types, actions and sandboxes that the organization does not know are refused with their place in the query, so that no empty
 * report hides a slip of these.
 */
import {
  type Fault,
  formatPath,
  ORGANIZATION_TYPE,
  type Plan,
  parsePath,
  product,
  productIds,
  type ResourceType,
  SANDBOXES,
  sandboxes,
} from "@reeve/core";

export type PlaceAsked = {
  readonly type?: string;
  readonly path?: string;
  readonly actions: readonly string[];
  readonly sandboxes: readonly string[];
};
export type ReportPlace = { readonly path: string; readonly actions: readonly string[] };
type Types = Readonly<Record<string, ResourceType>>;

export function unknown(pointer: string, detail: string): Fault {
  return { code: "unknown_reference", pointer, detail };
}

/** Those of the sandboxes that do not exist. */
export function unknownSandboxes(plan: Plan, asked: readonly string[]): readonly Fault[] {
  const known = asked.length === 0 ? new Set<string>() : new Set(sandboxes(plan));
  return asked.filter((name) => !known.has(name)).map((name) => unknown("?sandbox", `There is no sandbox ${JSON.stringify(name)}.`));
}

/** Faults of a type, and of actions that it, or where none is asked for every type, does not have. */
export function unknownActions(
  plan: Plan,
  { type, actions }: { readonly type?: string; readonly actions: readonly string[] },
): readonly Fault[] {
  const named = typesOf(plan).flatMap((types) => Object.entries(types).filter(([name]) => type === undefined || name === type));
  if (type !== undefined && named.length === 0) return [unknown("?type", "No product of the organization has this type.")];
  const known = [...new Set(named.flatMap(([, { actions: all }]) => Object.keys(all)))];
  return actions
    .filter((action) => !known.includes(action))
    .map((action) => ({
      ...unknown("?action", `There is no action ${JSON.stringify(action)} here.`),
      ...(type === undefined ? {} : { allowed: known }),
    }));
}

/** Where to look, with the actions to look for there. */
export function placesOf(plan: Plan, asked: PlaceAsked): readonly ReportPlace[] | readonly [Fault, ...Fault[]] {
  const { type, path } = asked;
  if ((type === undefined) === (path === undefined)) {
    return [{ code: "required", pointer: "", detail: "Give either a type or a path.", allowed: ["type", "path"] }];
  }
  const found = path === undefined ? ofType(plan, { ...asked, type: type as string }) : ofPath(plan, { ...asked, path });
  return found;
}

export function isFaulty(found: readonly ReportPlace[] | readonly Fault[]): found is readonly [Fault, ...Fault[]] {
  return found.length > 0 && "code" in (found[0] as object);
}

function ofPath(plan: Plan, { path, actions, sandboxes: within }: PlaceAsked & { readonly path: string }): ReturnType<typeof placesOf> {
  if (within.length > 0) return [{ code: "not_allowed", pointer: "?sandbox", detail: "A path says itself in which sandbox it is." }];
  const parsed = parsePath(path);
  if (parsed === undefined) return [{ code: "malformed_path", pointer: "?path", detail: "This is no path of a resource or a collection." }];
  const names = [...parsed.pairs.map(({ type }) => type), ...(parsed.collection === undefined ? [] : [parsed.collection])];
  const declared = names.length === 0 ? actionsOf(typesOf(plan), ORGANIZATION_TYPE) : declaredAt(plan, names);
  if (declared === undefined) return [unknown("?path", "No product of the organization has types that lie so.")];
  const wrong = actions.find((action) => !declared.includes(action));
  if (wrong !== undefined) return [{ ...unknown("?action", `There is no action ${JSON.stringify(wrong)} here.`), allowed: declared }];
  return [{ path, actions: actions.length === 0 ? declared : actions }];
}

function ofType(plan: Plan, { type, actions, sandboxes: within }: PlaceAsked & { readonly type: string }): ReturnType<typeof placesOf> {
  if (type === ORGANIZATION_TYPE) return ofPath(plan, { path: "/", actions, sandboxes: within });
  const faults = [...unknownActions(plan, { type, actions }), ...unknownSandboxes(plan, within)];
  const [fault, ...others] = faults;
  if (fault !== undefined) return [fault, ...others];
  const all = typesOf(plan);
  const places: ReportPlace[] = [];
  const add = (path: string, types: readonly Types[]): void => {
    const declared = actionsOf(types, type);
    places.push({ path, actions: actions.length === 0 ? declared : actions.filter((action) => declared.includes(action)) });
  };
  const atTop = all.filter((types) => types[type] !== undefined && types[type].parents === undefined);
  if (atTop.length > 0 && within.length === 0) add(formatPath([], type), atTop);
  const inSandboxes = all.filter((types) => types[type]?.parents?.includes(SANDBOXES) === true);
  if (inSandboxes.length > 0) {
    const names = within.length === 0 ? sandboxes(plan) : [...new Set(within)];
    for (const id of names) add(formatPath([{ type: SANDBOXES, id }], type), inSandboxes);
  } else if (within.length > 0) return [{ code: "not_allowed", pointer: "?sandbox", detail: "This type does not lie in sandboxes." }];
  else if (atTop.length === 0)
    return [{ code: "not_allowed", pointer: "?type", detail: "This type lies below others: ask by the path of a collection." }];
  return places;
}

const typesOf = (plan: Plan): readonly Types[] => productIds(plan).map((id) => product(plan, id)?.types ?? {});

function actionsOf(all: readonly Types[], type: string): readonly string[] {
  return [...new Set(all.flatMap((types) => Object.keys((Object.hasOwn(types, type) ? types[type] : undefined)?.actions ?? {})))].sort();
}

/** The actions of the last of the types, each of which lies below the one before. */
function declaredAt(plan: Plan, names: readonly string[]): readonly string[] | undefined {
  const types = typesOf(plan).find((all) =>
    names.every((name, index) => {
      const type = Object.hasOwn(all, name) ? all[name] : undefined;
      const above = names[index - 1];
      return type !== undefined && (above === undefined ? type.parents === undefined : type.parents?.includes(above) === true);
    }),
  );
  return types === undefined ? undefined : actionsOf([types], names.at(-1) as string);
}
