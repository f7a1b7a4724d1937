/**
 * The table of routes of all surfaces: what the server registers and what the OpenAPI document says are made from it.
 *
 * Invariant: a route that is not in this table does not exist, and one that is has a schema for its body and its answer.
 */
import { OBJECT_ROUTES } from "./objects.ts";
import type { Route } from "./route.ts";
import { ACCOUNT_ROUTES } from "./routes/accounts.ts";
import { ADMINISTRATION_ROUTES } from "./routes/administration.ts";
import { ASSET_ROUTES } from "./routes/assets.ts";
import { CATALOGUE_ROUTES } from "./routes/catalogue.ts";
import { CONSOLE_ROUTES } from "./routes/console.ts";
import { CREDENTIAL_ROUTES } from "./routes/credentials.ts";
import { ENTITLEMENT_ROUTES } from "./routes/entitlements.ts";
import { IMS_ROUTES } from "./routes/ims.ts";
import { ISSUER_ROUTES } from "./routes/issuers.ts";
import { QUESTION_ROUTES } from "./routes/questions.ts";
import { REPORT_ROUTES } from "./routes/reports.ts";
import { ROLE_ROUTES } from "./routes/roles.ts";
import { TOKEN_ROUTES } from "./routes/tokens.ts";

export const ROUTES = {
  ...QUESTION_ROUTES,
  ...REPORT_ROUTES,
  ...ADMINISTRATION_ROUTES,
  ...OBJECT_ROUTES,
  ...ASSET_ROUTES,
  ...ROLE_ROUTES,
  ...CATALOGUE_ROUTES,
  ...ENTITLEMENT_ROUTES,
  ...TOKEN_ROUTES,
  ...CONSOLE_ROUTES,
  ...CREDENTIAL_ROUTES,
  ...IMS_ROUTES,
  ...ACCOUNT_ROUTES,
  ...ISSUER_ROUTES,
} as const satisfies Record<string, Route>;
export type RouteId = keyof typeof ROUTES;
