/**
 * What organizations hold: administrators, policies that were turned off, and operations that nobody decided about.
 */
import type { CollectionName, PermissionTableJson, RouteId } from "@reeve/contract";
import type { Client } from "../client.ts";
import { nearest } from "../did-you-mean.ts";
import { allPages } from "../pages.ts";
import { type Finding, found } from "./findings.ts";

type Value = Readonly<Record<string, unknown>>;
const LOOKED_MAX = 1_000;
const NAMED_MAX = 3;
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/** Of the organization that is named, or of all that the token may see. */
export async function organizationFindings(client: Client, named: string | undefined): Promise<readonly Finding[]> {
  const pages = await allPages<{ readonly id: string }>(client, {
    call: ({ limit, cursor }) => ({ route: "listOrganizations", query: queryText({ limit: `${limit}` }, cursor) }),
  });
  const known = pages.ok ? pages.value.entries.map(({ id }) => id) : [];
  if (named !== undefined && !known.includes(named)) {
    const meant = nearest(named, known);
    const more = meant === undefined ? "" : ` Did you mean ${meant}?`;
    return [found("organization_missing", `There is no organization ${named}, or the token may not see it.${more}`)];
  }
  if (known.length === 0) return [found("no_organization", "The server holds no organization.")];
  const findings: Finding[] = [];
  for (const org of named === undefined ? known : [named]) findings.push(...(await findingsOf(client, org)));
  return findings;
}

const queryText = (query: Readonly<Record<string, string>>, cursor: string | undefined): string =>
  `?${new URLSearchParams(cursor === undefined ? query : { ...query, cursor })}`;

async function findingsOf(client: Client, org: string): Promise<readonly Finding[]> {
  const stored = async (name: CollectionName, filter: Readonly<Record<string, string>>): Promise<readonly Value[]> => {
    const pages = await allPages<{ readonly value: Value }>(client, {
      limit: LOOKED_MAX,
      call: ({ limit, cursor }) => ({
        route: `${name}.list` as RouteId,
        parameters: { org },
        query: queryText({ ...filter, limit: `${limit}` }, cursor),
      }),
    });
    return pages.ok ? pages.value.entries.map(({ value }) => value) : [];
  };
  // One that ships turned off is turned on by who wants it.
  const off = await stored("policies", { status: "inactive", builtIn: "false" });
  const products = await stored("products", {});
  const findings = [
    ...((await hasAdministrator(client, org, await stored("memberships", { group: "admins" })))
      ? []
      : [found("no_administrators", `${org} has no active administrator.`)]),
    ...off.map(({ id, name }) => found("policy_inactive", `The policy ${id} of ${org} (${name}) is turned off.`)),
  ];
  for (const { id } of products) findings.push(...(await catalogueFindings(client, org, String(id))));
  return findings;
}

async function hasAdministrator(client: Client, org: string, memberships: readonly Value[]): Promise<boolean> {
  for (const { member } of memberships) {
    const answer = await client.askJson({ route: "principals.get", parameters: { org, id: String(member) } });
    if (answer.ok && (answer.value.value as { readonly active?: unknown }).active === true) return true;
  }
  return false;
}

async function catalogueFindings(client: Client, org: string, product: string): Promise<readonly Finding[]> {
  const answer = await client.askJson({ route: "organizationTable", parameters: { org, product } });
  const rows = answer.ok ? ((answer.value.value as Partial<PermissionTableJson>).rows ?? []) : [];
  const at = (some: PermissionTableJson["rows"]): string =>
    some
      .slice(0, NAMED_MAX)
      .map(({ method, path }) => `${method} ${path}`)
      .join(", ") + (some.length > NAMED_MAX ? ` and ${some.length - NAMED_MAX} more` : "");
  const unmapped = rows.filter(({ markers, method }) => markers.includes("unmapped") && !SAFE_METHODS.includes(method));
  const orphans = rows.filter(({ markers }) => markers.includes("orphan"));
  const about = `of ${product} in ${org}`;
  return [
    ...(unmapped.length > 0
      ? [found("mutations_unmapped", `${unmapped.length} operations ${about} change something and have no rule: ${at(unmapped)}.`)]
      : []),
    ...(orphans.length > 0
      ? [found("operations_orphaned", `${orphans.length} operations ${about} are unknown to its API: ${at(orphans)}.`)]
      : []),
  ];
}
