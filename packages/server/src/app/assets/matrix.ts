/**
 * The published matrix: who may what with an asset of each level, by how he holds his access. Nothing of it is typed: a small organization
 * is made of the catalogue, and the engine is asked, with the setting off and on.
 *
 * Invariant: a user and a member of a group who hold the same are answered the same, or there is no matrix.
 */
import {
  type AccessType,
  ADMINS,
  apply,
  type Change,
  compiler,
  decide,
  formatPath,
  type Grant,
  type Plan,
  type Product,
  parsePath,
  type Rec,
} from "@reeve/core";
import { API_MANAGEMENT, ancestorsOf, levelOf } from "./node.ts";

type Cell = "yes" | "no" | "with_setting";
export type AssetMatrix = {
  readonly setting: { readonly name: string; readonly title: string; readonly default: boolean };
  readonly levels: readonly {
    readonly level: Level;
    readonly actions: readonly string[];
    readonly rows: readonly { readonly userType: string; readonly held: string; readonly cells: Readonly<Record<string, Cell>> }[];
  }[];
};

const SETTING = "fullAccessMayPublish";
const [USER, MEMBER, GROUP, OTHER] = ["user", "member", "group", "other"] as const;
const PATHS = {
  spaces: "/spaces/s",
  apis: "/spaces/s/apis/a",
  versions: "/spaces/s/apis/a/versions/1",
  proxies: "/spaces/s/proxies/p",
  projects: "/spaces/s/projects/r",
} as const;
type Level = keyof typeof PATHS;
const SIBLING = "/spaces/s/apis/a/versions/2";
const ACCESS: readonly (readonly [AccessType, string])[] = [
  ["R", "Read Only"],
  ["RX", "Read and Execute"],
  ["RW", "Read and Write"],
  ["RWX", "Full Access"],
];
const NAMES: Readonly<Record<Level, string>> = {
  spaces: "the space",
  apis: "the API",
  versions: "the version",
  proxies: "the proxy",
  projects: "the project",
};

/** `give`: to whom; a user and a group are given the same. */
type Held = { readonly userType: string; readonly held: string; readonly give: (to: string) => readonly Change[] };

export function assetMatrix(catalogue: readonly Rec[]): AssetMatrix {
  const rec = catalogue.find(({ kind }) => kind === "product");
  if (rec?.kind !== "product" || rec.value.id !== API_MANAGEMENT) throw new Error(`there is no product ${API_MANAGEMENT}`);
  const product = rec.value;
  const plan = planOf(catalogue, product);
  const setting = product.settings[SETTING];
  return {
    setting: { name: SETTING, title: setting?.title ?? SETTING, default: setting?.default ?? false },
    levels: (Object.keys(PATHS) as Level[]).map((level) => {
      const actions = Object.keys(product.types[level]?.actions ?? {});
      const rows = heldAt(product, level).map(({ userType, held, give }) => ({
        userType,
        held,
        cells: cellsOf(plan, { path: PATHS[level], actions, give }),
      }));
      return { level, actions, rows };
    }),
  };
}

function planOf(catalogue: readonly Rec[], { types }: Product): Plan {
  const compiled = compiler("matrix");
  compiled.add(catalogue);
  compiled.add([USER, MEMBER, OTHER].map((id): Rec => ({ kind: "principal", value: { id, type: "user", active: true } })));
  compiled.add([
    { kind: "principal", value: { id: GROUP, type: "group", active: true } },
    { kind: "membership", value: { group: GROUP, member: MEMBER } },
  ]);
  for (const path of [...Object.values(PATHS), SIBLING])
    compiled.add([{ kind: "resource", value: { path, ...ownerOf(types, path, OTHER) } }]);
  return compiled.finish();
}

const ownerOf = (types: Product["types"], path: string, owner: string): { readonly owner?: string } =>
  types[levelOf(path)]?.owner === undefined ? {} : { owner };
