/**
 * Problems: every way in which a request can fail, its status and its title (RFC 9457).
 *
 * A deny is no problem: it is an answer. `type` is the stable URI of the code; `detail` speaks of this occurrence; `errors` names
 * all faults of a body together, each with its place.
 * Invariant: every code of a surface stands here once; a code that is missing does not compile.
 */
import { FAULTS } from "@reeve/core";
import { type Static, Type } from "typebox";

export const PROBLEMS = {
  malformed_json: { status: 400, title: "The body is not well-formed JSON" },
  body_too_deep: { status: 400, title: "The body is nested too deeply" },
  malformed_request: { status: 400, title: "The request has faults" },
  asset_published: { status: 400, title: "What is published or deprecated is not deleted" },
  unknown_principal: { status: 400, title: "The organization has no such principal" },
  malformed_header: { status: 400, title: "A header has a fault" },
  not_authenticated: { status: 401, title: "A valid token is needed" },
  sign_in_refused: { status: 401, title: "The address, the password or the code is not right" },
  second_factor_needed: { status: 401, title: "The second factor's code is missing" },
  not_permitted: { status: 403, title: "The token does not permit this" },
  scope_exceeds_own_access: { status: 403, title: "The entry would reach further than the caller's own right to give it" },
  organization_suspended: { status: 403, title: "The organization is suspended, and only the server's administrator can resume it" },
  foreign_origin: { status: 403, title: "A page of another origin may not ask this" },
  not_found: { status: 404, title: "There is nothing here" },
  organization_not_found: { status: 404, title: "There is no such organization" },
  product_not_found: { status: 404, title: "There is no such product" },
  object_not_found: { status: 404, title: "There is no such object" },
  asset_not_found: { status: 404, title: "There is no such asset" },
  import_not_found: { status: 404, title: "There is no such import" },
  change_set_not_found: { status: 404, title: "There is no such change set" },
  issuer_not_found: { status: 404, title: "There is no such issuer" },
  invitation_not_found: { status: 404, title: "There is no such invitation" },
  password_reset_not_found: { status: 404, title: "There is no such link to reset a password" },
  method_not_allowed: { status: 405, title: "This path does not take the method" },
  not_acceptable: { status: 406, title: "No form of this answer is acceptable" },
  request_timeout: { status: 408, title: "The request did not arrive in time" },
  organization_exists: { status: 409, title: "The organization exists already" },
  asset_state: { status: 409, title: "The state of the asset does not allow this" },
  base_path_taken: { status: 409, title: "The base path overlaps one that is taken" },
  owner_entry_protected: { status: 409, title: "The owner's entry comes and goes with ownership" },
  inherited_entry: { status: 409, title: "The entry is defined elsewhere" },
  import_not_planned: { status: 409, title: "The import has no plan that could be applied" },
  too_many_secrets: { status: 409, title: "The client has two secrets already" },
  project_has_secrets: { status: 409, title: "The project has client secrets" },
  object_exists: { status: 409, title: "The object exists already" },
  preview_outdated: { status: 409, title: "The organization has moved on since the first page" },
  mail_not_configured: { status: 409, title: "This server sends no mail" },
  second_factor_on: { status: 409, title: "The account has a second factor already" },
  last_administrator: { status: 409, title: "The organization would have no administrator left" },
  revert_conflict: { status: 409, title: "Later changes stand in the way" },
  revision_of_another_history: { status: 409, title: "The revision belongs to another history" },
  revision_conflict: { status: 412, title: "The organization has moved on" },
  object_changed: { status: 412, title: "The object is not as the request says" },
  body_too_large: { status: 413, title: "The body is too large" },
  too_many_items: { status: 413, title: "There are too many items" },
  unsupported_media_type: { status: 415, title: "The body must be application/json" },
  idempotency_key_reused: { status: 422, title: "The key was used with another request" },
  changes_refused: { status: 422, title: "The changes do not fit what is there" },
  too_many_imports: { status: 429, title: "Too many documents are being read" },
  too_many_requests: { status: 429, title: "Too many requests" },
  too_many_attempts: { status: 429, title: "Too many attempts failed" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  too_many_headers: { status: 431, title: "There are too many headers" },
  internal_error: { status: 500, title: "Something failed on our side" },
  store_damaged: { status: 500, title: "What the store holds is damaged" },
  write_uncertain: { status: 500, title: "Whether the write was kept is not known yet" },
  mail_failed: { status: 502, title: "The mail could not be handed over" },
  draining: { status: 503, title: "The server is shutting down" },
  issuer_unavailable: { status: 503, title: "The issuer does not answer" },
  store_busy: { status: 503, title: "The store is busy" },
  store_failed: { status: 503, title: "The store failed" },
  store_stopped: { status: 503, title: "The store takes no writes" },
  sign_in_busy: { status: 503, title: "Too many passwords are being checked" },
  too_many_connections: { status: 503, title: "There are too many connections" },
  answer_timeout: { status: 504, title: "The answer was not ready in time" },
  revision_not_reached: { status: 504, title: "The revision was not reached in time" },
  disk_full: { status: 507, title: "The disk is full" },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** Codes of single faults: those of the model, and none of our own. */
export const FAULT_CODES = Object.keys(FAULTS);

export const Fault = Type.Object(
  {
    code: Type.String({ description: "Stable code of the fault." }),
    pointer: Type.String({ description: "Where: an RFC 6901 JSON Pointer into the body." }),
    detail: Type.String(),
    allowed: Type.Optional(Type.Array(Type.String(), { description: "What would have been accepted, where that is a short list." })),
  },
  { title: "Fault" },
);

export const Problem = Type.Object(
  {
    type: Type.String({ format: "uri-reference", description: "Stable URI of the code." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    instance: Type.String({ description: "The request: `urn:reeve:request:` and its id." }),
    code: Type.String({ description: "Stable code; clients compare this." }),
    requestId: Type.String(),
    errors: Type.Optional(Type.Array(Fault)),
  },
  { title: "Problem" },
);
export type Problem = Static<typeof Problem>;

/** Builds the body of a problem. */
export function problem(
  code: ProblemCode,
  about: { readonly requestId: string; readonly detail?: string; readonly errors?: Problem["errors"] },
): Problem {
  const { status, title } = PROBLEMS[code];
  return {
    type: `urn:reeve:problem:${code}`,
    title,
    status,
    ...(about.detail === undefined ? {} : { detail: about.detail }),
    instance: `urn:reeve:request:${about.requestId}`,
    code,
    requestId: about.requestId,
    ...(about.errors === undefined ? {} : { errors: about.errors }),
  };
}
