/**
 * Tokens of principals, and further ones of the administrator: made, listed and ended.
 *
 * The secret is told once, to whoever makes the token; the store knows its hash, which is also the token's id: it lets nobody in.
 * Invariant: a token stands for a principal that was there when it was made, and ends with that principal's life.
 */
import { findRecord, type Plan } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import { type Ceiling, FURTHER, hashToken, newSecret, PRINCIPAL } from "../identity/index.ts";
import type { AskedBy, AuditNote, Token, Tokens } from "../store/index.ts";

export type TokenAsked = {
  /** Absent: a further one of the server's administrator. */
  readonly of?: { readonly organization: string; readonly principal: string };
  readonly ceiling: Ceiling;
  readonly clientId?: string;
  readonly name?: string;
  readonly expiresMs?: number;
} & AskedBy;
export type TokenRefused = { readonly code: "organization_not_found" | "unknown_principal" | "group" | "expired" };
export type TokenUse = {
  make(
    asked: TokenAsked,
  ): Promise<
    | { readonly ok: true; readonly value: { readonly token: Token; readonly secret: string } }
    | { readonly ok: false; readonly error: TokenRefused }
  >;
  /** Ordered by id. `organization` absent: the administrator's further ones. */
  list(asked: {
    readonly organization?: string;
    readonly principal?: string;
    readonly after?: Uint8Array;
    readonly max: number;
  }): Promise<readonly Token[] | undefined>;
  /** False where there is none of that organization (of the administrator's further ones) by this id. */
  end(organization: string | undefined, hash: Uint8Array, by: AskedBy): Promise<boolean>;
};

export function createTokens(tokens: Omit<Tokens, "find"> & Findable, feed: Feed, clock: () => number): TokenUse {
  return {
    async make({ of, ceiling, clientId, name, expiresMs, ...by }) {
      const nowMs = clock();
      if (expiresMs !== undefined && expiresMs <= nowMs) return { ok: false, error: { code: "expired" } };
      const refused = of === undefined ? undefined : refusal(await feed.plan(of.organization), of.principal);
      if (refused !== undefined) return { ok: false, error: refused };
      const secret = newSecret();
      const token: Token = {
        hash: hashToken(secret),
        ...(of === undefined ? { kind: FURTHER } : { kind: PRINCIPAL, org: of.organization, principal: of.principal }),
        ceiling,
        createdMs: nowMs,
        ...(clientId === undefined ? {} : { clientId }),
        ...(name === undefined ? {} : { name }),
        ...(expiresMs === undefined ? {} : { expiresMs }),
      };
      return (await tokens.put(token, [], noted("token.create", token.hash, by)))
        ? { ok: true, value: { token, secret } }
        : { ok: false, error: { code: "unknown_principal" } };
    },
    async list({ organization, principal, after, max }) {
      if (organization !== undefined && (await feed.plan(organization)) === undefined) return undefined;
      const of = organization === undefined ? { kind: FURTHER } : { kind: PRINCIPAL, org: organization };
      return tokens.list({ ...of, ...(principal === undefined ? {} : { principal }) }, after, max);
    },
    async end(organization, hash, by) {
      const token = await tokens.find(hash);
      const isTheirs = token !== undefined && (organization === undefined ? token.kind === FURTHER : token.org === organization);
      return isTheirs && tokens.delete(hash, noted("token.end", hash, by));
    },
  };
}

/** The hash is the token's id, and lets nobody in. */
const noted = (action: string, hash: Uint8Array, { actor, requestId }: AskedBy): AuditNote => ({
  actor,
  requestId,
  action,
  target: `tokens/${Buffer.from(hash).toString("hex")}`,
});

type Findable = { find(hash: Uint8Array): Token | undefined | Promise<Token | undefined> };

function refusal(plan: Plan | undefined, principal: string): TokenRefused | undefined {
  if (plan === undefined) return { code: "organization_not_found" };
  const found = findRecord(plan, "principal", [principal]);
  if (found?.kind !== "principal") return { code: "unknown_principal" };
  return found.value.type === "group" ? { code: "group" } : undefined;
}
