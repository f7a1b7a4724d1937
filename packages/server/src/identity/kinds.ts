/** Kinds of tokens, by whom they stand for. */

/** The server's administrator's own: one. */
export const ADMINISTRATOR = "administrator";
/** A token beside the administrator's own, with the same rights under its ceiling: for pipelines. A reset ends it too. */
export const FURTHER = "further-administrator";
/** It stands for a principal of one organization, and ends with that principal's life. */
export const PRINCIPAL = "principal";

/** Kinds of items (`store/items.ts`): what identity keeps beside the organizations' records. */

/** A pair that signs access tokens. */
export const SIGNING_KEY = "signing-key";
/** An OAuth client of a service account. */
export const CLIENT = "client";
/** A secret of a client, which owns it. */
export const CLIENT_SECRET = "client-secret";
/** An access token, by its `jti`, that was ended before its time. */
export const REVOKED_TOKEN = "revoked-token";
/** An e-mail address with its credentials, of no organization. */
export const ACCOUNT = "account";
/** Its id: what all spellings of an account's address have in common; its owner: the account. */
export const ACCOUNT_EMAIL = "account-email";
/** Links a user of an organization to the account that owns it. */
export const PERSON = "person";
/** A link by which whoever holds it, and the account's password, becomes a user of an organization; its owner: the address. */
export const INVITATION = "invitation";
/** A browser in which an account is signed in; its id: the hash of its secret; its owner: the account. */
export const SESSION = "session";
/** What stands in for a one-time password once; its id: a hash with its account, which owns it. */
export const RECOVERY_CODE = "recovery-code";
/** A link by which whoever reads an account's mail chooses another password; its id: the hash of its token; its owner: the account. */
export const PASSWORD_RESET = "password-reset";
/** A subject of a trusted issuer, by a hash of both, that is linked with a user; its owner: the account that it signs in by. */
export const ISSUED_SUBJECT = "issued-subject";
/** The same link, by a hash of the issuer and the user. */
export const ISSUED_USER = "issued-user";
