/**
 * A deny whose facts are found when they are read: most callers want the answer alone.
 *
 * A class and no literal with a getter, which costs more than the decision: each such object gets a hidden class of its own.
 * Invariant: who writes it as JSON or takes its members apart sees what a deny with its facts beside it would show.
 */
import type { Decision, Facts, ReasonCode } from "../../model/index.ts";

export class LateDeny implements Decision {
  readonly allow = false;
  readonly code: ReasonCode;
  readonly #find: () => Facts;
  #facts: Facts | undefined;

  /** `find` must answer the same whenever it is called, whatever was applied to the plan since. */
  constructor(code: ReasonCode, find: () => Facts) {
    this.code = code;
    this.#find = find;
  }

  get facts(): Facts {
    this.#facts ??= this.#find();
    return this.#facts;
  }

  toJSON(): Decision {
    return { allow: false, code: this.code, facts: this.facts };
  }
}
