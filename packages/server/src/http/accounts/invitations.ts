/** Accepting an invitation: whoever holds the link shows its token and a password. Mapping only. */
import { AcceptRequest, type AccountAnswer } from "@reeve/contract";
import { passwordFault, type SignIn } from "../../identity/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { validator, validBody } from "../validate.ts";
import { unknownPerson } from "./unknown-person.ts";

const validateAccept = validator<AcceptRequest>(AcceptRequest);

const PASSWORD_FAULTS = {
  too_short: { code: "out_of_range", pointer: "/password", detail: "A password has 12 characters or more." },
  too_long: { code: "too_long", pointer: "/password", detail: "A password has 1,024 bytes or fewer." },
  malformed_text: { code: "malformed_text", pointer: "/password", detail: "A password has no unpaired surrogates." },
} as const;

export function acceptHandlers({ signIn }: { readonly signIn: SignIn }): Pick<Handlers, "acceptInvitation"> {
  return { acceptInvitation: (exchange) => accept(signIn, exchange) };
}

async function accept(signIn: SignIn, { request, reply }: Exchange): Promise<AccountAnswer> {
  const { token, password } = validBody(validateAccept, { request });
  const fault = passwordFault(password);
  if (fault !== undefined) throw new HttpProblem("malformed_request", { errors: [PASSWORD_FAULTS[fault]] });
  const done = await signIn.accept({ token, password, address: request.ip });
  if (!done.ok) throw done.error.code === "invitation_not_found" ? new HttpProblem(done.error.code) : unknownPerson(done.error);
  reply.header("cache-control", "no-store");
  return done.value;
}
