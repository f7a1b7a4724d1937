/**
 * Asking: what every command does that asks a server about an organization: find both, ask, print the answer or tell the failure.
 */
import type { Result } from "@reeve/core";
import { tell } from "./answer.ts";
import type { Client } from "./client.ts";
import { type ConnectionOptions, connect, organizationOf } from "./connection.ts";
import { EXIT, type Exit, type Failure } from "./exit.ts";
import { type OutputOptions, print, type Told } from "./output.ts";
import { type Place, withSuggestion } from "./probably-meant.ts";
import type { Shell } from "./shell.ts";

export type { Place };
export type AskOptions = ConnectionOptions & OutputOptions & { readonly org?: string };

/** The server and the organization that are meant. */
export function placeOf(shell: Shell, options: AskOptions): Result<Place, Failure> {
  const org = organizationOf(options, shell);
  if (!org.ok) return org;
  const client = connect(options, shell);
  return client.ok ? { ok: true, value: { client: client.value, org: org.value } } : client;
}

/** Asks about the organization that is meant. */
export async function askPlace(shell: Shell, options: AskOptions, ask: (place: Place) => Promise<Result<Told, Failure>>): Promise<Exit> {
  const org = organizationOf(options, shell);
  if (!org.ok) return tell(shell, org.error);
  return askServer(shell, options, async (client) => {
    const told = await ask({ client, org: org.value });
    return told.ok ? told : { ok: false, error: await withSuggestion(told.error, { client, org: org.value }) };
  });
}

/** Asks about the server as a whole. */
export async function askServer(shell: Shell, options: AskOptions, ask: (client: Client) => Promise<Result<Told, Failure>>): Promise<Exit> {
  const client = connect(options, shell);
  if (!client.ok) return tell(shell, client.error);
  const told = await ask(client.value);
  if (!told.ok) return tell(shell, told.error);
  print(shell, options, told.value);
  return EXIT.yes;
}
