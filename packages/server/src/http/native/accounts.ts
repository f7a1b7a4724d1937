/** Accounts of the server, for its administrator: which there are, their end, and a link for who forgot his password. Mapping only. */
import { type AccountListed, type PasswordResetMade, PasswordResetRequest } from "@reeve/contract";
import type { Cursors } from "../../app/index.ts";
import type { Accounts, ResetMails } from "../../identity/index.ts";
import { askedBy } from "../asked.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { logEvent } from "../log.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../query.ts";
import { validator, validBody } from "../validate.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";

const validateAsked = validator<PasswordResetRequest>(PasswordResetRequest);
const CREATED = 201;
const NO_CONTENT = 204;

type AccountOptions = { readonly accounts: Accounts; readonly resets: Pick<ResetMails, "link">; readonly cursors: Cursors };
type AccountRoute = "listAccounts" | "deleteAccount" | "createPasswordReset";
type Found = Awaited<ReturnType<Accounts["list"]>>[number];

export function accountAdministration(options: AccountOptions): Pick<Handlers, AccountRoute> {
  return {
    listAccounts: (exchange) => list(options, exchange),
    deleteAccount: (exchange) => end(options, exchange),
    createPasswordReset: (exchange) => reset(options, exchange),
  };
}

async function list({ accounts, cursors }: AccountOptions, { request }: Exchange): Promise<object> {
  const { limit, cursor, email } = queryOf(request.url, ["email", "limit", "cursor"]);
  const question = ["accounts", email ?? null];
  const position = positionOf(cursors, question, { cursor });
  const max = limitOf(limit);
  const found = await accounts.list({
    max,
    ...(email === undefined ? {} : { email }),
    ...(position === undefined ? {} : { after: position[0] as string }),
  });
  const last = email !== undefined || found.length < max ? undefined : found.at(-1);
  return pageOf(found.map(told), last === undefined ? undefined : [last.id], { cursors, question });
}

const told = ({ id, email, issuer, createdMs, secondFactor, persons }: Found): AccountListed => ({
  id,
  ...(email === undefined ? {} : { email }),
  ...(issuer === undefined ? {} : { issuer }),
  created: createdMs,
  secondFactor,
  organizations: persons.map(({ org, principal }) => ({ id: org, principal })),
});

async function end({ accounts }: AccountOptions, exchange: Exchange): Promise<undefined> {
  const { request, reply } = exchange;
  const { id } = request.params as { readonly id: string };
  if (!(await accounts.end(id, askedBy(exchange)))) throw NO_ACCOUNT();
  logEvent(request.log, "account.end", { account: id });
  reply.status(NO_CONTENT);
  return undefined;
}

async function reset({ resets }: AccountOptions, exchange: Exchange): Promise<PasswordResetMade> {
  const { email } = validBody(validateAsked, exchange);
  const made = await resets.link(email);
  if (made === undefined) throw NO_ACCOUNT();
  logEvent(exchange.request.log, "password-reset.create", { account: made.account.id });
  exchange.reply.status(CREATED).header("cache-control", "no-store");
  return { link: made.link, expires: made.expiresMs };
}

const NO_ACCOUNT = (): HttpProblem => new HttpProblem("object_not_found", { detail: "There is no such account." });