const granted =
  (resource: string, access: AccessType, reach: Grant["reach"]) =>
  (principal: string): readonly Change[] => [{ put: { kind: "grant", value: { principal, resource, access, reach } } }];
const owned =
  (path: string) =>
  (owner: string): readonly Change[] => [{ put: { kind: "resource", value: { path, owner } } }];

function heldAt({ types }: Product, level: Level): readonly Held[] {
  const path = PATHS[level];
  const above = ancestorsOf(path);
  const nameOf = (at: string): string => NAMES[levelOf(at) as Level];
  const [parent] = above;
  const rows: Held[] = [
    { userType: "Nobody", held: "no entry", give: () => [] },
    {
      userType: "Organization administrator",
      held: "by membership",
      give: (to) => [{ put: { kind: "membership", value: { group: ADMINS, member: to } } }],
    },
  ];
  for (const [access, userType] of ACCESS) {
    rows.push({ userType, held: `on ${NAMES[level]}`, give: granted(path, access, "self") });
    for (const at of above) rows.push({ userType, held: `on ${nameOf(at)}, applied to all`, give: granted(at, access, "subtree") });
    if (level === "versions")
      rows.push({ userType, held: "on any version, applied to all", give: granted(parent as string, access, "children") });
  }
  for (const at of above)
    rows.push({ userType: "Any of the four", held: `on ${nameOf(at)}, not applied to all`, give: granted(at, "RWX", "self") });
  const [below] = Object.entries(PATHS).filter(([name]) => types[name]?.parents?.includes(level) === true);
  if (below !== undefined)
    rows.push({ userType: "Any of the four", held: `below ${NAMES[level]} only`, give: granted(below[1], "RWX", "subtree") });
  if (types[level]?.owner === undefined) return rows;
  rows.push({ userType: "Owner", held: `owns ${NAMES[level]}`, give: owned(path) });
  if (parent !== undefined && types[levelOf(parent)]?.owner !== undefined)
    rows.push({ userType: "Owner", held: `owns ${nameOf(parent)}`, give: owned(parent) });
  if (below !== undefined && types[below[0]]?.owner !== undefined)
    rows.push({ userType: "Owner", held: `owns ${NAMES[below[0] as Level]} only`, give: owned(below[1]) });
  if (level === "versions") rows.push({ userType: "Owner", held: "owns another version only", give: owned(SIBLING) });
  return rows;
}

type Asked = { readonly path: string; readonly actions: readonly string[]; readonly give: Held["give"] };

function cellsOf(plan: Plan, asked: Asked): Readonly<Record<string, Cell>> {
  const [off, on] = [false, true].map((value) => answers(plan, asked, value));
  return Object.fromEntries(
    asked.actions.map((action) => {
      if (off?.has(action) === true && on?.has(action) !== true) throw new Error(`${action} is taken away by the setting`);
      return [action, off?.has(action) === true ? "yes" : on?.has(action) === true ? "with_setting" : "no"];
    }),
  );
}

/** The actions that are allowed. Ownership is a user's alone. */
function answers(plan: Plan, { path, actions, give }: Asked, value: boolean): ReadonlySet<string> {
  const setting: Change = { put: { kind: "setting", value: { product: API_MANAGEMENT, name: SETTING, value } } };
  const isOwnership = give(USER).some((change) => "put" in change && change.put.kind === "resource");
  const holders = isOwnership
    ? ([[USER, USER]] as const)
    : ([
        [USER, USER],
        [GROUP, MEMBER],
      ] as const);
  const [one, other = one] = holders.map(([to, asker]) => {
    const changed = apply(plan, [setting, ...give(to)]);
    const ask = (action: string): boolean =>
      decide(changed, { principal: { type: "user", id: asker }, action: { name: action }, resource: { path } }, 0).allow;
    return actions.filter(ask);
  });
  if (JSON.stringify(one) !== JSON.stringify(other))
    throw new Error(`a user and a group differ on ${formatPath(parsePath(path)?.pairs ?? [])}`);
  return new Set(one);
}
