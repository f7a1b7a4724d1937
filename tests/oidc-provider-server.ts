/**
 * A real OpenID provider on loopback, `oidc-provider`, with the interactions of a person who signs in and consents to everything.
 *
 * It has PKCE, one-time codes, pushed-out sessions and refusals by its own rules; what people are and have is a table of claims.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Configuration, Provider } from "oidc-provider";
import { CLIENT } from "./issuer.ts";

type Claims = Readonly<Record<string, unknown>>;

export class OidcServer {
  readonly url: string;
  readonly #server: Server;
  readonly #provider: Provider;
  /** By subject; read anew each time. */
  readonly people = new Map<string, Claims>();
  /** Who sits at the browser; `undefined`: he refuses. */
  person: string | undefined;

  private constructor(server: Server, callback: string) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#provider = new Provider(this.url, {
      ...this.#configuration(),
      clients: [{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [callback] }],
    });
    const answer = this.#provider.callback();
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (request.url?.startsWith("/interaction/")) void this.#interact(request, response);
      else void answer(request, response);
    });
  }

  static async start(callback: string): Promise<OidcServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    return new OidcServer(server, callback);
  }
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #configuration(): Configuration {
    return {
      pkce: { required: () => true },
      scopes: ["openid", "email", "profile", "groups"],
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
      features: { devInteractions: { enabled: false } },
      ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
      cookies: { keys: ["a key of the tests"] },
      findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ sub, ...this.people.get(sub) }) }),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    };
  }

  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, grantId } = await this.#provider.interactionDetails(request, response);
    if (this.person === undefined) {
      return this.#provider.interactionFinished(request, response, { error: "access_denied" });
    }
    if (prompt.name === "login") {
      return this.#provider.interactionFinished(request, response, { login: { accountId: this.person } });
    }
    const { Grant } = this.#provider;
    const known = grantId === undefined ? undefined : await Grant.find(grantId);
    const grant = known ?? new Grant({ accountId: this.person, clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    await this.#provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  }
}

/** Follows redirects at the provider, as a browser does, until one leads away from it; that one's address. */
export async function throughProvider(provider: OidcServer, location: string): Promise<string> {
  const cookies = new Map<string, string>();
  let at = location;
  for (let hops = 0; hops < 20; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(at, { redirect: "manual", headers: cookie === "" ? {} : { cookie } });
    const text = await answer.text();
    for (const one of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
      cookies.set(name, value);
    }
    const next = answer.headers.get("location");
    if (next === null) throw new Error(`the provider answers ${answer.status}: ${text.slice(0, 500)}`);
    at = new URL(next, at).href;
    if (!at.startsWith(`${provider.url}/`)) return at;
  }
  throw new Error("the provider sends the browser about for ever");
}
