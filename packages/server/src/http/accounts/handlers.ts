/** What answers people: accepting an invitation, signing in, passwords, and what is about themselves. */
import type { Handlers } from "../handlers.ts";
import { acceptHandlers } from "./invitations.ts";
import { type IssuerOptions, issuerHandlers } from "./issuers.ts";
import { type PasswordOptions, passwordHandlers } from "./passwords.ts";
import { factorHandlers } from "./second-factor.ts";
import { sessionHandlers } from "./sessions.ts";

export function accountHandlers(options: PasswordOptions & IssuerOptions) {
  return {
    ...acceptHandlers(options),
    ...sessionHandlers(options),
    ...factorHandlers(options),
    ...passwordHandlers(options),
    ...issuerHandlers(options),
  } satisfies Partial<Handlers>;
}
