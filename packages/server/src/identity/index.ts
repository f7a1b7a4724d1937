/** The door of identity: who is asking, and the administrator's token. */
export {
  type AdministratorToken,
  ensureAdministrator,
  newSecret,
  resetAdministrator,
  withdrawAdministrator,
} from "./administrator.ts";
export { type ActivePrincipals, type Authenticate, authenticator, type Caller, type Ceiling, hashToken } from "./authenticate.ts";
export { FURTHER, PRINCIPAL } from "./kinds.ts";
export { cachedTokens } from "./token-cache.ts";
