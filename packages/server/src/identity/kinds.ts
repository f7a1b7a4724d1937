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
