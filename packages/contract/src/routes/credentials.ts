/** Credentials of developer projects: for who administers the organization, and who may change the project. */
import { CredentialAnswer, SecretMade, SecretRequest } from "../credentials.ts";
import { json, type Route } from "../route.ts";

const tag = "Tokens";
const CREDENTIAL = "/v1/orgs/{org}/developer-projects/{id}/credential";
const NONE = ["organization_not_found", "object_not_found"];
const OF_WRITES = ["store_busy", "store_stopped", "disk_full"];

export const CREDENTIAL_ROUTES = {
  getCredential: {
    id: "getCredential",
    method: "GET",
    path: CREDENTIAL,
    summary: "The OAuth client of a developer project's service account, and its secrets without their values.",
    tag,
    needs: "admin",
    byOffice: true,
    answer: json(CredentialAnswer),
    problems: NONE,
  },
  createClientSecret: {
    id: "createClientSecret",
    method: "POST",
    path: `${CREDENTIAL}/secrets`,
    summary: "Make a client secret, and with the first one the client; its value is shown once.",
    tag,
    needs: "admin",
    byOffice: true,
    body: SecretRequest,
    answer: json(SecretMade, 201),
    tells: ["Location"],
    problems: [...NONE, "too_many_secrets", "changes_refused", ...OF_WRITES],
  },
  deleteClientSecret: {
    id: "deleteClientSecret",
    method: "DELETE",
    path: `${CREDENTIAL}/secrets/{secret}`,
    summary: "End a client secret for good; access tokens that it obtained stay valid until they expire.",
    tag,
    needs: "admin",
    byOffice: true,
    answer: { status: 204, types: {} },
    problems: [...NONE, ...OF_WRITES],
  },
  deleteCredential: {
    id: "deleteCredential",
    method: "DELETE",
    path: CREDENTIAL,
    summary: "End the client with its secrets; every access token of it ends with the next request.",
    tag,
    needs: "admin",
    byOffice: true,
    answer: { status: 204, types: {} },
    problems: [...NONE, ...OF_WRITES],
  },
} as const satisfies Record<string, Route>;
