/** The door of identity: who is asking, and the administrator's token. */
export {
  type AdministratorToken,
  ensureAdministrator,
  resetAdministrator,
  withdrawAdministrator,
} from "./administrator.ts";
export { type Authenticate, authenticator, type Caller, type Ceiling } from "./authenticate.ts";
export { cachedTokens } from "./token-cache.ts";
