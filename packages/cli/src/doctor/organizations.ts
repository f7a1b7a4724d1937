/**
 * What organizations hold: administrators, policies that were turned off, and operations that nobody decided about.
 */
import type { CollectionName, PermissionTableJson, RouteId } from "@reeve/contract";
import type { Client } from "../client.ts";
import { nearest } from "../did-you-mean.ts";
import { allListed } from "../pages.ts";
import type { Place } from "../probably-meant.ts";
import { endingFindings } from "./ending.ts";
import { type Finding, found } from "./findings.ts";

type Value = Readonly<Record<string, unknown>>;
const LOOKED_MAX = 1_000;
const NAMED_MAX = 3;
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/** Of the organization that is named, or of all that the token may see. */
export async function organizationFindings(client: Client, named: string | undefined, nowMs: number): Promise<readonly Finding[]> {
  const pages = await allListed<{ readonly id: string }>(client, { route: "listOrganizations" });
  const known = pages.ok ? pages.value.entries.map(({ id }) => id) : [];
  if (named !== undefined && !known.includes(named)) {
    const meant = nearest(named, known);
    const more = meant === undefined ? "" : ` Did you mean ${meant}?`;
    return [found("organization_missing", `There is no organization ${named}, or the token may not see it.${more}`)];
  }
  if (known.length === 0) return [found("no_organization", "The server holds no organization.")];
  const findings: Finding[] = [];
  for (const org of named === undefined ? known : [named])
    findings.push(...(await findingsOf(client, org)), ...(await endingFindings({ client, org }, nowMs)));
  return findings;
}

async function findingsOf(client: Client, org: string): Promise<readonly Finding[]> {
  const stored = async (name: CollectionName, filter: Readonly<Record<string, string>>): Promise<readonly Value[]> => {
    const pages = await allListed<{ readonly value: Value }>(client, {
      route: `${name}.list` as RouteId,
      parameters: { org },
      limit: LOOKED_MAX,
      filter,
    });
    return pages.ok ? pages.value.entries.map(({ value }) => value) : [];
  };
  // One that ships turned off is turned on by who wants it.
  const off = await stored("policies", { status: "inactive", builtIn: "false" });
  const products = await stored("products", {});
  const findings = [
    ...((await hasAdministrator({ client, org })) ? [] : [found("no_administrators", `${org} has no active administrator.`)]),
    ...off.map(({ id, name }) => found("policy_inactive", `The policy ${id} of ${org} (${name}) is turned off.`)),
  ];
  for (const { id } of products) findings.push(...(await catalogueFindings(client, org, String(id))));
  return findings;
}

/** As the engine has it at this moment: through groups too, and not by what has ended. */
async function hasAdministrator({ client, org }: Place): Promise<boolean> {
  for (const type of ["user", "service-account"]) {
    const body = { type, action: { name: "administer-reeve" }, resource: { path: "/" }, limit: 1 };
    const answer = await client.askJson({ route: "listPrincipals", parameters: { org }, body });
    const entries = answer.ok ? (answer.value.value as { readonly entries?: readonly unknown[] }).entries : undefined;
    if (entries === undefined || entries.length > 0) return true;
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
