/** How the public API refuses: a status and a message, as its documents have it, and a code of ours where one says more. */
import { PROBLEMS, type ProblemCode } from "@reeve/contract";
import type { Fault } from "@reeve/core";
import { AssetRefused } from "../../app/index.ts";
import { problemOf } from "../problem.ts";

export class NamedRefusal extends Error {
  readonly status: number;
  readonly code: string | undefined;
  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const faulty = ([first]: readonly Fault[]): NamedRefusal =>
  new NamedRefusal(400, first === undefined ? "The request has faults." : `${first.pointer || "The body"}: ${first.detail}`);

/** What an error is to a client of this surface; `undefined`: a bug. */
export function refusalOf(error: unknown): NamedRefusal | undefined {
  if (error instanceof NamedRefusal) return error;
  if (error instanceof AssetRefused) {
    if (error.code === "malformed_request") return faulty(error.faults);
    return new NamedRefusal(PROBLEMS[error.code].status, error.detail, error.code);
  }
  const problem = problemOf(error);
  if (problem === undefined) return undefined;
  const { code, about } = problem;
  if (about.errors !== undefined && about.errors.length > 0)
    return new NamedRefusal(400, faulty(about.errors as readonly Fault[]).message, code);
  return new NamedRefusal(PROBLEMS[code as ProblemCode].status, about.detail ?? PROBLEMS[code as ProblemCode].title, code);
}
