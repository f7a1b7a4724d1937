/**
 * The wire of OAuth: access tokens for client secrets, the keys that sign them, and what may be asked of them.
 *
 * Source: RFC 6749 (§4.4, §5), RFC 7009, RFC 7662, RFC 7517, RFC 8414. Bodies are forms; a scope may be separated by commas too.
 * Invariant: a scope is no right: what a token's principal may do is looked up at each request.
 */
import { type Static, type TSchema, Type } from "typebox";

export const FORM_TYPE = "application/x-www-form-urlencoded";

/** What every one of these routes may refuse with: RFC 6749 §5.2. */
export const OAUTH_ERRORS = {
  invalid_request: { status: 400, about: "a parameter is missing, empty, or comes twice" },
  unsupported_grant_type: { status: 400, about: "the grant type is not `client_credentials`" },
  invalid_scope: { status: 400, about: "the scope is no list of scopes" },
  unauthorized_client: { status: 400, about: "the token was issued to another client" },
  invalid_client: { status: 401, about: "there is no such client, or the secret is not one of its own" },
} as const satisfies Record<string, { readonly status: number; readonly about: string }>;
export type OAuthErrorCode = keyof typeof OAUTH_ERRORS;

export const OAuthError = Type.Object(
  {
    error: Type.Unsafe<OAuthErrorCode>({ type: "string", enum: Object.keys(OAUTH_ERRORS) }),
    error_description: Type.String(),
  },
  { title: "OAuthError" },
);
export type OAuthError = Static<typeof OAuthError>;

const CLIENT = {
  client_id: Type.String({ description: "Unless it is in a Basic `Authorization`." }),
  client_secret: Type.String({ description: "Unless it is in a Basic `Authorization`." }),
};
export const TOKEN_PARAMETERS = {
  grant_type: Type.String({ description: "`client_credentials`." }),
  ...CLIENT,
  scope: Type.String({ description: "At least one, separated by commas or spaces: 512 characters at most." }),
  org_id: Type.String({ description: "If given: the client's organization." }),
};
const OF_TOKEN = { token: Type.String(), token_type_hint: Type.String({ description: "Ignored." }), ...CLIENT };

const form = (members: Readonly<Record<string, TSchema>>, title: string): TSchema =>
  Type.Object(Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, Type.Optional(schema)])), { title });
export const AccessTokenRequest = form(TOKEN_PARAMETERS, "AccessTokenRequest");
export const OfTokenRequest = form(OF_TOKEN, "OfTokenRequest");

export const AccessTokenAnswer = Type.Object(
  {
    access_token: Type.String({ description: "A JWT (RFC 9068), signed with ES256." }),
    token_type: Type.Literal("bearer"),
    expires_in: Type.Integer({ description: "Seconds that are left." }),
  },
  { title: "AccessToken" },
);
export type AccessTokenAnswer = Static<typeof AccessTokenAnswer>;

export const Revoked = Type.Object({}, { title: "Revoked", description: "The token is valid no more, or never was." });

export const IntrospectionAnswer = Type.Object(
  {
    active: Type.Boolean({ description: "False, and nothing else is said, of what is no valid token of the client's organization." }),
    scope: Type.Optional(Type.String()),
    client_id: Type.Optional(Type.String()),
    token_type: Type.Optional(Type.String()),
    exp: Type.Optional(Type.Integer()),
    iat: Type.Optional(Type.Integer()),
    nbf: Type.Optional(Type.Integer()),
    sub: Type.Optional(Type.String({ description: "The service account." })),
    org: Type.Optional(Type.String()),
    aud: Type.Optional(Type.String()),
    iss: Type.Optional(Type.String()),
    jti: Type.Optional(Type.String()),
  },
  { title: "Introspection" },
);
export type IntrospectionAnswer = Static<typeof IntrospectionAnswer>;

export const KeySet = Type.Object(
  {
    keys: Type.Array(
      Type.Object({
        kty: Type.String(),
        crv: Type.String(),
        x: Type.String(),
        y: Type.String(),
        kid: Type.String(),
        use: Type.String(),
        alg: Type.String(),
      }),
    ),
  },
  { title: "KeySet", description: "The public halves of the keys that sign, have signed, or will sign next (RFC 7517)." },
);
export type KeySet = Static<typeof KeySet>;

const urls = Type.Array(Type.String());
export const AuthorizationServer = Type.Object(
  {
    issuer: Type.String(),
    token_endpoint: Type.String(),
    jwks_uri: Type.String(),
    revocation_endpoint: Type.String(),
    introspection_endpoint: Type.String(),
    grant_types_supported: urls,
    response_types_supported: urls,
    token_endpoint_auth_methods_supported: urls,
    revocation_endpoint_auth_methods_supported: urls,
    introspection_endpoint_auth_methods_supported: urls,
  },
  { title: "AuthorizationServer", description: "RFC 8414." },
);
export type AuthorizationServer = Static<typeof AuthorizationServer>;
