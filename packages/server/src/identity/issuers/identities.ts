/**
 * Identities: which user of its organization a subject of an issuer is.
 *
 * A subject that signs in is linked with one user, for good: later it is he, whatever its claims say, and no other subject of that issuer
 * can be he. It signs in by an account of its own, which has neither address nor password, and is this one user and no other. So an issuer
 * opens nothing of another organization, nor the account of somebody who has the same address.
 * Invariant: a subject has one user, and a user one subject of an issuer; both end with the life of the user.
 */
import { createHash } from "node:crypto";
import { emailKey } from "@reeve/core";
import { uuidv7 } from "uuidv7";
import type { ItemTransaction } from "../../store/index.ts";
import type { KeptItems } from "../item-cache.ts";
import { ACCOUNT, INVITATION, ISSUED_SUBJECT, ISSUED_USER, PERSON } from "../kinds.ts";
import { andThen, type Later } from "../later.ts";
import type { Issuer, Subject } from "./issuer.ts";

/** `gone`: there is no such user; `taken`: he, or the subject, is another's. */
type Linked = { readonly ok: true; readonly account: string } | { readonly ok: false; readonly error: "gone" | "taken" };

/** Errors of all: those of the store. */
export type Identities = {
  /** The user whom a subject is linked with. */
  linked(subject: Subject): Later<string | undefined>;
  /** The user whom an address is invited to be. */
  invited(issuer: Issuer, email: string): Promise<string | undefined>;
  /** The user whom a subject is linked with; else the one that it claims to be, unless he is another subject's. */
  principalOf(subject: Subject, claimed: string | undefined): Later<string | undefined>;
  /** Links a subject with a user, if it is not; its account. Invitations of this address to be the user have been followed then. */
  link(subject: Subject, user: { readonly principal: string; readonly email: string | undefined }): Promise<Linked>;
};

export function createIdentities({ items, clock }: { readonly items: KeptItems; readonly clock: () => number }): Identities {
  const linked: Identities["linked"] = (subject) => andThen(items.known(ISSUED_SUBJECT, subjectId(subject)), (item) => item?.principal);
  return {
    linked,
    async invited({ organization: org }, email) {
      const found = await items.list({ kind: INVITATION, owner: emailKey(email), org }, undefined, FOUND_MAX);
      return found.find(({ expiresMs = 0 }) => clock() < expiresMs)?.principal;
    },
    principalOf(subject, claimed) {
      const ofUser = (): Later<string | undefined> => {
        if (claimed === undefined) return undefined;
        return andThen(items.known(ISSUED_USER, userId(subject.issuer, claimed)), (taken) => (taken === undefined ? claimed : undefined));
      };
      return andThen(linked(subject), (principal) => principal ?? ofUser());
    },
    link: (subject, user) => items.write((tx) => linkIn(tx, { subject, ...user, nowMs: clock() })),
  };
}

const FOUND_MAX = 100;
type Linking = { readonly subject: Subject; readonly principal: string; readonly email: string | undefined; readonly nowMs: number };

function linkIn(tx: ItemTransaction, { subject, principal, email, nowMs }: Linking): Linked {
  const { issuer } = subject;
  const [ofSubject, ofUser] = [subjectId(subject), userId(issuer, principal)];
  const linked = tx.find(ISSUED_SUBJECT, ofSubject);
  if (linked?.owner !== undefined) {
    const isHis = linked.principal === principal && tx.find(ACCOUNT, linked.owner) !== undefined;
    return isHis ? { ok: true, account: linked.owner } : { ok: false, error: "taken" };
  }
  if (tx.find(ISSUED_USER, ofUser) !== undefined) return { ok: false, error: "taken" };
  const account = uuidv7();
  const org = issuer.organization;
  const owned = { org, principal, owner: account, value: {} };
  const isThere = tx.put({ kind: ACCOUNT, id: account, org, principal, value: { issuer: issuer.name, createdMs: nowMs } });
  if (!isThere) return { ok: false, error: "gone" };
  // Its own, beside that of an account with a password.
  tx.put({ kind: PERSON, id: `${org}\n${principal}\n${account}`, ...owned });
  tx.put({ kind: ISSUED_SUBJECT, id: ofSubject, ...owned });
  tx.put({ kind: ISSUED_USER, id: ofUser, ...owned });
  const followed = email === undefined ? [] : tx.list({ kind: INVITATION, org, principal, owner: emailKey(email) }, undefined, FOUND_MAX);
  for (const { id } of followed) tx.delete(INVITATION, id);
  return { ok: true, account };
}

/** By the organization too: an issuer that is configured for another one begins anew. */
const idOf = (...parts: readonly string[]): string => createHash("sha256").update(JSON.stringify(parts)).digest("hex");
const subjectId = ({ issuer: { issuer, organization }, subject }: Subject): string => idOf(issuer, organization, subject);
const userId = ({ issuer, organization }: Issuer, principal: string): string => idOf(issuer, organization, principal);
