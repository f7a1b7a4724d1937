/**
 * Principals as people see them: a group with `(Group)` behind its name; found by what is typed of them, in either spelling.
 *
 * Source: the sheet of API Management's permissions, §1.2, §3.6, D-22, D-32.
 */
import { compareUtf8, findRecord, type Plan, type Principal, type PrincipalType, principals, SYSTEM_GROUPS } from "@reeve/core";

export type Displayed = { readonly type: PrincipalType; readonly id: string; readonly display: string };
type Called = Pick<Principal, "id" | "type" | "name">;

const SUFFIX = "(Group)";
const suffixed = (name: string, type: PrincipalType): string => (type === "group" ? `${name}${SUFFIX}` : name);
const displayed = ({ id, type, name = id }: Called): Displayed => ({ type, id, display: suffixed(name, type) });

/** What has no record is a system group. */
function calledOf(plan: Plan, id: string): Called {
  const rec = findRecord(plan, "principal", [id]);
  return rec?.kind === "principal" ? rec.value : { id, type: "group" };
}

export const displayOf = (plan: Plan, id: string): Displayed => displayed(calledOf(plan, id));

/** How well what was typed fits, 0 the whole of it; `undefined`: it is in neither the id nor the name. Compared without case. */
function fitOf({ id, type, name = id }: Called, typed: string): number | undefined {
  const fits = [id, name].flatMap((word) => {
    const text = suffixed(word, type).toLowerCase();
    const at = text.indexOf(typed);
    if (at === -1) return [];
    return text === typed || word.toLowerCase() === typed ? [0] : [at === 0 ? 1 : 2];
  });
  return fits.length === 0 ? undefined : Math.min(...fits);
}

/** As it is compared: with or without a space before `(Group)`. */
const typedOf = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/\s+\(group\)$/, SUFFIX.toLowerCase());

/** Whether a principal is called what was typed, or has it in what it is called. */
export function matcher(plan: Plan, text: string): (id: string) => boolean {
  const typed = typedOf(text);
  return (id) => fitOf(calledOf(plan, id), typed) !== undefined;
}

/** `after`: where the page before ended. */
export type FindAsked = { readonly text: string; readonly max: number; readonly after?: readonly string[] };
export type Found = { readonly items: readonly Displayed[]; readonly next?: readonly string[] };
type Place = readonly [fit: string, display: string, id: string];

/** The active users, service accounts and groups that are called what was typed, who fits best first. */
export function found(plan: Plan, { text, max, after }: FindAsked): Found {
  const typed = typedOf(text);
  const all: { readonly place: Place; readonly item: Displayed }[] = [];
  for (const one of [...SYSTEM_GROUPS.map((id) => calledOf(plan, id)), ...principals(plan).filter(({ active }) => active)]) {
    const fit = fitOf(one, typed);
    if (fit === undefined) continue;
    const item = displayed(one);
    const place: Place = [String(fit), item.display, item.id];
    if (after === undefined || inOrder(place, after) > 0) all.push({ place, item });
  }
  const page = all.sort((one, other) => inOrder(one.place, other.place)).slice(0, max);
  const last = page.at(-1);
  return { items: page.map(({ item }) => item), ...(last === undefined || all.length <= max ? {} : { next: last.place }) };
}

function inOrder([fit, display, id]: Place, [otherFit = "", otherDisplay = "", otherId = ""]: readonly string[]): number {
  return compareUtf8(fit, otherFit) || compareUtf8(display, otherDisplay) || compareUtf8(id, otherId);
}
