/**
 * Users, service accounts and groups as clients of the public API name them: people by their addresses, groups by their names, and both
 * by their ids. Source: the sheet's D-22, D-32.
 *
 * Invariant: a name that could be two is none: nobody is given what was meant for another.
 */
import { ADMINS, findRecord, MEMBERS, type Plan, type Principal } from "@reeve/core";
import type { Objects } from "../../app/index.ts";
import type { Accounts } from "../../identity/index.ts";
import { NamedRefusal } from "./refusals.ts";

export type Naming = {
  readonly objects: Pick<Objects, "list">;
  readonly accounts: Pick<Accounts, "principalOf" | "addressOf">;
};
export type Within = { readonly organization: string; readonly plan: Plan };
export type Kind = "USER" | "GROUP";
export type Subject = Pick<Principal, "type" | "id">;
type Sought = { readonly kind: Kind; readonly name: string };

const NAMED_MAX = 500;
const TOLD_AT_ONCE = 50;

/** A user or service account by its id or its address, a group by its id or its name; 400 `unknown_principal` where there is none. */
export async function principalNamed(naming: Naming, at: Within, sought: Sought): Promise<Subject> {
  const found = await findPrincipal(naming, at, sought);
  if (found !== undefined) return found;
  const { kind, name } = sought;
  throw new NamedRefusal(400, `The organization has no ${kind === "USER" ? "user" : "group"} ${name}.`, "unknown_principal");
}

export async function findPrincipal(naming: Naming, at: Within, { kind, name }: Sought): Promise<Subject | undefined> {
  const wanted = kind === "USER" ? name.trim() : name;
  if (kind === "GROUP" && (wanted === MEMBERS || wanted === ADMINS)) return { type: "group", id: wanted };
  const { organization: org, plan } = at;
  const named = kind === "USER" ? await naming.accounts.principalOf({ org, email: wanted }) : await groupNamed(naming, org, wanted);
  const found = [...new Set([wanted, named])].flatMap((id) => {
    const principal = id === undefined ? undefined : principalIn(plan, id);
    return principal !== undefined && (principal.type === "group") === (kind === "GROUP") ? [principal] : [];
  });
  if (found.length > 1) throw ambiguous(wanted);
  return found[0];
}

const ambiguous = (name: string): NamedRefusal =>
  new NamedRefusal(409, `${name} names more than one of the organization: say the id.`, "ambiguous_principal");

export function principalIn(plan: Plan, id: string): Principal | undefined {
  const rec = findRecord(plan, "principal", [id]);
  return rec?.kind === "principal" ? rec.value : undefined;
}

async function groupNamed({ objects }: Naming, organization: string, name: string): Promise<string | undefined> {
  // Those of exactly this name come first: it is the shortest that begins with it.
  const query = { kind: "principal", filter: { type: "group" }, sort: "name", namePrefix: name, max: 2 } as const;
  const page = await objects.list(organization, query, undefined);
  const values = "code" in page ? [] : page.objects.map(({ rec }) => rec.value as Principal);
  const [one, other] = values.filter((value) => value.name === name);
  if (other !== undefined) throw ambiguous(name);
  return one?.id;
}

/** Every group, by its name or else its id: those of the system first. */
export async function groupNames({ objects }: Naming, organization: string): Promise<readonly string[]> {
  const names: string[] = [];
  const query = { kind: "principal", filter: { type: "group" }, sort: "key", max: NAMED_MAX } as const;
  for (let after: NonNullable<Parameters<Objects["list"]>[1]["after"]> | undefined; ; ) {
    const page = await objects.list(organization, after === undefined ? query : { ...query, after }, undefined);
    if ("code" in page) throw new NamedRefusal(404, "The organization is not there.");
    names.push(...page.objects.map(({ rec }) => nameOf(rec.value as Principal)));
    after = page.next;
    if (after === undefined) return [ADMINS, MEMBERS, ...names.toSorted()];
  }
}

const nameOf = ({ id, name = id }: Pick<Principal, "id" | "name">): string => name;

/** How each is told: a person by his address, where one is known, a group by its name; else by the id. */
export async function shownNames(naming: Naming, { organization, plan }: Within, ids: readonly string[]): Promise<readonly string[]> {
  const shown: string[] = [];
  for (let from = 0; from < ids.length; from += TOLD_AT_ONCE) {
    const some = ids.slice(from, from + TOLD_AT_ONCE);
    shown.push(...(await Promise.all(some.map((id) => shownName(naming, { organization, plan }, id)))));
  }
  return shown;
}

async function shownName({ accounts }: Naming, { organization, plan }: Within, id: string): Promise<string> {
  const principal = principalIn(plan, id);
  if (principal?.type === "group") return nameOf(principal);
  return (await accounts.addressOf({ org: organization, principal: id })) ?? id;
}
