/**
 * The door of the contract: the wire of every surface. Schemas, codes, the table of routes, and the documents made from them.
 */
export {
  AcceptRequest,
  type AccountAnswer,
  AccountEnd,
  type AccountListed,
  CodeRequest,
  type EnrolmentAnswer,
  type InvitationAnswer,
  type InvitationMade,
  InvitationRequest,
  PasswordChange,
  type PasswordResetMade,
  PasswordResetRequest,
  type RecoveryCodes,
  SecondFactorOff,
  type SessionAnswer,
  type SessionListed,
  SignInRequest,
} from "./accounts.ts";
export { type ChangesAnswer, ChangesRequest, type Me, OrganizationRequest } from "./administration.ts";
export { aepOpenApi, aepPostman } from "./aep/document.ts";
export * from "./aep/neighbour-shapes.ts";
export type { AepRoute } from "./aep/route.ts";
export { AEP_ROUTES, type AepRouteId } from "./aep/routes.ts";
export * from "./aep/shapes.ts";
export * from "./assets.ts";
export {
  type OfferedRole,
  type ProjectAnswer,
  ProjectChange,
  ProjectRequest,
} from "./console.ts";
export { type CredentialAnswer, type SecretAnswer, type SecretMade, SecretRequest } from "./credentials.ts";
export { PreviewRequest, RevertRequest } from "./history.ts";
export { ApplyImportRequest, DOCUMENT_TYPES } from "./imports.ts";
export {
  type AccessTokenAnswer,
  type AuthorizationServer,
  FORM_TYPE,
  type IntrospectionAnswer,
  type KeySet,
  OAUTH_ERRORS,
  type OAuthError,
  type OAuthErrorCode,
} from "./ims.ts";
export { HTTP_LIMITS, type Limit, type LimitName } from "./limits.ts";
export {
  EffectiveRequest,
  HeldRequest,
  ListActionsRequest,
  ListPrincipalsRequest,
  ListResourcesRequest,
  ListRolesRequest,
} from "./listing.ts";
export { AssetMatrix, matrixHtml, matrixMarkdown } from "./matrix.ts";
export { NOUNS } from "./nouns.ts";
export { COLLECTIONS, type Collection, type CollectionName, type ObjectRouteId, takesIds } from "./objects.ts";
export { openApiDocument } from "./openapi.ts";
export { BASE_STYLE } from "./page-style.ts";
export { FAULT_CODES, PROBLEMS, type Problem, type ProblemCode, problem } from "./problem.ts";
export { type AnswerWriter, answerWriter, BatchRequest, CheckRequest, type DecisionAnswer, OperationCheckRequest } from "./questions.ts";
export { ENTRIES_MAX, type Need, PAGE_MAX, PAGE_USUAL, type Route } from "./route.ts";
export { ROUTES, type RouteId } from "./routes.ts";
export * from "./snaplogic.ts";
export * from "./table/index.ts";
export { AdministratorTokenRequest, type TokenAnswer, type TokenMade, TokenRequest } from "./tokens.ts";
export { type Finding, faultsOf } from "./validation.ts";
