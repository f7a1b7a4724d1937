/**
 * How the surface of Experience Platform's access control refuses: in the shapes of its own documents, never as a problem of ours.
 *
 * *Gateway* errors say that who asks is not known, or not of the organization; everything else is a *service* error. What the server
 * refuses by itself (a body that is too large, a store that is busy) is told in the same shape, under the same status where a client of
 * that API would know it.
 * Invariant: a refused request changed nothing, and its status is one that the documents name where they name one.
 */
import { type AepError, type AepGatewayError, PROBLEMS, type ProblemCode } from "@reeve/contract";
import type { Fault } from "@reeve/core";
import type { WriteRefused } from "../../app/index.ts";
import { HttpProblem, problemOf } from "../problem.ts";

/** Code → message. The status is in the code. */
const GATEWAY = {
  "403010": "Oauth token is missing.",
  "401013": "Oauth token is not valid",
  "403000": "Api Key is required",
  "403003": "Api Key is invalid",
  "400003": "Missing header",
  "403025": "Profile is not valid",
  "403027": "User region is missing",
} as const;
type GatewayCode = keyof typeof GATEWAY;

const TITLES: Readonly<Record<number, string>> = {
  400: "BadRequestError",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  412: "PreconditionFailed",
  413: "PayloadTooLarge",
  500: "InternalServerError",
  503: "ServiceUnavailable",
};

type About = { readonly errors?: readonly Fault[]; readonly retryMs?: number; readonly allow?: readonly string[] };

/** Ends a request. */
export class AepRefusal extends Error {
  readonly status: number;
  readonly gateway: GatewayCode | undefined;
  readonly detail: string;
  readonly about: About;
  readonly code: string;
  constructor(code: GatewayCode | ({ readonly status: number; readonly detail: string; readonly code?: string } & About)) {
    super(typeof code === "string" ? GATEWAY[code] : code.detail);
    this.gateway = typeof code === "string" ? code : undefined;
    this.status = typeof code === "string" ? Number(code.slice(0, 3)) : code.status;
    this.detail = this.message;
    this.code = typeof code === "string" ? code : (code.code ?? "malformed_request");
    const { errors, retryMs, allow } = typeof code === "string" ? {} : code;
    this.about = {
      ...(errors === undefined ? {} : { errors }),
      ...(retryMs === undefined ? {} : { retryMs }),
      ...(allow === undefined ? {} : { allow }),
    };
  }
}

/** What was sent is not what it must be. */
export function malformed(detail: string, errors: readonly Fault[] = []): AepRefusal {
  return new AepRefusal({ status: 400, detail, ...(errors.length === 0 ? {} : { errors }) });
}

/** Faults of a body; the first of them is told in words. */
export function faulty(errors: readonly Fault[]): AepRefusal {
  const [first] = errors;
  return malformed(first === undefined ? "The body is not what it must be." : `${first.pointer || "The body"}: ${first.detail}`, errors);
}

export function notFound(what: string): AepRefusal {
  return new AepRefusal({ status: 404, code: "object_not_found", detail: `${what} not found` });
}

/** Who asks may not, or nobody may. */
export function forbidden(detail: string): AepRefusal {
  return new AepRefusal({ status: 403, code: "not_permitted", detail });
}

/** Statuses of ours that the documents have another one for. */
const STATUSES: Partial<Readonly<Record<ProblemCode, number>>> = {
  unsupported_media_type: 400,
  changes_refused: 400,
  too_many_items: 400,
};

/** What an error is to a client of this surface; `undefined`: a bug. */
export function refusalOf(error: unknown): AepRefusal | undefined {
  if (error instanceof AepRefusal) return error;
  const problem = problemOf(error);
  if (problem === undefined) return undefined;
  const { code, about } = problem;
  if (code === "not_authenticated") return new AepRefusal("401013");
  const { status, title } = PROBLEMS[code];
  const detail = code === "unsupported_media_type" ? "A valid content-type must be specified" : (about.detail ?? title);
  const { errors, retryMs, allow } = about;
  return new AepRefusal({
    status: STATUSES[code] ?? status,
    code,
    detail,
    ...(errors === undefined ? {} : { errors: errors as readonly Fault[] }),
    ...(retryMs === undefined ? {} : { retryMs }),
    ...(allow === undefined ? {} : { allow }),
  });
}

/** Why a write was refused, with the places of faults as the body has them. */
export function refusedWrite(error: WriteRefused, place: (fault: Fault) => Fault): AepRefusal {
  if (error.code === "object_changed") {
    return new AepRefusal({ status: 412, code: error.code, detail: "The object has another ETag than If-Match names." });
  }
  if (error.code === "not_permitted") return forbidden("Who asks does not administer the organization.");
  if (error.code === "malformed_revision") return malformed("The revision is none that this server gave out.");
  if (error.code !== "changes_refused") {
    return refusalOf(new HttpProblem(error.code, "detail" in error ? { detail: error.detail } : {})) as AepRefusal;
  }
  const faults = error.faults.map(place);
  const isProtected = faults.every(({ code }) => code === "built_in");
  return isProtected ? forbidden(faults[0]?.detail ?? "This is built in.") : faulty(faults);
}

export function bodyOf({ gateway, status, detail, about, code }: AepRefusal, requestId: string): AepGatewayError | AepError {
  if (gateway !== undefined) return { error_code: gateway, message: detail };
  return {
    type: `urn:reeve:problem:${code}`,
    status,
    title: TITLES[status] ?? "Error",
    detail,
    ...(about.errors === undefined ? {} : { errors: about.errors.map(told) }),
    requestId,
  };
}

function told({ code, pointer, detail, allowed }: Fault): NonNullable<AepError["errors"]>[number] {
  return { code, pointer, detail, ...(allowed === undefined ? {} : { allowed: [...allowed] }) };
}
