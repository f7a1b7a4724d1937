/**
 * A small issuer on loopback: metadata, keys and ID tokens of an OpenID provider, and access tokens, of which a test says everything.
 *
 * It asks nobody anything: whoever a test says comes back is he. That a real provider and its own rules are understood is the matter of
 * `http-oidc-provider.test.ts`.
 */
import { createHash, generateKeyPairSync, type JsonWebKey, type KeyObject, sign as signBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const CLIENT = { clientId: "reeve-of-the-tests", clientSecret: "a-secret-of-the-tests-0123456789" };
export const AUDIENCE = "reeve-api";

type Claims = Readonly<Record<string, unknown>>;
type Key = { readonly kid: string; readonly signs: KeyObject; readonly jwk: JsonWebKey };
/** How it answers at a path, instead of well. */
type Answering = (response: ServerResponse, request: IncomingMessage) => void;
type Waiting = { readonly claims: Claims; readonly nonce: string; readonly challenge: string; readonly redirect: string };
export type Minted = { readonly header?: object; readonly claims?: Claims; readonly key?: Key };

export const seconds = (nowMs = Date.now()): number => Math.floor(nowMs / 1_000);
export const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
export const es256 = (key: KeyObject, text: string): Buffer => signBytes("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });

let made = 0;
export function newKey(kid = `key-${++made}`): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { kid, signs: privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" } };
}

export class Issuer {
  readonly url: string;
  readonly #server: Server;
  readonly #waiting = new Map<string, Waiting>();
  /** Published; the first one signs. */
  keys: Key[] = [newKey()];
  /** Of its metadata, beside what is usual. */
  metadata: Claims = {};
  /** By path. */
  readonly answers = new Map<string, Answering>();
  /** Paths that were asked for. */
  readonly asked: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response));
  }

  static async start(port = 0): Promise<Issuer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    // A test that failed leaves no process behind.
    server.unref();
    return new Issuer(server);
  }
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** As a server is configured to trust it. */
  entry(name: string, organization: string, more: object = {}): object {
    return { name, issuer: this.url, organization, signIn: CLIENT, tokens: { audience: AUDIENCE }, ...more };
  }

  /** What the browser comes back with, whom it was sent to by `location`. */
  approve(location: string, claims: Claims): URLSearchParams {
    const sent = new URL(location).searchParams;
    const code = `code-${++made}`;
    const of = (name: string): string => sent.get(name) ?? "";
    this.#waiting.set(code, { claims, nonce: of("nonce"), challenge: of("code_challenge"), redirect: of("redirect_uri") });
    return new URLSearchParams({ code, state: of("state"), iss: this.url });
  }

  /** An access token for `sub`; a member that is undefined is left out. */
  token({ header = {}, claims = {}, key = this.keys[0] as Key }: Minted = {}, sign = es256, nowMs = Date.now()): string {
    const iat = seconds(nowMs);
    const all = { iss: this.url, aud: AUDIENCE, sub: "bot", iat, nbf: iat, exp: iat + 600, jti: `t${++made}`, ...claims };
    const text = `${part({ alg: "ES256", typ: "at+jwt", kid: key.kid, ...header })}.${part(all)}`;
    return `${text}.${sign(key.signs, text).toString("base64url")}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    this.asked.push(path);
    const answering = this.answers.get(path);
    if (answering !== undefined) return answering(response, request);
    const { url } = this;
    const json = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (path === "/.well-known/openid-configuration")
      return json(200, {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/keys`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["ES256"],
        authorization_response_iss_parameter_supported: true,
        ...this.metadata,
      });
    if (path === "/keys") return json(200, { keys: this.keys.map(({ jwk }) => jwk) });
    if (path === "/token") return this.#exchange(await textOf(request), String(request.headers.authorization), json);
    return json(404, {});
  }

  #exchange(body: string, authorization: string, json: (status: number, body: object) => void): void {
    const sent = new URLSearchParams(body);
    const waiting = this.#waiting.get(sent.get("code") ?? "");
    this.#waiting.delete(sent.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(sent.get("code_verifier") ?? "")
      .digest("base64url");
    const shown = Buffer.from(authorization.replace("Basic ", ""), "base64").toString().split(":").map(decodeURIComponent);
    if (shown.join(":") !== `${CLIENT.clientId}:${CLIENT.clientSecret}`) json(401, { error: "invalid_client" });
    else if (waiting?.challenge !== challenge || waiting.redirect !== sent.get("redirect_uri")) json(400, { error: "invalid_grant" });
    else {
      const claims = { aud: CLIENT.clientId, nonce: waiting.nonce, nbf: undefined, ...waiting.claims };
      json(200, { access_token: "opaque", token_type: "Bearer", id_token: this.token({ header: { typ: "JWT" }, claims }) });
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
