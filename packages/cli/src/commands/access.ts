/**
 * `reeve access`: the tree of assets with what somebody may do in it, who has access to an asset and through what, and giving and taking it.
 *
 * Marks: `r` views, `w` edits details, `x` calls, `p` edits permissions, `o` owns or may transfer.
 */
import { ASSET_LEVELS, type AssetAnswer } from "@reeve/contract";
import { present, type Result } from "@reeve/core";
import { type AskOptions, askPlace, type Place } from "../asked.ts";
import { done } from "../done.ts";
import { toldTable } from "../entries.ts";
import type { Exit, Failure } from "../exit.ts";
import type { Told } from "../output.ts";
import { allListed, allPages } from "../pages.ts";
import { type Shell, visible, writeLines } from "../shell.ts";

type Reason = { readonly reason?: string };
export type TreeOptions = AskOptions & { readonly of?: string };
export type WhoOptions = AskOptions & { readonly people?: true };
export type MoveOptions = AskOptions & Reason;
export type GrantOptions = AskOptions & Reason & { readonly type: string; readonly all?: true };
export type RevokeOptions = AskOptions & Reason & { readonly reach?: string };
export type TransferOptions = AskOptions & Reason & { readonly retain: boolean };

/** `note`: what stands behind its name. */
type Shown = { readonly path: string; readonly note: string; readonly actions: readonly string[] };
type Permission = {
  readonly principal: { readonly display: string; readonly id: string };
  readonly access: string;
  readonly appliesToAll: boolean;
  readonly origin: string;
  readonly originPath: string;
  readonly givenBy?: string;
};

type Through = {
  readonly source: string;
  readonly originPath?: string;
  readonly principal?: Permission["principal"];
  readonly access?: string;
  readonly policy?: string;
  readonly role?: string;
};
type Holder = { readonly principal: Permission["principal"]; readonly actions: readonly string[]; readonly through: readonly Through[] };

const MARKS_TOLD = "r views, w edits details, x calls, p edits permissions, o owns it or may give it away.";
const MARKS: readonly (readonly [mark: string, action: string])[] = [
  ["r", "view"],
  ["w", "edit_details"],
  ["x", "call"],
  ["p", "edit_permissions"],
  ["o", "transfer_ownership"],
];
const marksOf = (actions: readonly string[]): string => MARKS.map(([mark, action]) => (actions.includes(action) ? mark : "-")).join("");

export function accessTree(shell: Shell, below: string | undefined, { of, ...options }: TreeOptions): Promise<Exit> {
  return askPlace(shell, options, async (place) => {
    const found = of === undefined ? await ownAssets(place, below) : await assetsOf(place, { below, id: of });
    if (!found.ok) return found;
    const items = [...found.value].sort((one, other) => (one.path < other.path ? -1 : 1));
    const notes = items.length === 0 ? ["None."] : [MARKS_TOLD];
    const lines = treeOf(items);
    const value = { items: items.map(({ path, actions }) => ({ path, marks: marksOf(actions), actions })) };
    return { ok: true, value: { value, notes, table: (output) => writeLines(output, lines.map(visible)) } };
  });
}

/** What the caller may view himself. */
async function ownAssets({ client, org }: Place, below: string | undefined): Promise<Result<readonly Shown[], Failure>> {
  const items: Shown[] = [];
  for (const level of ASSET_LEVELS) {
    const pages = await allListed<AssetAnswer>(client, { route: "listAssets", parameters: { org }, filter: present({ level, below }) });
    if (!pages.ok) return pages;
    for (const { path, state, owner, actions } of pages.value.entries)
      items.push({
        path,
        note: [state, owner === undefined ? undefined : `of ${owner}`].filter((word) => word !== undefined).join(", "),
        actions,
      });
  }
  return { ok: true, value: items };
}

/** What somebody else may: for who may ask questions about others. */
async function assetsOf({ client, org }: Place, { below = "/spaces", id }: { readonly below?: string | undefined; readonly id: string }) {
  type Entry = { readonly path: string; readonly actions: readonly { readonly name: string }[] };
  const at = below === "/spaces" ? {} : { below };
  const body = { subject: { type: "user", id }, ...at };
  const pages = await allPages<Entry>(client, {
    call: (paging) => ({ route: "effective", parameters: { org }, body: { ...body, ...paging } }),
  });
  if (!pages.ok) return pages;
  const isAsset = ({ path }: Entry): boolean => path.startsWith("/spaces/") && path.split("/").length % 2 === 1;
  const items = pages.value.entries
    .filter(isAsset)
    .map(({ path, actions }): Shown => ({ path, note: "", actions: actions.map(({ name }) => name) }));
  return { ok: true as const, value: items };
}

