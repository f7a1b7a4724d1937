/**
 * `reeve access-token`: an access token for a client id and a client secret, as a program obtains it.
 *
 * Invariant: the secret is no argument, so that no list of processes and no history of a shell has it; no other token is sent beside it.
 */
import { type AccessTokenAnswer, FORM_TYPE } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { tell } from "../answer.ts";
import type { Client } from "../client.ts";
import { type ConnectionOptions, connect } from "../connection.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { givenSecret, handedOver, type Secret } from "../secret-file.ts";
import { type Shell, writeLines } from "../shell.ts";

export type AccessTokenOptions = Pick<ConnectionOptions, "url"> & {
  readonly clientId: string;
  readonly secretFile?: string;
  readonly scope: string;
  /** A file for the token. */
  readonly to?: string;
};

export const CLIENT_SECRET = "REEVE_CLIENT_SECRET";

export async function accessToken(shell: Shell, options: AccessTokenOptions): Promise<Exit> {
  const secret = givenSecret(shell, { file: options.secretFile, variable: CLIENT_SECRET });
  if (!secret.ok) return tell(shell, secret.error);
  const client = connect(options, shell, true);
  if (!client.ok) return tell(shell, client.error);
  const { clientId: client_id, scope } = options;
  const form = { grant_type: "client_credentials", client_id, client_secret: secret.value, scope };
  const made = await handedOver(shell, options.to, () => obtain(client.value, form));
  if (!made.ok) return tell(shell, made.error);
  writeLines(shell.stderr, [`An access token, valid for ${made.value} s.${options.to === undefined ? "" : ` It is in ${options.to}.`}`]);
  return EXIT.yes;
}

/** The token, and for how many seconds it is valid. */
async function obtain(client: Client, form: Readonly<Record<string, string>>): Promise<Result<Secret<number>, Failure>> {
  const text = { type: FORM_TYPE, body: new URLSearchParams(form).toString() };
  const answer = await client.askJson({ route: "accessTokenV3", text });
  if (!answer.ok) return answer;
  const given = answer.value.value as AccessTokenAnswer | null;
  if (typeof given?.access_token === "string" && typeof given.expires_in === "number") {
    return { ok: true, value: { secret: given.access_token, value: given.expires_in } };
  }
  return fail(EXIT.cannotRun, "What answered there gave no access token. Is it the right address? (--url or REEVE_URL)");
}
