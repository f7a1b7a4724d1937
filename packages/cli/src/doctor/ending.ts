/**
 * What programs show and what ends soon: client secrets of developer projects, and tokens.
 *
 * A client whose secret is being exchanged has another that lasts: only of its last one is there anything to say.
 */
import type { CredentialAnswer, ProjectAnswer, TokenAnswer } from "@reeve/contract";
import { timeText } from "../history-words.ts";
import { allListed } from "../pages.ts";
import type { Place } from "../probably-meant.ts";
import { type Finding, found } from "./findings.ts";

const SOON_MS = 14 * 86_400_000;
const LOOKED_MAX = 1_000;
const NAMED_MAX = 3;

/** Of one organization. */
export async function endingFindings(place: Place, nowMs: number): Promise<readonly Finding[]> {
  return [...(await secretFindings(place, nowMs)), ...(await tokenFindings(place, nowMs))];
}

async function secretFindings({ client, org }: Place, nowMs: number): Promise<readonly Finding[]> {
  const projects = await allListed<ProjectAnswer>(client, { route: "listProjects", parameters: { org }, limit: LOOKED_MAX });
  const ending: string[] = [];
  for (const { id, name } of projects.ok ? projects.value.entries : []) {
    const answer = await client.askJson({ route: "getCredential", parameters: { org, id } });
    const secrets = answer.ok ? (answer.value.value as CredentialAnswer).secrets : [];
    const lastMs = Math.max(...secrets.map(({ expires = Number.POSITIVE_INFINITY }) => expires));
    if (secrets.length > 0 && lastMs < nowMs + SOON_MS) ending.push(`${id} (${name}) at ${timeText(lastMs)}`);
  }
  return ending.length === 0
    ? []
    : [found("client_secret_ends", `The last client secret ends soon, or has ended, of projects of ${org}: ${listed(ending)}.`)];
}

async function tokenFindings({ client, org }: Place, nowMs: number): Promise<readonly Finding[]> {
  const tokens = await allListed<TokenAnswer>(client, { route: "listTokens", parameters: { org }, limit: LOOKED_MAX });
  const ending = (tokens.ok ? tokens.value.entries : [])
    .filter(({ expires = Number.POSITIVE_INFINITY, lastUsed }) => lastUsed !== undefined && expires < nowMs + SOON_MS)
    .map(({ principal, name, expires }) => `${name ?? "one"} of ${principal} at ${timeText(expires)}`);
  return ending.length === 0 ? [] : [found("token_ends", `Tokens of ${org} that are in use end soon: ${listed(ending)}.`)];
}

const listed = (ending: readonly string[]): string =>
  ending.slice(0, NAMED_MAX).join(", ") + (ending.length > NAMED_MAX ? ` and ${ending.length - NAMED_MAX} more` : "");
