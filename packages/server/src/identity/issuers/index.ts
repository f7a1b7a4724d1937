/** Federation: the issuers that are configured, put together. */
import type { ActivePrincipals, VerifyAccessToken } from "../authenticate.ts";
import type { KeptItems } from "../item-cache.ts";
import { createIdentities, type Identities } from "./identities.ts";
import type { Issuer, NoteIssuer } from "./issuer.ts";
import { provider } from "./provider.ts";
import { type Admit, createIssuerSignIn, type IssuerSignIn } from "./sign-in.ts";
import { eitherToken, issuedTokens } from "./tokens.ts";
import { createTransactions } from "./transaction.ts";

type Given = {
  readonly issuers: readonly Issuer[];
  readonly items: KeptItems;
  readonly principals: ActivePrincipals;
  readonly clock: () => number;
  readonly note: NoteIssuer;
};
type SigningIn<Refused> = {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  readonly origin: () => string;
  readonly admit: Admit<Refused>;
};
export type Federation = {
  readonly identities: Identities;
  /** What verifies access tokens: those of this server, as `own` does, and those of the issuers. */
  verify(own: VerifyAccessToken): VerifyAccessToken;
  signIn<Refused extends { readonly code: string }>(given: SigningIn<Refused>): IssuerSignIn<Refused>;
};

/** Nothing is asked of an issuer before somebody needs it: a start does not wait for any. */
export function createFederation({ issuers, items, principals, clock, note }: Given): Federation {
  const identities = createIdentities({ items, clock });
  const providers = new Map(issuers.map((issuer) => [issuer, provider(issuer, { clock, note })]));
  const hasTokens = issuers.some(({ tokens }) => tokens !== undefined);
  return {
    identities,
    verify: (own) => (hasTokens ? eitherToken(issuedTokens({ providers, identities, principals, clock }), own) : own),
    signIn: ({ secret, ...given }) =>
      createIssuerSignIn({ ...given, providers, note, transactions: createTransactions({ secret, clock }) }),
  };
}
