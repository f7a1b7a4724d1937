/** The door of identity: who is asking; the administrator's token; clients, their secrets and access tokens. */

export { type AccessTokens, accessTokens, readScope } from "./access-tokens.ts";
export {
  type AdministratorToken,
  ensureAdministrator,
  newSecret,
  resetAdministrator,
  withdrawAdministrator,
} from "./administrator.ts";
export { type ActivePrincipals, type Authenticate, authenticator, type Caller, type Ceiling, hashToken } from "./authenticate.ts";
export { type Client, type ClientSecret, type Clients, createClients, type SecretAsked } from "./clients.ts";
export { cachedItems, type KeptItems } from "./item-cache.ts";
export { FURTHER, PRINCIPAL } from "./kinds.ts";
export { type SigningKeys, signingKeys } from "./signing-keys.ts";
export { cachedTokens } from "./token-cache.ts";
