/**
 * `reeve token create`: a token that stands for a principal of an organization, or a further one of the server's administrator.
 *
 * Invariant: the secret alone goes to stdout, once, or into the file that is named; everything else to stderr.
 */
import type { AdministratorTokenRequest, TokenMade } from "@reeve/contract";
import { present, type Result } from "@reeve/core";
import { tell } from "../answer.ts";
import type { Call, Client } from "../client.ts";
import { type ConnectionOptions, connect, organizationOf } from "../connection.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { timeText } from "../history-words.ts";
import { expiresOf } from "../moment.ts";
import { handedOver, type Secret, type SecretFileOptions, shownWhere } from "../secret-file.ts";
import { type Shell, writeLines } from "../shell.ts";

export type TokenCreateOptions = ConnectionOptions &
  SecretFileOptions & {
    readonly org?: string;
    readonly principal?: string;
    readonly administrator?: true;
    readonly ceiling: AdministratorTokenRequest["ceiling"];
    readonly name?: string;
    readonly clientId?: string;
    /** A moment, or how long: `90d`. */
    readonly expires?: string;
  };

export async function tokenCreate(shell: Shell, options: TokenCreateOptions): Promise<Exit> {
  const call = createCall(shell, options, Date.now());
  if (!call.ok) return tell(shell, call.error);
  const client = connect(options, shell);
  if (!client.ok) return tell(shell, client.error);
  const token = await handedOver(shell, options.secretFile, () => make(client.value, call.value));
  if (!token.ok) return tell(shell, token.error);
  const made = token.value;
  const who = made.principal === undefined ? "the server's administrator" : `${made.principal} of ${call.value.parameters?.org}`;
  const until = made.expires === undefined ? "until it is revoked" : `until ${timeText(made.expires)}`;
  writeLines(shell.stderr, [
    `A token that stands for ${who}, ${made.ceiling} at most, ${until}. ${shownWhere(options)}`,
    `  its id is ${made.id}; with it, \`reeve token revoke\` ends it.`,
  ]);
  return EXIT.yes;
}

async function make(client: Client, call: Call): Promise<Result<Secret<TokenMade>, Failure>> {
  const answer = await client.askJson(call);
  if (!answer.ok) return answer;
  const made = answer.value.value as TokenMade | null;
  if (typeof made?.secret === "string" && typeof made.id === "string") return { ok: true, value: { secret: made.secret, value: made } };
  return fail(EXIT.cannotRun, "What answered there made no token. Is it the right address? (--url or REEVE_URL)");
}

function createCall(shell: Shell, options: TokenCreateOptions, nowMs: number): Result<Call, Failure> {
  const { principal, administrator, ceiling, name, clientId } = options;
  if ((principal === undefined) === (administrator === undefined)) {
    return fail(EXIT.usage, "Whose token? Name a user or service account with --principal, or say --administrator.");
  }
  const expires = expiresOf(options.expires, nowMs);
  if (!expires.ok) return expires;
  const told = { ceiling, ...present({ name, clientId, expires: expires.value }) };
  if (principal === undefined) return { ok: true, value: { route: "createAdministratorToken", body: told } };
  const org = organizationOf(options, shell);
  if (!org.ok) return org;
  return { ok: true, value: { route: "createToken", parameters: { org: org.value }, body: { principal, ...told } } };
}
