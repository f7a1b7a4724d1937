/**
 * Readers: the names of variables, resolved once at compile time to functions over what a request knows.
 *
 * A `View` is what conditions can see of a request (model §2, *condition*); `facts.ts` finds it. Sent values count in `properties`,
 * `context` and `attributes` only, key by key, over the stored ones.
 * Invariant: own members only, never a prototype's; the members that the model names are always present.
 */
import type { Json, JsonObject } from "../../model/index.ts";

export const ABSENT = Symbol("absent");
export type Sources = "subject.properties" | "action.properties" | "resource.properties" | "context" | "attributes";
/** What the conditions of one request can see. */
export type View = {
  readonly action: string;
  readonly now: number;
  subjectType(): string;
  subjectId(): string;
  groups(): readonly string[];
  roleIds(): readonly string[];
  heldLabels(): readonly string[];
  /** Whether it is among `heldLabels`. */
  holdsLabel(label: string): boolean;
  resourceType(): string;
  resourceId(): string | null;
  resourcePath(): string | null;
  sandbox(): string | null;
  owner(): string | null;
  resourceState(): string | null;
  /** `ABSENT` where what was sent is no list of strings. */
  labels(): readonly string[] | null | typeof ABSENT;
  sent(source: Sources): JsonObject | undefined;
  stored(source: Sources): JsonObject | undefined;
};
export type Reader = (view: View) => Json | typeof ABSENT;

/** Members of `resource.properties` that are no properties: they say where the resource lies and what it carries. */
const TAKEN_OUT: ReadonlySet<string> = new Set(["labels", "sandbox"]);
const SOURCES: readonly Sources[] = ["subject.properties", "action.properties", "resource.properties", "context", "attributes"];

const MEMBERS: Readonly<Record<string, Reader>> = {
  "subject.type": (view) => view.subjectType(),
  "subject.id": (view) => view.subjectId(),
  "subject.groups": (view) => view.groups(),
  "subject.roles": (view) => ({ ids: view.roleIds(), labels: view.heldLabels() }),
  "subject.roles.ids": (view) => view.roleIds(),
  "subject.roles.labels": (view) => view.heldLabels(),
  "action.name": (view) => view.action,
  "resource.type": (view) => view.resourceType(),
  "resource.id": (view) => view.resourceId(),
  "resource.path": (view) => view.resourcePath(),
  "resource.sandbox": (view) => view.sandbox(),
  "resource.owner": (view) => view.owner(),
  "resource.state": (view) => view.resourceState(),
  "resource.labels": (view) => view.labels(),
};
const OBJECTS: Readonly<Record<string, readonly string[]>> = {
  subject: ["type", "id", "groups", "roles", "properties"],
  action: ["name", "properties"],
  resource: ["type", "id", "path", "sandbox", "owner", "state", "labels", "properties"],
};

/** Resolves the name of a variable. A name that is no member reads as absent: the parsers refuse it before. */
export function readerOf(name: string): Reader {
  const member = Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined;
  if (member !== undefined) return member;
  const source = SOURCES.find((prefix) => name === prefix || name.startsWith(`${prefix}.`));
  if (source !== undefined) return propertyReader(source, name === source ? [] : name.slice(source.length + 1).split("."));
  const members = Object.hasOwn(OBJECTS, name) ? OBJECTS[name] : undefined;
  if (members === undefined) return () => ABSENT;
  const readers = members.map((one) => [one, readerOf(`${name}.${one}`)] as const);
  return (view) => {
    const whole: Record<string, Json> = Object.create(null);
    for (const [one, read] of readers) {
      const value = read(view);
      whole[one] = value === ABSENT ? null : value;
    }
    return whole;
  };
}

/** Whether a variable can be absent: the members that the model names are always there, but for labels that were sent and are none. */
export function mayBeAbsent(name: string): boolean {
  if (name === "resource.labels") return true;
  return !Object.hasOwn(MEMBERS, name) && !Object.hasOwn(OBJECTS, name) && !(SOURCES as readonly string[]).includes(name);
}

function propertyReader(source: Sources, keys: readonly string[]): Reader {
  if (keys.length === 0) return (view) => merged(view, source);
  const [first, ...rest] = keys as [string, ...string[]];
  if (source === "context" && first === "now") return (view) => (rest.length === 0 ? view.now : ABSENT);
  if (source === "resource.properties" && TAKEN_OUT.has(first)) return () => ABSENT;
  return (view) => {
    let value = own(view.sent(source), first);
    if (value === ABSENT) value = own(view.stored(source), first);
    for (const key of rest) {
      if (value === ABSENT) return ABSENT;
      value = own(value, key);
    }
    return value;
  };
}

function merged(view: View, source: Sources): Json {
  const whole: Record<string, Json> = Object.create(null);
  for (const part of [view.stored(source), view.sent(source)]) {
    if (part === undefined) continue;
    for (const [key, value] of Object.entries(part)) if (source !== "resource.properties" || !TAKEN_OUT.has(key)) whole[key] = value;
  }
  if (source === "context") whole.now = view.now;
  return whole;
}

/** An own member of an object, or an item of a list by its index. */
export function own(value: Json | undefined, key: string): Json | typeof ABSENT {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return ABSENT;
  if (Array.isArray(value) && key === "length") return ABSENT;
  return (value as { readonly [key: string]: Json })[key] as Json;
}
