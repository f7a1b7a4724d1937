/** The second factor of whoever is signed in: made, confirmed, and turned off with all that it takes to sign in. Mapping only. */
import { CodeRequest, type EnrolmentAnswer, type RecoveryCodes, SecondFactorOff } from "@reeve/contract";
import { encode } from "uqr";
import type { Exchange, Handlers } from "../handlers.ts";
import { logEvent } from "../log.ts";
import { HttpProblem } from "../problem.ts";
import { validator, validBody } from "../validate.ts";
import { type SessionOptions, visitOf } from "./sessions.ts";
import { unknownPerson } from "./unknown-person.ts";

const validateCode = validator<CodeRequest>(CodeRequest);
const validateOff = validator<SecondFactorOff>(SecondFactorOff);
const CREATED = 201;
const NO_CONTENT = 204;

type FactorRoute = "enrolSecondFactor" | "confirmSecondFactor" | "endSecondFactor";

export function factorHandlers(options: SessionOptions): Pick<Handlers, FactorRoute> {
  return {
    enrolSecondFactor: (exchange) => enrol(options, exchange),
    confirmSecondFactor: (exchange) => confirm(options, exchange),
    endSecondFactor: (exchange) => end(options, exchange),
  };
}

async function enrol(options: SessionOptions, exchange: Exchange): Promise<EnrolmentAnswer> {
  const { account } = await visitOf(options, exchange);
  if (account.issuer !== undefined)
    throw new HttpProblem("second_factor_on", { detail: "This account is signed in by an issuer, whose own second factor counts." });
  const made = await options.factors.enrol(account.id);
  if (made === undefined) throw new HttpProblem("second_factor_on");
  exchange.reply.status(CREATED).header("cache-control", "no-store");
  const { data } = encode(made.uri, { border: 0, ecc: "M" });
  return { ...made, qr: data.map((row) => row.map((isDark) => (isDark ? "1" : "0")).join("")) };
}

async function confirm(options: SessionOptions, exchange: Exchange): Promise<RecoveryCodes> {
  const { account } = await visitOf(options, exchange);
  const { code } = validBody(validateCode, exchange);
  const done = await options.factors.confirm(account.id, code);
  if (done === "not_enrolled") throw new HttpProblem("object_not_found", { detail: "No second factor waits to be confirmed." });
  if (done === "wrong_code") throw new HttpProblem("sign_in_refused");
  logEvent(exchange.request.log, "second-factor.on", { account: account.id });
  exchange.reply.header("cache-control", "no-store");
  return { recoveryCodes: [...done.codes] };
}

async function end(options: SessionOptions, exchange: Exchange): Promise<undefined> {
  const { account } = await visitOf(options, exchange);
  const shown = validBody(validateOff, exchange);
  if (!(await options.factors.isOn(account.id))) throw new HttpProblem("object_not_found", { detail: "There is no second factor." });
  const done = await options.signIn.signIn({ ...shown, email: account.email ?? "", address: exchange.request.ip });
  if (!done.ok) throw unknownPerson(done.error);
  await options.factors.turnOff(done.value.id);
  logEvent(exchange.request.log, "second-factor.off", { account: done.value.id });
  exchange.reply.status(NO_CONTENT);
  return undefined;
}
