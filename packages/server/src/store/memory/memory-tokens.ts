/** The tokens of the memory store. Tokens are copied in and out, so that nobody's array is the store's. */
import { canonical } from "../canonical.ts";
import { checkToken } from "../check-token.ts";
import type { AuditNote, Token, TokenFilter, Tokens } from "../index.ts";

type Surroundings = {
  readonly checkOpen: () => void;
  /** Whether the organization has such a principal. */
  readonly exists: (org: string, principal: string) => boolean;
  /** Adds a line to the audit of an organization that is there. */
  readonly note: (org: string, note: AuditNote) => void;
};

export class MemoryTokens implements Tokens {
  readonly #byHash: Map<string, Token>;
  readonly #checkOpen: () => void;
  readonly #exists: Surroundings["exists"];
  readonly #note: Surroundings["note"];

  constructor(byHash: Map<string, Token>, { checkOpen, exists, note }: Surroundings) {
    this.#byHash = byHash;
    this.#checkOpen = checkOpen;
    this.#exists = exists;
    this.#note = note;
  }

  async find(hash: Uint8Array): Promise<Token | undefined> {
    this.#checkOpen();
    const token = this.#byHash.get(hex(hash));
    return token === undefined ? undefined : copy(token);
  }

  async put(token: Token, replaced: readonly Uint8Array[] = [], note?: AuditNote): Promise<boolean> {
    this.#checkOpen();
    checkToken(token);
    if (token.org !== undefined && token.principal !== undefined && !this.#exists(token.org, token.principal)) return false;
    for (const hash of replaced) this.#byHash.delete(hex(hash));
    this.#byHash.set(hex(token.hash), copy(token));
    if (token.org !== undefined && note !== undefined) this.#note(token.org, note);
    return true;
  }

  async list(filter: TokenFilter, after: Uint8Array | undefined, max: number): Promise<readonly Token[]> {
    this.#checkOpen();
    const tokens = [...this.#byHash.values()].filter(
      (token) =>
        (filter.kind === undefined || token.kind === filter.kind) &&
        (filter.org === undefined || token.org === filter.org) &&
        (filter.principal === undefined || token.principal === filter.principal) &&
        (after === undefined || Buffer.compare(token.hash, after) > 0),
    );
    return tokens
      .sort((a, b) => Buffer.compare(a.hash, b.hash))
      .slice(0, max)
      .map(copy);
  }

  async delete(hash: Uint8Array, note?: AuditNote): Promise<boolean> {
    this.#checkOpen();
    const org = this.#byHash.get(hex(hash))?.org;
    if (org !== undefined && note !== undefined) this.#note(org, note);
    return this.#byHash.delete(hex(hash));
  }

  async used(hash: Uint8Array, atMs: number): Promise<void> {
    this.#checkOpen();
    const token = this.#byHash.get(hex(hash));
    if (token !== undefined && (token.lastUsedMs ?? 0) < atMs) this.#byHash.set(hex(hash), { ...token, lastUsedMs: atMs });
  }

  /** Ends the tokens of a principal whose life ended; without `principal`, those of an organization that is no more. */
  end(org: string, principal?: string): void {
    for (const [name, token] of this.#byHash) {
      if (token.org === org && (principal === undefined || token.principal === principal)) this.#byHash.delete(name);
    }
  }
}

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString("hex");

const copy = (token: Token): Token => ({
  ...token,
  hash: Uint8Array.from(token.hash),
  ...(token.ceiling === undefined ? {} : { ceiling: JSON.parse(canonical(token.ceiling)) }),
});
