/** OAuth: access tokens of clients. Who asks shows a client secret, and no token; refusals are those of RFC 6749. */
import {
  AccessTokenAnswer,
  AccessTokenRequest,
  AuthorizationServer,
  FORM_TYPE,
  IntrospectionAnswer,
  KeySet,
  OfTokenRequest,
  Revoked,
  TOKEN_PARAMETERS,
} from "../ims.ts";
import { json, type Route } from "../route.ts";

const tag = "OAuth";
const takes = [FORM_TYPE];
const OF_STORE = ["store_busy", "store_damaged", "store_failed"];
const OF_WRITES = [...OF_STORE, "store_stopped", "disk_full"];

const token = {
  method: "POST",
  summary: "An access token for a client secret: the client credentials grant.",
  tag,
  body: AccessTokenRequest,
  takes,
  mayLackBody: true,
  query: TOKEN_PARAMETERS,
  answer: json(AccessTokenAnswer),
  refuses: ["invalid_request", "unsupported_grant_type", "invalid_scope", "invalid_client"],
  problems: OF_WRITES,
} as const;
const keys = {
  method: "GET",
  summary: "The public keys that verify access tokens (JWKS), good for five minutes.",
  tag,
  answer: json(KeySet),
  problems: OF_WRITES,
} as const;

export const IMS_ROUTES = {
  accessTokenV3: { id: "accessTokenV3", path: "/ims/token/v3", ...token },
  accessTokenV2: { id: "accessTokenV2", path: "/ims/token/v2", ...token },
  revokeAccessToken: {
    id: "revokeAccessToken",
    method: "POST",
    path: "/ims/revoke",
    summary: "End one of the client's own access tokens (RFC 7009).",
    tag,
    body: OfTokenRequest,
    takes,
    answer: json(Revoked),
    refuses: ["invalid_request", "unauthorized_client", "invalid_client"],
    problems: OF_WRITES,
  },
  introspectAccessToken: {
    id: "introspectAccessToken",
    method: "POST",
    path: "/ims/introspect",
    summary: "Whether an access token is valid, and for whom it stands (RFC 7662).",
    tag,
    body: OfTokenRequest,
    takes,
    answer: json(IntrospectionAnswer),
    refuses: ["invalid_request", "invalid_client"],
    problems: OF_STORE,
  },
  imsKeys: { id: "imsKeys", path: "/ims/keys", ...keys },
  wellKnownKeys: { id: "wellKnownKeys", path: "/.well-known/jwks.json", ...keys },
  authorizationServer: {
    id: "authorizationServer",
    method: "GET",
    path: "/.well-known/oauth-authorization-server",
    summary: "Where this server gives, verifies and ends access tokens (RFC 8414).",
    tag,
    answer: json(AuthorizationServer),
  },
} as const satisfies Record<string, Route>;
