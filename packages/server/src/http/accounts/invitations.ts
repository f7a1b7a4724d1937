/** Accepting an invitation: whoever holds the link shows its token and a password. Mapping only. */
import { AcceptRequest, type AccountAnswer } from "@reeve/contract";
import type { SignIn } from "../../identity/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { validator, validBody } from "../validate.ts";
import { newPassword } from "./password-fault.ts";
import { unknownPerson } from "./unknown-person.ts";

const validateAccept = validator<AcceptRequest>(AcceptRequest);

export function acceptHandlers({ signIn }: { readonly signIn: SignIn }): Pick<Handlers, "acceptInvitation"> {
  return { acceptInvitation: (exchange) => accept(signIn, exchange) };
}

async function accept(signIn: SignIn, { request, reply }: Exchange): Promise<AccountAnswer> {
  const { token, password } = validBody(validateAccept, { request });
  const shown = { token, password: newPassword(password, "/password"), requestId: request.id };
  const done = await signIn.accept({ ...shown, address: request.ip });
  if (!done.ok) throw done.error.code === "invitation_not_found" ? new HttpProblem(done.error.code) : unknownPerson(done.error);
  reply.header("cache-control", "no-store");
  return done.value;
}
