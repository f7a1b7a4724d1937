/** The door of identity: who is asking; the administrator's token; clients, their secrets and access tokens; accounts. */

export { type AccessTokens, accessTokens, readScope } from "./access-tokens.ts";
export { type Account, type Accounts, type Conflict, createAccounts, type Invitation } from "./accounts.ts";
export {
  type AdministratorToken,
  ensureAdministrator,
  resetAdministrator,
  withdrawAdministrator,
} from "./administrator.ts";
export { createAttempts, networkOf } from "./attempts.ts";
export {
  type ActivePrincipals,
  type Authenticate,
  authenticator,
  type Browser,
  type Caller,
  type Ceiling,
} from "./authenticate.ts";
export { type Client, type ClientSecret, type Clients, createClients, type OfCredential, type SecretAsked } from "./clients.ts";
export { IssuerUnavailable } from "./issuers/fetch.ts";
export { createFederation, type Federation } from "./issuers/index.ts";
export type { Issuer, NoteIssuer, Proven } from "./issuers/issuer.ts";
export type { Admit, IssuerSignIn, NotProven } from "./issuers/sign-in.ts";
export { TRANSACTION_MS } from "./issuers/transaction.ts";
export { cachedItems, type KeptItems } from "./item-cache.ts";
export { FURTHER, PRINCIPAL } from "./kinds.ts";
export { createPasswordChanges } from "./password-changes.ts";
export { createPasswords, PASSWORD_COST, type PasswordCost, passwordFault } from "./passwords.ts";
export { createResetMails, type ResetMails, type SendLink } from "./reset-mails.ts";
export { createSecondFactors, type SecondFactors } from "./second-factors.ts";
export { hashToken, newSecret } from "./secrets.ts";
export { createSessions, SESSION_MS, type Session, type Sessions, sessionAuthenticator } from "./sessions.ts";
export { createSignIn, type SignIn, type SignInRefused } from "./sign-in.ts";
export { type SigningKeys, signingKeys } from "./signing-keys.ts";
export { cachedTokens } from "./token-cache.ts";
export { type InTurn, turns } from "./turns.ts";
