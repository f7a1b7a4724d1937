/**
 * `reeve token create`: a token that stands for a principal of an organization, or a further one of the server's administrator.
 *
 * Invariant: the secret alone goes to stdout, once; everything else to stderr.
 */
import type { AdministratorTokenRequest, TokenMade } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { tell } from "../answer.ts";
import type { Call } from "../client.ts";
import { type ConnectionOptions, connect, organizationOf } from "../connection.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { timeText } from "../history-words.ts";
import { given } from "../list-question.ts";
import { type Shell, visible, writeLines } from "../shell.ts";

export type TokenCreateOptions = ConnectionOptions & {
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
  const answer = await client.value.askJson(call.value);
  if (!answer.ok) return tell(shell, answer.error);
  const made = answer.value.value as TokenMade | null;
  if (typeof made?.secret !== "string" || typeof made.id !== "string") {
    return tell(shell, fail(EXIT.cannotRun, "What answered there made no token. Is it the right address? (--url or REEVE_URL)").error);
  }
  const who = made.principal === undefined ? "the server's administrator" : `${made.principal} of ${call.value.parameters?.org}`;
  const until = made.expires === undefined ? "until it is revoked" : `until ${timeText(made.expires)}`;
  writeLines(shell.stderr, [
    `A token that stands for ${who}, ${made.ceiling} at most, ${until}. It is shown this once:`,
    `  its id is ${made.id}; with it, \`reeve token revoke\` ends it.`,
  ]);
  shell.stdout.write(`${visible(made.secret)}\n`);
  return EXIT.yes;
}

function createCall(shell: Shell, options: TokenCreateOptions, nowMs: number): Result<Call, Failure> {
  const { principal, administrator, ceiling, name, clientId } = options;
  if ((principal === undefined) === (administrator === undefined)) {
    return fail(EXIT.usage, "Whose token? Name a user or service account with --principal, or say --administrator.");
  }
  const expires = options.expires === undefined ? undefined : momentOf(options.expires, nowMs);
  if (options.expires !== undefined && expires === undefined) {
    return fail(EXIT.usage, `--expires ${options.expires} is not allowed: allowed is a time such as 2027-01-31T12:00:00Z, or 12h or 90d.`);
  }
  const told = { ceiling, ...given({ name, clientId, expires }) };
  if (principal === undefined) return { ok: true, value: { route: "createAdministratorToken", body: told } };
  const org = organizationOf(options, shell);
  if (!org.ok) return org;
  return { ok: true, value: { route: "createToken", parameters: { org: org.value }, body: { principal, ...told } } };
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A date without a time is its beginning in UTC; a time without a zone would be anybody's. */
export function momentOf(text: string, nowMs: number): number | undefined {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs + Number(count) * (UNITS_MS[unit] as number);
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
