/** Members that may be absent. Invariant: no member of a record is there and `undefined`. */

/** The members that are there, without those that are `undefined`. */
export function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
