/**
 * Writes of this surface: made of what is there at the very moment, under the ETag that the client names, told by what stands after it.
 *
 * Invariant: what is refused left nothing; of parallel patches of one object none is lost.
 */
import { type Change, type Fault, findRecord, type Key, type Kind, keyOf, type Plan, parseRecord, type RecordOf } from "@reeve/core";
import {
  type Changes,
  EXPERIENCE_PLATFORM,
  type Expected,
  type KeptObject,
  type Objects,
  type Origin,
  readRevision,
  type WriteRefused,
  writeRevision,
} from "../../app/index.ts";
import { askedBy } from "../asked.ts";
import { type Validator, withinRecord } from "../validate.ts";
import { type AepExchange, namesOf } from "./exchange.ts";
import { AepRefusal, faulty, forbidden, malformed, notFound, refusedWrite } from "./refusals.ts";

/** What this surface is about. */
export const PRODUCT = EXPERIENCE_PLATFORM;

export type AepWriting = { readonly objects: Objects; readonly changes: Changes };
/** An object as it stands, its ETag, and how it came to be. */
export type Standing<K extends Kind> = {
  readonly value: RecordOf<K>["value"];
  readonly revision: number;
  readonly etag: string;
  readonly origin: Origin;
};

type Asked = {
  readonly action: string;
  /** The object that `If-Match` is about. */
  readonly of?: { readonly kind: Kind; readonly key: Key };
  readonly make: (plan: Plan) => readonly Change[];
  /** `of` must not be there: else this is told. */
  readonly taken?: string;
  /** What who may not do it lacks; absent: he does not administer the organization. */
  readonly lacking?: string;
  /** What the body calls the member of a record; absent: as the record does. */
  readonly place?: Placing;
};

/** The pointer into a record → the one into the body. */
export type Placing = (pointer: string) => string;
const asItIs: Placing = (pointer) => pointer;
const moved =
  (place: Placing) =>
  (fault: Fault): Fault => ({ ...fault, pointer: place(fault.pointer) });

/** The body of a request. Throws with every fault. */
export function bodyIn<T>(validate: Validator<T>, { request }: AepExchange): T {
  const validated = validate(request.body);
  if (validated.ok) return validated.value;
  throw faulty(validated.error);
}

/** Throws where a body says that it is of another organization. */
export function checkOrganization({ plan }: AepExchange, body: object): void {
  const { imsOrgId, imsOrgID } = body as { readonly imsOrgId?: unknown; readonly imsOrgID?: unknown };
  const names: readonly unknown[] = namesOf(plan);
  if ([imsOrgId, imsOrgID].some((id) => id !== undefined && !names.includes(id))) throw forbidden("The body is of another organization.");
}

/** The record that a body describes, as core reads it. Throws with every fault, under the words of the wire. */
export function parsed<K extends Kind>(kind: K, value: object, place: Placing): RecordOf<K>["value"] {
  const result = parseRecord(kind, value);
  if (result.ok) return result.value.value as RecordOf<K>["value"];
  throw faulty(result.error.map(moved(place)));
}

/** A description, as records have it: none where none is given. */
export const described = (text: string | null | undefined): { readonly description?: string } =>
  text === null || text === undefined ? {} : { description: text };

export async function write({ changes }: AepWriting, exchange: AepExchange, asked: Asked): Promise<void> {
  const { organization, reply } = exchange;
  const { action, of, make, taken } = asked;
  const expected = taken === undefined || of === undefined ? expectedOf(exchange, of) : { expected: [{ ...of, revision: null }] };
  const result = await changes.write({ organization, changes: make, ...expected, action, ...askedBy(exchange) });
  if (!result.ok) throw refusalOfWrite(asked, result.error);
  reply.header("reeve-revision", result.value.revision);
}

function refusalOfWrite({ taken, lacking, place = asItIs }: Asked, error: WriteRefused): AepRefusal {
  if (error.code === "object_changed" && taken !== undefined) return new AepRefusal({ status: 409, code: "object_exists", detail: taken });
  if (error.code === "not_permitted" && lacking !== undefined) return forbidden(lacking);
  return refusedWrite(
    error,
    moved((pointer) => place(withinRecord(pointer))),
  );
}

