/** Another password: of who is signed in, and by a link of who forgot his. Mapping only. */
import { AcceptRequest, type AccountAnswer, AccountEnd, PasswordChange, PasswordResetRequest } from "@reeve/contract";
import type { ResetMails } from "../../identity/index.ts";
import { setCookie } from "../browser.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { logEvent } from "../log.ts";
import { HttpProblem } from "../problem.ts";
import { validator, validBody } from "../validate.ts";
import { newPassword } from "./password-fault.ts";
import { type SessionOptions, visitOf } from "./sessions.ts";
import { unknownPerson } from "./unknown-person.ts";

const validateChange = validator<PasswordChange>(PasswordChange);
const validateAsked = validator<PasswordResetRequest>(PasswordResetRequest);
const validateAccept = validator<AcceptRequest>(AcceptRequest);
const validateEnd = validator<AccountEnd>(AccountEnd);
const ACCEPTED = 202;
const NO_CONTENT = 204;

export type PasswordOptions = SessionOptions & { readonly resets: ResetMails };
type PasswordRoute = "changePassword" | "endAccount" | "askPasswordReset" | "acceptPasswordReset";

export function passwordHandlers(options: PasswordOptions): Pick<Handlers, PasswordRoute> {
  return {
    changePassword: (exchange) => change(options, exchange),
    endAccount: (exchange) => end(options, exchange),
    askPasswordReset: (exchange) => ask(options, exchange),
    acceptPasswordReset: (exchange) => accept(options, exchange),
  };
}

async function change(options: PasswordOptions, exchange: Exchange): Promise<undefined> {
  const { account, session } = await visitOf(options, exchange);
  const shown = validBody(validateChange, exchange);
  const asked = { ...shown, newPassword: newPassword(shown.newPassword, "/newPassword") };
  const done = await options.signIn.changePassword({ ...asked, account, session: session.id, address: exchange.request.ip });
  if (!done.ok) throw unknownPerson(done.error);
  logEvent(exchange.request.log, "password.change", { account: account.id });
  exchange.reply.status(NO_CONTENT);
  return undefined;
}

/** Whoever has his session and not his password must not end his account. */
async function end(options: PasswordOptions, exchange: Exchange): Promise<undefined> {
  const { account } = await visitOf(options, exchange);
  const shown = validBody(validateEnd, exchange);
  if (account.email === undefined)
    throw new HttpProblem("sign_in_refused", { detail: "An issuer signs this account in: the server's administrator ends it." });
  const done = await options.signIn.signIn({ ...shown, email: account.email, address: exchange.request.ip });
  if (!done.ok) throw unknownPerson(done.error);
  await options.accounts.end(done.value.id, { requestId: exchange.request.id });
  logEvent(exchange.request.log, "account.end", { account: done.value.id });
  exchange.reply.status(NO_CONTENT).header("set-cookie", setCookie(options.site));
  return undefined;
}

function ask({ resets }: PasswordOptions, exchange: Exchange): undefined {
  const { email } = validBody(validateAsked, exchange);
  const refusal = resets.ask({ email, address: exchange.request.ip });
  if (refusal !== undefined)
    throw refusal.code === "mail_not_configured"
      ? new HttpProblem(refusal.code, { detail: "Ask the server's administrator for a link by which you choose another password." })
      : unknownPerson(refusal);
  exchange.reply.status(ACCEPTED);
  return undefined;
}

async function accept({ signIn }: PasswordOptions, { request, reply }: Exchange): Promise<AccountAnswer> {
  const { token, password } = validBody(validateAccept, { request });
  const done = await signIn.resetPassword({ token, password: newPassword(password, "/password"), address: request.ip });
  if (!done.ok) throw done.error.code === "password_reset_not_found" ? new HttpProblem(done.error.code) : unknownPerson(done.error);
  logEvent(request.log, "password.reset", { account: done.value.id });
  reply.header("cache-control", "no-store");
  return done.value;
}
