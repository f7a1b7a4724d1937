/**
 * Secrets, and where they stand: those that a server told once, those that clients sent, and everything that came out of it.
 *
 * A *mark* is a secret that a test makes up: it is known wherever it stands. What a server tells is known by the members that tell it.
 * Invariant: an answer that tells a secret for the first time may hold it; nothing else may, but where a rule says so by name.
 */
import type { Answer, Sent } from "./serve.ts";

/** `toldIn`: number of the output that told it. */
type Secret = { readonly what: string; readonly toldIn?: number };
type Output = { readonly where: string; readonly text: string };
/** Whether a kind of secret may stand in a kind of output. */
export type Rule = (what: string, where: string) => boolean;

const MARK = /Mark\d{5}mark/g;

export class SecretSearch {
  readonly #secrets = new Map<string, Secret>();
  readonly #marks: string[] = [];
  readonly #outputs: Output[] = [];

  /** A secret that nobody has, of the form that is asked for: so long, and beginning so. `place`: where it is put. */
  mark(place: string, { begin = "", length = 43 }: { readonly begin?: string; readonly length?: number } = {}): string {
    const mark = `Mark${String(this.#marks.length).padStart(5, "0")}mark`;
    this.#marks.push(place);
    return begin + mark.padEnd(length, "x");
  }

  add(what: string, secret: string, toldIn?: number): void {
    // What is short stands everywhere by chance.
    if (secret.length < 12) throw new Error(`${what} is too short to be looked for`);
    if (!this.#secrets.has(secret)) this.#secrets.set(secret, { what, ...(toldIn === undefined ? {} : { toldIn }) });
  }

  output(where: string, text: string): number {
    return this.#outputs.push({ where, text }) - 1;
  }

  /** An answer as an output; what it tells for the first time is a secret from then on. */
  answer(line: string, { status, headers, text, body }: Answer): void {
    const told = [...headers].map(([name, value]) => `${name}: ${value}\n`).join("");
    const index = this.output(`answer to ${line}`, `${status}\n${told}\n${text}`);
    for (const [what, secret] of toldIn(line, body)) this.add(what, secret, index);
    for (const cookie of headers.getSetCookie()) {
      const value = cookie.slice(cookie.indexOf("=") + 1).split(";")[0] as string;
      if (value !== "") this.add("session cookie", value, index);
    }
  }

  /** What a request shows, and no answer told. */
  request({ headers = {}, token }: Sent): void {
    if (typeof token === "string") this.add("bearer token", token);
    if (headers.authorization?.startsWith("Basic ")) this.add("basic credential", headers.authorization.slice("Basic ".length));
  }

  /** How many secrets of each kind are known. */
  kinds(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>([["mark", this.#marks.length]]);
    for (const { what } of this.#secrets.values()) counts.set(what, (counts.get(what) ?? 0) + 1);
    return counts;
  }

  /** Every secret that stands where it may not, as `what in where`. */
  leaks(mayStand: Rule): readonly string[] {
    const found = new Set<string>();
    for (const [index, { where, text }] of this.#outputs.entries()) {
      for (const [mark] of text.matchAll(MARK)) found.add(`${this.#marks[Number(mark.slice(4, 9))]} in ${where}`);
      for (const [secret, { what, toldIn: first }] of this.#secrets) {
        if (index === first || mayStand(what, where)) continue;
        if (text.includes(secret) || text.includes(encodeURIComponent(secret))) found.add(`${what} in ${where}`);
      }
    }
    return [...found].sort();
  }

  /** Kinds of secrets that stand in outputs of this name. */
  kindsIn(name: string): readonly string[] {
    const text = this.#outputs.flatMap(({ where, text: one }) => (where === name ? [one] : [])).join("\n");
    return [...new Set([...this.#secrets].flatMap(([secret, { what }]) => (text.includes(secret) ? [what] : [])))].sort();
  }
}

type Told = Readonly<Record<string, unknown>>;

function toldIn(line: string, body: unknown): readonly (readonly [what: string, secret: string])[] {
  const { secret, access_token, link, csrf, recoveryCodes } = (body ?? {}) as Told;
  const kind = line.includes("second-factor") ? "secret of a second factor" : line.includes("credential") ? "client secret" : "token";
  return [
    ...(typeof secret === "string" ? ([[kind, secret]] as const) : []),
    ...(typeof access_token === "string" ? ([["access token", access_token]] as const) : []),
    ...(typeof link === "string" ? ([["token of a link", link.split("#")[1] ?? ""]] as const) : []),
    ...(typeof csrf === "string" ? ([["CSRF value", csrf]] as const) : []),
    ...(Array.isArray(recoveryCodes) ? recoveryCodes.map((code) => ["recovery code", String(code)] as const) : []),
  ];
}
