/** What keeps a text from being a password, as a fault of the body. */
import { passwordFault } from "../../identity/index.ts";
import { HttpProblem } from "../problem.ts";

const FAULTS = {
  too_short: { code: "out_of_range", detail: "A password has 12 characters or more." },
  too_long: { code: "too_long", detail: "A password has 1,024 bytes or fewer." },
  malformed_text: { code: "malformed_text", detail: "A password has no unpaired surrogates." },
} as const;

/** The password, if it may be one. `pointer`: where it stands. */
export function newPassword(password: string, pointer: "/password" | "/newPassword"): string {
  const fault = passwordFault(password);
  if (fault !== undefined) throw new HttpProblem("malformed_request", { errors: [{ ...FAULTS[fault], pointer }] });
  return password;
}
