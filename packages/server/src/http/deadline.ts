/**
 * The deadline: what is awaited for an answer ends in time, as a problem if need be.
 *
 * The framework's own timer ends with the request's body, so that it would not see a handler that hangs.
 * Invariant: whoever asked is answered; what was begun goes on, and its end is told to nobody.
 */
import { HttpProblem } from "./problem.ts";

/** What `work` gives, at once where it is no promise; rejects with `answer_timeout` after `limitMs`. */
export function within<T>(work: T | Promise<T>, limitMs: number): T | Promise<T> {
  if (!(work instanceof Promise)) return work;
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HttpProblem("answer_timeout")), limitMs).unref();
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
