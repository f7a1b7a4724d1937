/** Why nobody is signed in, as a problem: one for every address and password that do not fit. */
import type { SignInRefused } from "../../identity/index.ts";
import { HttpProblem } from "../problem.ts";

export function unknownPerson(refused: SignInRefused): HttpProblem {
  if (refused.code === "too_many_attempts") return new HttpProblem(refused.code, { retryMs: refused.retryMs });
  if (refused.code === "second_factor_needed") return new HttpProblem(refused.code);
  return refused.code === "busy" ? new HttpProblem("sign_in_busy", { retryMs: BUSY_MS }) : new HttpProblem("sign_in_refused");
}

const BUSY_MS = 1_000;
