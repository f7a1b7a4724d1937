/** Tokens of principals and of the server's administrator. */
import { Type } from "typebox";
import { json, PAGING, type Route } from "../route.ts";
import { AdministratorTokenRequest, TokenMade, TokenPage, TokenRequest } from "../tokens.ts";

const tag = "Tokens";
const OF_TOKENS = ["store_busy", "store_stopped", "disk_full"];

export const TOKEN_ROUTES = {
  listTokens: {
    id: "listTokens",
    method: "GET",
    path: "/v1/orgs/{org}/tokens",
    summary: "Tokens that stand for principals of the organization.",
    tag,
    needs: "admin",
    query: { principal: Type.String({ description: "Only of this one." }), ...PAGING },
    answer: json(TokenPage),
    problems: ["organization_not_found"],
  },
  createToken: {
    id: "createToken",
    method: "POST",
    path: "/v1/orgs/{org}/tokens",
    summary: "Make a token that stands for a principal; its secret is shown once.",
    tag,
    needs: "admin",
    body: TokenRequest,
    answer: json(TokenMade, 201),
    tells: ["Location"],
    problems: ["organization_not_found", "changes_refused", ...OF_TOKENS],
  },
  deleteToken: {
    id: "deleteToken",
    method: "DELETE",
    path: "/v1/orgs/{org}/tokens/{id}",
    summary: "End a token; from now on it lets nobody in.",
    tag,
    needs: "admin",
    answer: { status: 204, types: {} },
    problems: ["organization_not_found", "object_not_found", ...OF_TOKENS],
  },
  listAdministratorTokens: {
    id: "listAdministratorTokens",
    method: "GET",
    path: "/v1/tokens",
    summary: "Further tokens of the server's administrator; the first one is not among them.",
    tag,
    needs: "admin",
    query: PAGING,
    answer: json(TokenPage),
  },
  createAdministratorToken: {
    id: "createAdministratorToken",
    method: "POST",
    path: "/v1/tokens",
    summary: "Make a further token of the server's administrator; its secret is shown once.",
    tag,
    needs: "admin",
    body: AdministratorTokenRequest,
    answer: json(TokenMade, 201),
    tells: ["Location"],
    problems: OF_TOKENS,
  },
  deleteAdministratorToken: {
    id: "deleteAdministratorToken",
    method: "DELETE",
    path: "/v1/tokens/{id}",
    summary: "End a further token of the server's administrator; the first one is made anew by `reeve token reset`.",
    tag,
    needs: "admin",
    answer: { status: 204, types: {} },
    problems: ["object_not_found", ...OF_TOKENS],
  },
} as const satisfies Record<string, Route>;