/** Each below what is above it, as far as that is there; in the order of paths. */
function treeOf(items: readonly Shown[]): readonly string[] {
  const known = new Set(items.map(({ path }) => path));
  const parentOf = (path: string): string | undefined => {
    for (let at = above(path); at !== ""; at = above(at)) if (known.has(at)) return at;
    return undefined;
  };
  const children = Map.groupBy(items, ({ path }) => parentOf(path));
  const lines: string[] = [];
  const draw = (parent: string | undefined, before: string): void => {
    const own = children.get(parent) ?? [];
    for (const [index, { path, note, actions }] of own.entries()) {
      const isLast = index === own.length - 1;
      const branch = parent === undefined ? "" : `${before}${isLast ? "└─ " : "├─ "}`;
      const name = parent === undefined ? path : path.slice(parent.length + 1);
      lines.push(`${marksOf(actions)}  ${branch}${name}${note === "" ? "" : `  (${note})`}`);
      draw(path, parent === undefined ? "" : `${before}${isLast ? "   " : "│  "}`);
    }
  };
  draw(undefined, "");
  return lines;
}

const above = (path: string): string => path.split("/").slice(0, -2).join("/");

export function whoHasAccess(shell: Shell, path: string, { people, ...options }: WhoOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    if (people === true) return peopleOf({ client, org }, path);
    const pages = await allListed<Permission>(client, { route: "listPermissions", parameters: { org }, filter: { path } });
    if (!pages.ok) return pages;
    const items = pages.value.entries;
    const rows = items.map(({ principal, access, appliesToAll, origin, originPath, givenBy = "" }) => [
      principal.display,
      principal.id,
      access,
      appliesToAll ? "yes" : "no",
      origin === "self" ? "here" : originPath,
      givenBy,
    ]);
    return {
      ok: true,
      value: toldTable({
        value: { items },
        table: { titles: ["WHO", "ID", "ACCESS", "APPLIES TO ALL", "DEFINED", "GIVEN BY"], rows },
        notes: [],
      }),
    };
  });
}

/** Each user who may view it, with what else he may, and through what. */
async function peopleOf({ client, org }: Place, path: string): Promise<Result<Told, Failure>> {
  const pages = await allListed<Holder>(client, { route: "listHolders", parameters: { org }, filter: { path } });
  if (!pages.ok) return pages;
  const items = pages.value.entries;
  const rows = items.map(({ principal, actions, through }) => [
    principal.display,
    principal.id,
    marksOf(actions),
    through.map(throughText).join("; "),
  ]);
  return {
    ok: true,
    value: toldTable({ value: { items }, table: { titles: ["WHO", "ID", "MAY", "THROUGH"], rows }, notes: [MARKS_TOLD] }),
  };
}

function throughText({ source, originPath = "", principal, access = "", policy, role }: Through): string {
  switch (source) {
    case "owner":
      return `owns ${originPath}`;
    case "administrator":
      return "administers the organization";
    case "entry":
      return `${access} of ${principal?.display ?? ""} on ${originPath}`;
    default:
      return `${source} ${policy ?? role ?? ""}`;
  }
}

type Giving = { readonly path: string; readonly principal: string; readonly access: string };

export function grantAccess(
  shell: Shell,
  { path, principal, access }: Giving,
  { type, all, reason, ...options }: GrantOptions,
): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }): Promise<Result<Told, Failure>> => {
    const body = { path, principal: { type, id: principal }, access: access.replaceAll("-", "_"), appliesToAll: all === true };
    const answer = await client.askJson({ route: "putPermission", parameters: { org }, body, reason });
    if (!answer.ok) return answer;
    const { is, path: at } = answer.value.value as { readonly is: string; readonly path: string };
    const sentence = `${is === "made" ? "Given" : "Replaced"}: ${principal} has ${access} on ${at}${all === true ? ", applied to all" : ""}.`;
    return { ok: true, value: { ...answer.value, table: (output) => writeLines(output, [visible(sentence)]) } };
  });
}

export function revokeAccess(
  shell: Shell,
  { path, principal }: Omit<Giving, "access">,
  { reach, reason, ...options }: RevokeOptions,
): Promise<Exit> {
  return askPlace(shell, options, ({ client, org }) => {
    const query = `?${new URLSearchParams(present({ path, principal, reach }))}`;
    return done(client, { route: "deletePermission", parameters: { org }, query, reason }, `Taken: the entry of ${principal} on ${path}.`);
  });
}

export function moveAsset(
  shell: Shell,
  { path, to }: { readonly path: string; readonly to: string },
  { reason, ...options }: MoveOptions,
): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }): Promise<Result<Told, Failure>> => {
    const answer = await client.askJson({ route: "moveAsset", parameters: { org }, body: { path, to }, reason });
    if (!answer.ok) return answer;
    return { ok: true, value: { ...answer.value, table: (output) => writeLines(output, [visible(`Moved: ${path} is ${to}.`)]) } };
  });
}

export function transferAsset(
  shell: Shell,
  { path, owner }: { readonly path: string; readonly owner: string },
  { retain, reason, ...options }: TransferOptions,
): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }): Promise<Result<Told, Failure>> => {
    const answer = await client.askJson({ route: "putAssetOwner", parameters: { org }, body: { path, owner, retain }, reason });
    if (!answer.ok) return answer;
    return { ok: true, value: { ...answer.value, table: (output) => writeLines(output, [visible(`${owner} owns ${path}.`)]) } };
  });
}
