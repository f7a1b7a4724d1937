/**
 * From what work asked to what a revision really does: its *delta*.
 *
 * Each request is held against the object as the requests before it left it. Those that change nothing are dropped; then all requests
 * about an object that ends as it began are dropped too (it was not deleted between). What remains keeps its order.
 * Invariant: replaying the delta on the stored rows gives the rows that are written, and an empty delta means that nothing is written.
 */
import { type Key, type Kind, objectName, type Rec, sameRecord } from "@reeve/core";
import { canonical } from "./canonical.ts";
import type { Asked } from "./recorder.ts";

/** An object as stored: its life's number and its value as canonical JSON. */
export type StoredObject = { readonly life: number; readonly body: string };
/** And the revision that last changed it. */
export type RevisedObject = StoredObject & { readonly revision: number };
export type Lookup = (kind: Kind, key: Key) => RevisedObject | undefined;

/** One effective request; `before` and `after` are canonical JSON. `life` is the one that begins, goes on or ends. */
export type Step = {
  readonly kind: Kind;
  readonly key: Key;
  readonly life: number;
  readonly before: string | undefined;
  readonly after: string | undefined;
};
/** An object's row before and after the write; absent: no row. */
export type FinalRow = {
  readonly kind: Kind;
  readonly key: Key;
  readonly initially: RevisedObject | undefined;
  readonly now: StoredObject | undefined;
};
export type Delta = { readonly steps: readonly Step[]; readonly rows: readonly FinalRow[]; readonly lifeSeq: number };

type Touched = {
  readonly kind: Kind;
  readonly key: Key;
  readonly initially: RevisedObject | undefined;
  now: StoredObject | undefined;
  steps: number;
};

/** Holds the requests against the stored rows. `lifeSeq` is the last life's number that the organization gave out. */
export const settle = (asked: readonly Asked[], stored: Lookup, lifeSeq: number): Delta => {
  const objects = new Map<string, Touched>();
  const steps: { step: Step; of: Touched }[] = [];
  let lives = lifeSeq;
  for (const request of asked) {
    const of = touch(objects, request, stored);
    const after = request.rec === undefined ? undefined : canonical(request.rec.value);
    if (isSame(of.now?.body, after, request.rec)) continue;
    const life = of.now === undefined ? ++lives : of.now.life;
    steps.push({ step: { kind: of.kind, key: of.key, life, before: of.now?.body, after }, of });
    of.now = after === undefined ? undefined : { life, body: after };
    of.steps += 1;
  }
  for (const of of objects.values()) if (endsAsItBegan(of)) of.steps = 0;
  const altered = [...objects.values()].filter((of) => of.steps > 0);
  return {
    steps: steps.filter(({ of }) => of.steps > 0).map(({ step }) => step),
    rows: altered,
    lifeSeq: altered.length > 0 ? lives : lifeSeq,
  };
};

const touch = (objects: Map<string, Touched>, { kind, key }: Asked, stored: Lookup): Touched => {
  const name = objectName({ kind, key });
  let touched = objects.get(name);
  if (touched === undefined) {
    const initially = stored(kind, key);
    touched = { kind, key, initially, now: initially, steps: 0 };
    objects.set(name, touched);
  }
  return touched;
};

const endsAsItBegan = ({ initially, now, kind }: Touched): boolean =>
  initially?.life === now?.life && isSame(initially?.body, now?.body, now === undefined ? undefined : recordOf(kind, now.body));

/** Equal texts are equal records; different ones may still be, for a record does not change with who gave it and when. */
const isSame = (before: string | undefined, after: string | undefined, rec: Rec | undefined): boolean => {
  if (before === undefined || after === undefined || rec === undefined) return before === after;
  return before === after || sameRecord(recordOf(rec.kind, before), rec);
};

/** A record from its stored value. The store only holds what was a record when it was put. */
export const recordOf = (kind: Kind, body: string): Rec => ({ kind, value: JSON.parse(body) }) as Rec;

/** The delta as the change feed carries it: canonical JSON of a list of changes. */
export const changesText = (steps: readonly Step[]): string =>
  `[${steps
    .map(({ kind, key, after }) =>
      after === undefined ? `{"delete":{"key":${JSON.stringify(key)},"kind":"${kind}"}}` : `{"put":{"kind":"${kind}","value":${after}}}`,
    )
    .join(",")}]`;

/** The delta as the audit keeps it: canonical JSON of a list of `AuditedChange`. */
export const auditedText = (steps: readonly Step[]): string =>
  `[${steps
    .map(
      ({ kind, key, life, before, after }) =>
        `{"after":${after ?? "null"},"before":${before ?? "null"},"key":${JSON.stringify(key)},"kind":"${kind}","life":${life}}`,
    )
    .join(",")}]`;
