/**
 * `reeve credentials`: the OAuth client of a developer project and its secrets: shown without their values, made, ended.
 *
 * Invariant: a secret's value goes to stdout alone, once, or into the file that is named. With a file stdout has the client id, so
 * that both can be handed to a program without being looked at.
 */
import type { CredentialAnswer, SecretMade } from "@reeve/contract";
import { present, type Result } from "@reeve/core";
import { type AskOptions, askPlace, type Place } from "../asked.ts";
import { done } from "../done.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { timeText } from "../history-words.ts";
import { expiresOf } from "../moment.ts";
import { handedOver, type Secret, type SecretFileOptions, shownWhere } from "../secret-file.ts";
import { type Output, type Shell, writeLines } from "../shell.ts";
import { writeTable } from "../table-text.ts";

export type AddOptions = Omit<AskOptions, "output"> & SecretFileOptions & { readonly name?: string; readonly expires?: string };
export type DeleteOptions = AskOptions & { readonly client?: true };

export function listCredentials(shell: Shell, project: string, options: AskOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const answer = await client.askJson({ route: "getCredential", parameters: { org, id: project } });
    if (!answer.ok) return answer;
    const credential = answer.value.value as CredentialAnswer | null;
    if (typeof credential?.serviceAccount !== "string" || !Array.isArray(credential.secrets)) {
      return fail(EXIT.cannotRun, "What answered there gave no credential. Is it the right address? (--url or REEVE_URL)");
    }
    return { ok: true, value: { ...answer.value, table: (output) => writeCredential(output, credential) } };
  });
}

function writeCredential(output: Output, { clientId, serviceAccount, secrets }: CredentialAnswer): void {
  const client = clientId ?? "none yet: the first secret makes it";
  writeLines(output, [`Client id (API key): ${client}`, `Service account: ${serviceAccount}`]);
  const rows = secrets.map(({ id, name, created, expires, lastUsed }) => [id, name, ...[created, expires, lastUsed].map(timeText)]);
  if (rows.length > 0) writeTable(output, { titles: ["SECRET", "NAME", "MADE", "EXPIRES", "LAST USED"], rows });
}

export function addSecret(shell: Shell, project: string, options: AddOptions): Promise<Exit> {
  return askPlace(shell, options, async (place) => {
    const expires = expiresOf(options.expires, Date.now());
    if (!expires.ok) return expires;
    const body = present({ name: options.name, expires: expires.value });
    const made = await handedOver(shell, options.secretFile, () => makeSecret(place, project, body));
    if (!made.ok) return made;
    const { clientId, id, expires: until } = made.value;
    const notes = [
      `A client secret of project ${project}, ${until === undefined ? "until it is deleted" : `until ${timeText(until)}`}. ${shownWhere(options)}`,
      `  its id is ${id}; with it, \`reeve credentials delete\` ends it. The client id is ${clientId}.`,
    ];
    const lines = options.secretFile === undefined ? [] : [clientId];
    return { ok: true, value: { value: undefined, notes, table: (output) => writeLines(output, lines) } };
  });
}

async function makeSecret(
  { client, org }: Place,
  id: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Result<Secret<SecretMade>, Failure>> {
  const answer = await client.askJson({ route: "createClientSecret", parameters: { org, id }, body });
  if (!answer.ok) return answer;
  const made = answer.value.value as SecretMade | null;
  if (typeof made?.secret === "string" && typeof made.clientId === "string")
    return { ok: true, value: { secret: made.secret, value: made } };
  return fail(EXIT.cannotRun, "What answered there made no secret. Is it the right address? (--url or REEVE_URL)");
}

/** A secret of the project's client, or the client with all of them. */
export function deleteCredential(
  shell: Shell,
  { project: id, secret }: { readonly project: string; readonly secret: string | undefined },
  options: DeleteOptions,
): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    if ((secret === undefined) === (options.client === undefined)) {
      return fail(
        EXIT.usage,
        "What is to end? Name one SECRET by its id (reeve credentials list), or say --client: the client with all of its secrets.",
      );
    }
    if (secret === undefined) {
      const call = { route: "deleteCredential", parameters: { org, id } } as const;
      return done(client, call, `The client of project ${id} is ended: its secrets and its access tokens let nobody in any more.`);
    }
    const call = { route: "deleteClientSecret", parameters: { org, id, secret } } as const;
    return done(client, call, `Secret ${secret} is ended. Access tokens that it obtained stay valid until they expire.`);
  });
}
