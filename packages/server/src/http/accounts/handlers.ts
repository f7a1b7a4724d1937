/** What answers people: accepting an invitation, signing in, and what is about themselves. */
import type { Handlers } from "../handlers.ts";
import { acceptHandlers } from "./invitations.ts";
import { type FactorOptions, factorHandlers } from "./second-factor.ts";
import { sessionHandlers } from "./sessions.ts";

export function accountHandlers(options: FactorOptions) {
  return { ...acceptHandlers(options), ...sessionHandlers(options), ...factorHandlers(options) } satisfies Partial<Handlers>;
}
