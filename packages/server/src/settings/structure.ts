/**
 * Readers of settings that are more than one value: members, lists and tables below them, each with what is allowed.
 *
 * A reader takes a JSON value and gives what it says; whatever is not allowed is noted with the path of members and numbers that leads to
 * it. Invariant: a value is given only where nothing of it was refused, and a member that nobody knows is refused.
 */

export type Path = readonly (string | number)[];
/** Something of a structured setting that is not allowed. `isMissing`: it is not there. */
export type MemberFault = { readonly path: Path; readonly allowed: string; readonly isMissing?: true };
/** `undefined`: refused, and noted in `faults`. */
export type Reader<T> = (value: unknown, at: Reading) => T | undefined;
type Reading = { readonly path: Path; readonly faults: MemberFault[] };
type Readers = Readonly<Record<string, Reader<unknown>>>;
type Read<R extends Readers> = { readonly [Name in keyof R]: R[Name] extends Reader<infer T> ? T : never };
type Members<Needed extends Readers, Other extends Readers> = Read<Needed> & Partial<Read<Other>>;

/** What was not allowed; a member that is needed and missing is read as `undefined`. */
function refuse(value: unknown, allowed: string, { path, faults }: Reading): undefined {
  faults.push({ path, allowed, ...(value === undefined ? { isMissing: true } : {}) });
  return undefined;
}

/** A text that is good as it stands. */
export function text(allowed: string, isGood: (text: string) => boolean): Reader<string> {
  return (value, at) => (typeof value === "string" && isGood(value) ? value : refuse(value, allowed, at));
}

/** One of some texts. */
export function choice<const T extends string>(...allowed: readonly T[]): Reader<T> {
  const read = text(allowed.join(", "), (one) => allowed.some((known) => known === one));
  return (value, at) => read(value, at) as T | undefined;
}

export function list<T>(of: Reader<T>, { allowed, min, max }: { readonly allowed: string; readonly min: number; readonly max: number }) {
  return (value: unknown, at: Reading): readonly T[] | undefined =>
    Array.isArray(value) && value.length >= min && value.length <= max
      ? whole(value.map((one, index) => of(one, below(at, index))))
      : refuse(value, allowed, at);
}

/** Members of any name, each read in the same way. */
export function table<T>(of: Reader<T>, { allowed, max }: { readonly allowed: string; readonly max: number }) {
  return (value: unknown, at: Reading): ReadonlyMap<string, T> | undefined => {
    const entries = isObject(value) ? Object.entries(value) : undefined;
    if (entries === undefined || entries.length > max) return refuse(value, allowed, at);
    const read = whole(entries.map(([name, one]) => of(one, below(at, name))));
    return read && new Map(entries.map(([name], index) => [name, read[index] as T]));
  };
}

/** Members that must be there, and members that may. */
export function members<const Needed extends Readers, const Other extends Readers>(
  needed: Needed,
  other: Other,
): Reader<Members<Needed, Other>> {
  const known: Readers = { ...needed, ...other };
  const names = Object.keys(known);
  return (value, at) => {
    if (!isObject(value)) return refuse(value, `a mapping with: ${names.join(", ")}`, at);
    const before = at.faults.length;
    for (const name of Object.keys(value)) if (!names.includes(name)) refuse(value, `a known member: ${names.join(", ")}`, below(at, name));
    const read = Object.entries(known)
      .filter(([name]) => Object.hasOwn(value, name) || Object.hasOwn(needed, name))
      .map(([name, reader]) => [name, reader(value[name], below(at, name))] as const);
    return at.faults.length === before ? (Object.fromEntries(read) as Members<Needed, Other>) : undefined;
  };
}

const below = ({ path, faults }: Reading, name: string | number): Reading => ({ path: [...path, name], faults });

/** `identity.issuers`, then `[0].tokens.audience`. */
export const writePath = (path: Path): string => path.map((one) => (typeof one === "number" ? `[${one}]` : `.${one}`)).join("");

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const whole = <T>(values: readonly (T | undefined)[]): readonly T[] | undefined =>
  values.includes(undefined) ? undefined : (values as readonly T[]);
