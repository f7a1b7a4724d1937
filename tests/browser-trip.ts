/** A browser that signs in by an issuer: it keeps cookies as a browser does, and is sent on by hand. */
import type { Issuer } from "./issuer.ts";
import type { Answer, Served } from "./serve.ts";

export class Trip {
  readonly #served: Served;
  readonly #cookies = new Map<string, string>();
  constructor(served: Served) {
    this.#served = served;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }
  /** Forgets or sets one. */
  keep(name: string, value: string | undefined): void {
    if (value === undefined || value === "") this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
  kept(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  async get(path: string): Promise<Answer> {
    const answer = await this.#served.call(path, { token: null, headers: this.#cookies.size === 0 ? {} : { cookie: this.cookie } });
    for (const one of answer.headers.getSetCookie()) {
      const [, name = "", value] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
      this.keep(name, value);
    }
    return answer;
  }

  /** Where it is sent to sign in. */
  async begin(name: string, query = ""): Promise<string> {
    return (await this.get(`/sign-in/${name}${query}`)).headers.get("location") ?? "";
  }

  /** There and back, as whom the claims say. */
  async signIn(name: string, issuer: Issuer, claims: Readonly<Record<string, unknown>>): Promise<Answer> {
    const back = issuer.approve(await this.begin(name), claims);
    return this.get(`/sign-in/${name}/callback?${back}`);
  }

  /** Of the session that it has; `csrf` for what it sends. */
  async session(): Promise<Answer> {
    return this.get("/session");
  }
}
