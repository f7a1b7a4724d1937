/**
 * Tokens: who may ask this server anything. A secret is shown once, when its token is made, and kept as a hash.
 */
import { LIMITS } from "@reeve/core";
import { type Static, Type } from "typebox";
import { shownName } from "./texts.ts";

const ceiling = Type.Unsafe<"read" | "decide" | "admin">({
  type: "string",
  enum: ["read", "decide", "admin"],
  description: "What its bearer may do at most.",
});
const told = {
  ceiling,
  clientId: Type.Optional(Type.String({ minLength: 1, maxLength: LIMITS.idCharactersMax, pattern: "^[A-Za-z0-9._@:-]+$" })),
  name: Type.Optional(shownName("What it is for.")),
  expires: Type.Optional(
    Type.Integer({ minimum: 0, maximum: LIMITS.timeMsMax, description: "Epoch milliseconds; from then on it is none." }),
  ),
};
const principal = Type.String({
  minLength: 1,
  maxLength: LIMITS.idCharactersMax,
  description: "The user or service account that it stands for.",
});

export const TokenRequest = Type.Object({ principal, ...told }, { title: "TokenRequest", additionalProperties: false });
export type TokenRequest = Static<typeof TokenRequest>;
export const AdministratorTokenRequest = Type.Object(told, { title: "AdministratorTokenRequest", additionalProperties: false });
export type AdministratorTokenRequest = Static<typeof AdministratorTokenRequest>;

const token = {
  id: Type.String({ description: "Names the token; it lets nobody in." }),
  principal: Type.Optional(principal),
  ...told,
  created: Type.Integer({ description: "Epoch milliseconds." }),
  lastUsed: Type.Optional(Type.Integer({ description: "Epoch milliseconds, to the minute." })),
};
export const TokenAnswer = Type.Object(token, { title: "Token" });
export type TokenAnswer = Static<typeof TokenAnswer>;
export const TokenMade = Type.Object(
  { ...token, secret: Type.String({ description: "Shown now and never again." }) },
  { title: "TokenMade" },
);
export type TokenMade = Static<typeof TokenMade>;
export const TokenPage = Type.Object({ items: Type.Array(TokenAnswer), next: Type.Optional(Type.String()) }, { title: "TokenPage" });
