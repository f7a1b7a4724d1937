/**
 * Trusted issuers: who besides this server may say who somebody is, of one organization each.
 *
 * A *subject* is whom an issuer speaks of: its `sub`, which means nothing without the issuer. *Claims* are what it says of him.
 * Invariant: an issuer speaks for its own organization and for no other.
 */
import type { JsonObject } from "@reeve/core";

/** As it is configured. `groups` and `roles`: value of the claim → id. */
export type Issuer = {
  readonly name: string;
  readonly title?: string;
  /** An https address, compared as it is written. */
  readonly issuer: string;
  readonly organization: string;
  readonly signIn?: { readonly clientId: string; readonly clientSecret?: string; readonly scopes?: readonly string[] };
  readonly tokens?: { readonly audience: string; readonly jwksUri?: string; readonly algorithms?: readonly string[] };
  readonly claims?: { readonly [Use in keyof typeof CLAIMS]?: string };
  readonly people?: "existing" | "create";
  readonly groups?: ReadonlyMap<string, string>;
  readonly roles?: ReadonlyMap<string, string>;
};
/** Told what somebody who operates the server must know; nothing of what an issuer or a person sent. */
export type NoteIssuer = (noted: { readonly issuer: string; readonly code: string; readonly why?: string }) => void;
export type Subject = { readonly issuer: Issuer; readonly subject: string };
/** `email`: only one that the issuer says is verified. */
export type Proven = Subject & {
  readonly principal: string | undefined;
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
};

const CLAIMS = { principal: "sub", email: "email", name: "name", groups: "groups", roles: "roles" } as const;
const VALUES_MAX = 10_000;
const SUBJECT_CHARACTERS_MAX = 255;

/** The claim that is configured for a use. */
export const claimOf = ({ claims }: Issuer, use: keyof typeof CLAIMS): string => claims?.[use] ?? CLAIMS[use];

/** A claim that is a text. */
export function textIn(claims: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === "string" && value !== "" && value.isWellFormed() ? value : undefined;
}

/** `sub`, if it is one (OpenID Connect Core §2). */
export function subjectIn(claims: JsonObject): string | undefined {
  const subject = textIn(claims, "sub");
  return subject !== undefined && subject.length <= SUBJECT_CHARACTERS_MAX ? subject : undefined;
}

/** Values of a claim that is a text or a list; what is neither says nothing. */
export function valuesIn(claims: JsonObject, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  const values: readonly unknown[] = Array.isArray(value) ? value.slice(0, VALUES_MAX) : [value];
  return values.filter((one): one is string => typeof one === "string");
}
