/** What may have to be waited for: at once where it is known already, so that a request that needs nothing else waits for nothing. */

export type Later<T> = T | Promise<T>;

export function andThen<A, B>(value: Later<A>, next: (value: A) => Later<B>): Later<B> {
  return value instanceof Promise ? value.then(next) : next(value);
}
