/**
 * Credentials of developer projects: the OAuth client of a project's service account, and its secrets.
 *
 * Invariant: a secret's value is in the answer that made it and in no other.
 */
import { LIMITS } from "@reeve/core";
import { type Static, Type } from "typebox";
import { shownName } from "./texts.ts";

const told = {
  name: Type.Optional(shownName("What it is for.")),
  expires: Type.Optional(
    Type.Integer({ minimum: 0, maximum: LIMITS.timeMsMax, description: "Epoch milliseconds; from then on it is none." }),
  ),
};

export const SecretRequest = Type.Object(told, { title: "ClientSecretRequest", additionalProperties: false });
export type SecretRequest = Static<typeof SecretRequest>;

const secret = {
  id: Type.String({ description: "Names the secret; it lets nobody in." }),
  ...told,
  created: Type.Integer({ description: "Epoch milliseconds." }),
  lastUsed: Type.Optional(Type.Integer({ description: "Epoch milliseconds, to the minute." })),
};
const clientId = Type.String({ description: "The OAuth client id, which is the API key too." });

export const SecretAnswer = Type.Object(secret, { title: "ClientSecret" });
export type SecretAnswer = Static<typeof SecretAnswer>;
export const SecretMade = Type.Object(
  { ...secret, clientId, secret: Type.String({ description: "Shown now and never again." }) },
  { title: "ClientSecretMade" },
);
export type SecretMade = Static<typeof SecretMade>;
export const CredentialAnswer = Type.Object(
  {
    clientId: Type.Union([clientId, Type.Null()], { description: "Null until the first secret is made." }),
    serviceAccount: Type.String({ description: "For whom tokens of the client stand." }),
    secrets: Type.Array(SecretAnswer, { description: "Two at most that are valid." }),
  },
  { title: "Credential" },
);
export type CredentialAnswer = Static<typeof CredentialAnswer>;
