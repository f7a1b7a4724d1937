/**
 * The door of the contract: the wire of every surface. Schemas, codes, the table of routes, and the documents made from them.
 */
export { type ChangesAnswer, ChangesRequest, type Me, OrganizationRequest } from "./administration.ts";
export { HTTP_LIMITS, type Limit, type LimitName } from "./limits.ts";
export { openApiDocument } from "./openapi.ts";
export { FAULT_CODES, PROBLEMS, type Problem, type ProblemCode, problem } from "./problem.ts";
export { BatchRequest, CheckRequest, type DecisionAnswer, OperationCheckRequest, writeAnswer } from "./questions.ts";
export { type Need, ROUTES, type Route, type RouteId } from "./routes.ts";
export * from "./table/index.ts";
export { type Finding, faultsOf } from "./validation.ts";