/** What `If-Match` says; a tag that this server never gave fits nothing. */
function expectedOf({ request, plan }: AepExchange, of: Asked["of"]): { readonly expected?: readonly Expected[] } {
  const header = request.headers["if-match"]?.trim();
  if (of === undefined || header === undefined || header === "*") return {};
  const tag = /^"([^"]*)"$/.exec(header)?.[1];
  if (tag === undefined) throw malformed('If-Match is one ETag, as it was given ("…"), or *.');
  const revision = readRevision(tag);
  const isOfHistory = revision !== undefined && revision.epoch === plan.at.epoch;
  return { expected: [{ ...of, revision: isOfHistory ? revision.revision : Number.MAX_SAFE_INTEGER }] };
}

type Sought<K extends Kind> = {
  readonly kind: K;
  readonly id: string;
  /** As the wire calls it; absent: as it is. */
  readonly called?: string;
  readonly isOurs?: (value: RecordOf<K>["value"]) => boolean;
};

/** An object that the organization has now, of a kind whose ids are its keys. Throws 404. */
export async function standing<K extends Kind>(
  { objects }: AepWriting,
  { organization, reply }: AepExchange,
  { kind, id, called = `${kind} ${id}`, isOurs = () => true }: Sought<K>,
): Promise<Standing<K>> {
  const found = await objects.read({ organization, kind, key: [id] }, undefined);
  const object = "code" in found ? undefined : found.object;
  const value = object?.rec.value as RecordOf<K>["value"] | undefined;
  if ("code" in found || object === undefined || value === undefined || !isOurs(value)) throw notFound(called);
  const [origin = {}] = await objects.origins(organization, kind, [[id]]);
  const etag = etagOf(found.head.epoch, object.revision);
  reply.header("etag", etag);
  return { value, revision: object.revision, etag, origin };
}

/** The objects of a page, in its order. */
export async function standings<K extends Kind>(
  { objects }: AepWriting,
  { organization, plan }: AepExchange,
  { kind, found }: { readonly kind: K; readonly found: readonly KeptObject[] },
): Promise<readonly Standing<K>[]> {
  const origins = await objects.origins(
    organization,
    kind,
    found.map(({ rec }) => keyOf(rec)),
  );
  return found.map(({ rec, revision }, index) => ({
    value: rec.value as RecordOf<K>["value"],
    revision,
    etag: etagOf(plan.at.epoch, revision),
    origin: origins[index] ?? {},
  }));
}

const etagOf = (epoch: string, revision: number): string => `"${writeRevision({ epoch, revision })}"`;

/** The kinds whose records belong to a product each: those of another one are none here. */
type Owned = "role" | "policy";
export const isOurs = ({ product }: RecordOf<Owned>["value"]): boolean => product === PRODUCT;

/** The record as a plan has it. Throws 404. */
export function recordIn<K extends Owned>(plan: Plan, kind: K, id: string): RecordOf<K>["value"] {
  const value = findRecord(plan, kind, [id])?.value as RecordOf<K>["value"] | undefined;
  if (value === undefined || !isOurs(value)) throw notFound(`${kind} ${id}`);
  return value;
}

type Altering<K extends Owned> = {
  readonly kind: K;
  readonly id: string;
  readonly action: string;
  readonly alter: (plan: Plan, value: RecordOf<K>["value"]) => readonly Change[];
  readonly place: Placing;
};

/** A record after changes made of it. Throws 404. */
export async function altered<K extends Owned>(
  options: AepWriting,
  exchange: AepExchange,
  { kind, id, action, alter, place }: Altering<K>,
): Promise<Standing<K>> {
  const make = (plan: Plan) => alter(plan, recordIn(plan, kind, id));
  await write(options, exchange, { action, of: { kind, key: [id] }, make, place });
  return standing(options, exchange, { kind, id, isOurs });
}

/** Who and when, as the wire has it; what the audit has forgotten is empty. */
export function audited({ created, changed }: Origin): {
  readonly createdBy: string;
  readonly createdAt: number;
  readonly modifiedBy: string;
  readonly modifiedAt: number;
} {
  return {
    createdBy: created?.actor.id ?? "",
    createdAt: created?.timeMs ?? 0,
    modifiedBy: changed?.actor.id ?? "",
    modifiedAt: changed?.timeMs ?? 0,
  };
}
