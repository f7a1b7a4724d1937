/**
 * Access tokens of clients: given, ended, looked into, and the keys that verify them.
 *
 * Whoever asks authenticates as a client; rights are no matter here. Mapping only.
 * Invariant: no secret and no token is in an answer but the one that gives it, none is read from a URL but where the table says so, and
 * only keys may be kept by whoever passes answers on.
 */
import type { AccessTokenAnswer, AuthorizationServer, IntrospectionAnswer } from "@reeve/contract";
import { type AccessTokens, type Client, type Clients, readScope, type SigningKeys } from "../../identity/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { pay, type Rates } from "../rates.ts";
import { clientShown, OAuthRefusal, type Parameters, parametersOf, refusing, required, type Shown, unknownClient } from "./parameters.ts";

export type ImsOptions = {
  readonly clients: Clients;
  readonly accessTokens: AccessTokens;
  readonly keys: SigningKeys;
  readonly issuer: () => string;
  readonly rates: Rates;
};
type ImsRoute =
  | "accessTokenV2"
  | "accessTokenV3"
  | "revokeAccessToken"
  | "introspectAccessToken"
  | "imsKeys"
  | "wellKnownKeys"
  | "authorizationServer";

const KEPT = { "cache-control": "public, max-age=300" };
const CLIENT_CREDENTIALS = "client_credentials";
const METHODS = ["client_secret_post", "client_secret_basic"];

export function imsHandlers(options: ImsOptions): Pick<Handlers, ImsRoute> {
  const { keys } = options;
  const token = (exchange: Exchange) => refusing(exchange, () => issue(options, exchange));
  const keySet = async ({ reply }: Exchange) => {
    const set = await keys.jwks();
    reply.headers(KEPT);
    return set;
  };
  return {
    accessTokenV2: token,
    accessTokenV3: token,
    revokeAccessToken: (exchange) => refusing(exchange, () => revoke(options, exchange)),
    introspectAccessToken: (exchange) => refusing(exchange, () => introspect(options, exchange)),
    imsKeys: keySet,
    wellKnownKeys: keySet,
    authorizationServer: ({ reply }) => {
      reply.headers(KEPT);
      return described(options.issuer());
    },
  };
}

async function issue(options: ImsOptions, exchange: Exchange): Promise<AccessTokenAnswer> {
  const parameters = parametersOf(exchange, true);
  if (required(parameters, "grant_type") !== CLIENT_CREDENTIALS)
    throw new OAuthRefusal("unsupported_grant_type", `The only grant type is ${CLIENT_CREDENTIALS}.`);
  const shown = clientShown(exchange, parameters);
  const asked = required(parameters, "scope");
  const client = await authenticated(options, shown);
  const organization = parameters.get("org_id");
  if (organization !== undefined && organization !== client.org)
    throw new OAuthRefusal("invalid_request", "org_id is not the client's organization.");
  const scope = readScope(asked);
  if (scope === undefined) throw new OAuthRefusal("invalid_scope", "scope is no list of scopes, with commas or spaces between.");
  const { token, expiresIn } = await options.accessTokens.issue(client, scope);
  exchange.reply.headers({ "cache-control": "no-store", pragma: "no-cache" });
  return { access_token: token, token_type: "bearer", expires_in: expiresIn };
}

async function authenticated({ clients, rates }: ImsOptions, { id, secret }: Shown): Promise<Client> {
  const client = await clients.authenticateClient(id, secret);
  if (client === undefined) throw unknownClient();
  pay("client", rates.client(client.id));
  return client;
}

async function askedBy(options: ImsOptions, exchange: Exchange): Promise<{ readonly client: Client; readonly parameters: Parameters }> {
  const parameters = parametersOf(exchange, false);
  return { parameters, client: await authenticated(options, clientShown(exchange, parameters)) };
}

async function revoke(options: ImsOptions, exchange: Exchange): Promise<object> {
  const { client, parameters } = await askedBy(options, exchange);
  const done = await options.accessTokens.revoke(required(parameters, "token"), client, exchange.request.id);
  if (done === "foreign") throw new OAuthRefusal("unauthorized_client", "The token was issued to another client.");
  return {};
}

async function introspect(options: ImsOptions, exchange: Exchange): Promise<IntrospectionAnswer> {
  const { client, parameters } = await askedBy(options, exchange);
  const claims = await options.accessTokens.verify(required(parameters, "token"));
  return claims === undefined || claims.org !== client.org ? { active: false } : { active: true, token_type: "bearer", ...claims };
}

function described(issuer: string): AuthorizationServer {
  return {
    issuer,
    token_endpoint: `${issuer}/ims/token/v3`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    revocation_endpoint: `${issuer}/ims/revoke`,
    introspection_endpoint: `${issuer}/ims/introspect`,
    grant_types_supported: [CLIENT_CREDENTIALS],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: METHODS,
    revocation_endpoint_auth_methods_supported: METHODS,
    introspection_endpoint_auth_methods_supported: METHODS,
  };
}
