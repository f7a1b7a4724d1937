/**
 * Objects of the native surface: every collection of the contract's table, listed, made, read, put, deleted, and what befell it.
 *
 * Key members stand in the path and may be left out of a body; where both name them, they say the same.
 * Invariant: an ETag is the revision that last changed the object, and a write that names one happens on that object or not at all.
 */
import { COLLECTIONS, type Collection, type CollectionName, type ObjectRouteId, takesIds } from "@reeve/contract";
import { escapeId, type Fault, KEY_MEMBERS, type Key, type Kind, keyOf, parsePath, parseRecord, type Rec } from "@reeve/core";
import {
  type Changes,
  type Cursors,
  type Expected,
  type Objects,
  type Offices,
  type Unanswered,
  type Write,
  type Written,
  writeRevision,
} from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { faultyQuery, queryOf } from "../query.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";
import { askedBy, bodyOf, etagOf, idOf, nameOf, onceOf, preconditionOf, reasonOf, refused } from "./writing.ts";

export type ObjectOptions = {
  readonly objects: Objects;
  readonly changes: Changes;
  readonly offices: Offices;
  readonly cursors: Cursors;
  readonly newId: () => string;
};
type Handler = (exchange: Exchange) => unknown;

export function objectHandlers(options: ObjectOptions): Pick<Handlers, ObjectRouteId> {
  const names = Object.keys(COLLECTIONS) as CollectionName[];
  const handlers = names.flatMap((name): [string, Handler][] => {
    const at: At = { ...options, name, collection: COLLECTIONS[name] };
    return [
      [`${name}.list`, (exchange) => listObjects(at, exchange)],
      [`${name}.create`, (exchange) => createObject(at, exchange)],
      [`${name}.get`, (exchange) => getObject(at, exchange)],
      [`${name}.put`, (exchange) => putObject(at, exchange)],
      [`${name}.delete`, (exchange) => deleteObject(at, exchange)],
      [`${name}.history`, (exchange) => objectHistory(at, exchange)],
    ];
  });
  return Object.fromEntries(handlers) as Pick<Handlers, ObjectRouteId>;
}

type At = ObjectOptions & { readonly name: CollectionName; readonly collection: Collection };

const paramsOf = ({ request }: Exchange): Readonly<Record<string, string>> => request.params as Readonly<Record<string, string>>;
const orgOf = (exchange: Exchange): string => paramsOf(exchange).org as string;

/** Filters that are yes or no. */
const YES_OR_NO: readonly string[] = ["active", "builtIn"];

async function listObjects(at: At, exchange: Exchange): Promise<unknown> {
  const { objects, cursors, name, collection } = at;
  const { kind, filters, sorts, byName, below, only, under } = collection;
  const {
    limit,
    cursor,
    sort,
    name: namePrefix,
    below: root,
    ...filter
  } = queryOf(exchange.request.url, [
    ...filters,
    ...(byName === true ? ["name"] : []),
    ...(below === true ? ["below"] : []),
    ...["sort", "limit", "cursor"],
  ]);
  const usual = namePrefix === undefined ? "key" : "name";
  const descending = sort?.startsWith("-") === true;
  const by = (descending ? sort.slice(1) : sort) ?? usual;
  const faults = listFaults({
    by,
    sorts,
    filter,
    ...(namePrefix === undefined ? {} : { namePrefix }),
    ...(root === undefined ? {} : { root }),
  });
  if (faults.length > 0) throw faultyQuery(faults);
  await mustSeeAll(at, exchange, filter);
  const question = [name, orgOf(exchange), filter, namePrefix ?? null, root ?? null, by, descending];
  const after = positionOf(cursors, question, { cursor });
  const page = answered(
    await objects.list(
      orgOf(exchange),
      {
        kind,
        filter: { ...filter, ...only, ...(under === undefined ? {} : { type: under.type }) },
        sort: by,
        descending,
        max: limitOf(limit),
        ...(namePrefix === undefined ? {} : { namePrefix }),
        ...(root === undefined ? {} : { below: root }),
        ...(after === undefined ? {} : { after }),
      },
      atLeastOf(undefined, exchange.request.headers[AT_LEAST]),
    ),
  );
  exchange.reply.header(REVISION_HEADER, writeRevision(page.head));
  const items = page.objects.map(({ rec, revision }) => ({ revision: writeRevision({ ...page.head, revision }), value: rec.value }));
  return pageOf(items, page.next, { cursors, question });
}

function listFaults(asked: {
  readonly by: string;
  readonly sorts: readonly string[];
  readonly filter: Readonly<Record<string, string>>;
  readonly namePrefix?: string;
  readonly root?: string;
}): readonly Fault[] {
  const { by, sorts, filter, namePrefix, root } = asked;
  const faults: Fault[] = [];
  const wrong = (pointer: string, detail: string, allowed: readonly string[]): void =>
    void faults.push({ code: "not_allowed", pointer, detail, allowed });
  if (!sorts.includes(by)) wrong("?sort", `These are sorted by ${sorts.join(", ")}; with - before it, descending.`, sorts);
  else if (namePrefix !== undefined && by !== "name") wrong("?sort", "What is found by name is sorted by name.", ["name", "-name"]);
  else if (root !== undefined && by !== "key") wrong("?sort", "What lies below a path is sorted by key.", ["key", "-key"]);
  if (namePrefix !== undefined && root !== undefined) wrong("?below", "Give a name or a path, not both.", []);
  for (const field of YES_OR_NO) {
    const value = filter[field];
    if (value !== undefined && value !== "true" && value !== "false") wrong(`?${field}`, "This is yes or no.", ["true", "false"]);
  }
  return faults;
}

async function getObject(at: At, exchange: Exchange): Promise<unknown> {
  const { head, object } = answered(
    await at.objects.read(refOf(at.collection, exchange), atLeastOf(undefined, exchange.request.headers[AT_LEAST])),
  );
  await mustSee(at, exchange, object?.rec);
  exchange.reply.header(REVISION_HEADER, writeRevision(head));
  if (object === undefined || !isOf(at.collection, object.rec)) throw notThere(at.collection, exchange);
  exchange.reply.header("etag", etagOf(writeRevision({ ...head, revision: object.revision })));
  return object.rec.value;
}

async function createObject(at: At, exchange: Exchange): Promise<unknown> {
  const { collection, changes, newId } = at;
  const body = bodyOf(exchange);
  const { once } = onceOf(exchange);
  // Sent again under its key, it is told again under its id.
  const given = takesIds(collection) && body.id === undefined ? { ...body, id: once === undefined ? newId() : idOf(once) } : body;
  const rec = readValue(collection, { ...collection.only, ...given });
  const key = keyOf(rec);
  const written = await write(changes, {
    ...writeOf(exchange),
    ...(once === undefined ? {} : { once }),
    changes: [{ put: rec }],
    expected: [{ kind: rec.kind, key, revision: null }],
  }).catch((error: unknown) => {
    if (!(error instanceof HttpProblem) || error.code !== "object_changed") throw error;
    throw new HttpProblem("object_exists", { detail: `There is a ${nameOf(rec.kind, key)} already.` });
  });
  const location = [`/v1/orgs/${encodeURIComponent(orgOf(exchange))}/${at.name}`, ...addressOf(collection, rec)].join("/");
  exchange.reply.status(CREATED).headers({ location, etag: etagOf(written.revision), [REVISION_HEADER]: written.revision });
  return writtenValue(rec, written);
}

const CREATED = 201;
const NO_CONTENT = 204;

async function putObject(at: At, exchange: Exchange): Promise<unknown> {
  const { collection, changes } = at;
  const ref = refOf(collection, exchange);
  const rec = readValue(collection, keyed(collection, ref.key, bodyOf(exchange)));
  const { head, object } = answered(await at.objects.read(ref, undefined));
  // Whether there is one is told nobody who would not see it.
  if (exchange.request.headers["if-match"] !== undefined) await mustSee(at, exchange, object?.rec);
  const isOther = object !== undefined && !isOf(collection, object.rec);
  if (isOther)
    throw new HttpProblem("object_exists", { detail: `There is a ${nameOf(rec.kind, ref.key)} already, and it is no ${collection.one}.` });
  const written = await write(changes, {
    ...writeOf(exchange),
    changes: [{ put: rec }],
    expected: expectedOf(exchange, { ...ref, epoch: head.epoch, standing: object?.revision }),
  });
  const changedLast =
    written.applied === 0 && object !== undefined ? writeRevision({ ...head, revision: object.revision }) : written.revision;
  if (object === undefined) exchange.reply.status(CREATED);
  exchange.reply.headers({ etag: etagOf(changedLast), [REVISION_HEADER]: written.revision });
  return writtenValue(rec, written);
}

async function deleteObject(at: At, exchange: Exchange): Promise<unknown> {
  const ref = refOf(at.collection, exchange);
  const { head, object } = answered(await at.objects.read(ref, undefined));
  await mustSee(at, exchange, object?.rec);
  if (object === undefined || !isOf(at.collection, object.rec)) throw notThere(at.collection, exchange);
  const { kind, key } = ref;
  const written = await write(at.changes, {
    ...writeOf(exchange),
    changes: [{ delete: { kind, key } }],
    expected: expectedOf(exchange, { ...ref, epoch: head.epoch, standing: object.revision }),
  });
  exchange.reply.status(NO_CONTENT).header(REVISION_HEADER, written.revision);
  return undefined;
}

async function objectHistory(at: At, exchange: Exchange): Promise<unknown> {
  const { objects, cursors, collection, name } = at;
  const { limit, cursor } = queryOf(exchange.request.url, ["limit", "cursor"]);
  const ref = refOf(collection, exchange);
  const life = exchange.byOffice === true ? await seenLife(at, exchange, ref) : undefined;
  const question = [`${name}.history`, ref.organization, ref.key];
  const position = positionOf(cursors, question, { cursor });
  const max = limitOf(limit);
  const before = position === undefined ? {} : { before: Number(position[0]) };
  const { epoch, events: found } = answered(await objects.history(ref, { max, ...before }));
  const events = life === undefined ? found : found.filter(({ changes }) => changes.every((change) => change.life === life));
  const items = events.flatMap(({ revision = 0, changeSet, timeMs, actor, reason, changes }) =>
    changes.map(({ life, before, after }) => ({
      revision: writeRevision({ epoch, revision }),
      changeSet,
      time: timeMs,
      actor,
      ...(reason === undefined ? {} : { reason }),
      life,
      before,
      after,
    })),
  );
  const last = events.length < max ? undefined : events.at(-1)?.revision;
  return pageOf(items, last === undefined ? undefined : [String(last)], { cursors, question });
}

/** Who sees what is of his office alone is told no more of anything else, be it there or not. */
async function mustSee({ offices }: At, exchange: Exchange, rec: Rec | undefined): Promise<void> {
  const { caller, byOffice } = exchange;
  if (byOffice !== true) return;
  const sees = caller !== undefined && rec !== undefined && (await offices.see(caller, orgOf(exchange), rec));
  if (!sees) throw new HttpProblem("not_permitted");
}

/** Which life of the object somebody sees by his office: what bore its id before may have been another's. */
async function seenLife(at: At, exchange: Exchange, ref: Ref): Promise<number | undefined> {
  const { object } = answered(await at.objects.read(ref, undefined));
  await mustSee(at, exchange, object?.rec);
  return object?.life;
}

async function mustSeeAll({ offices, collection }: At, exchange: Exchange, filter: Readonly<Record<string, string>>): Promise<void> {
  const { caller, byOffice } = exchange;
  if (byOffice !== true) return;
  const { kind } = collection;
  if (caller !== undefined && (await offices.seeAll(caller, orgOf(exchange), { kind, filter }))) return;
  const which = kind === "role" ? "product" : "role";
  throw new HttpProblem("not_permitted", { detail: `A product administrator lists these by \`${which}\`, of a product that is his.` });
}

type Ref = { readonly organization: string; readonly kind: Kind; readonly key: Key };

/** The object that a path names. Ids of a collection that lies at a place of its own are the last of their path. */
function refOf({ kind, key, under }: Collection, exchange: Exchange): Ref {
  const params = paramsOf(exchange);
  const values = key.map((member) => params[member] as string);
  return { organization: orgOf(exchange), kind, key: under === undefined ? values : [under.path + escapeId(values[0] as string)] };
}

/** The segments of an object's own address, below its collection. */
function addressOf({ under }: Collection, rec: Rec): string[] {
  const key = under === undefined ? keyOf(rec) : [parsePath(keyOf(rec)[0] as string)?.pairs.at(-1)?.id ?? ""];
  return key.map(encodeURIComponent);
}

function isOf({ only }: Collection, { value }: Rec): boolean {
  return Object.entries(only ?? {}).every(([member, wanted]) => (value as Readonly<Record<string, unknown>>)[member] === wanted);
}

function notThere({ one }: Collection, exchange: Exchange): HttpProblem {
  const { org, ...names } = paramsOf(exchange);
  const told = Object.entries(names).map(([member, value]) => `${member} ${JSON.stringify(value)}`);
  return new HttpProblem("object_not_found", { detail: `There is no ${one} with ${told.join(", ")} in ${org}.` });
}

/** The body with the members of its key, which the path gave already. Throws where the two differ. */
function keyed({ kind, only }: Collection, key: Key, body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const members: readonly string[] = KEY_MEMBERS[kind];
  const faults: Fault[] = [];
  for (const [index, member] of members.entries()) {
    if (body[member] === undefined || body[member] === key[index]) continue;
    const detail = `The path of the request says ${JSON.stringify(key[index])}.`;
    faults.push({ code: "not_allowed", pointer: `/${member}`, detail, allowed: [key[index] as string] });
  }
  if (faults.length > 0) throw faultyBody(faults);
  return { ...only, ...body, ...Object.fromEntries(members.map((member, index) => [member, key[index]])) };
}

function readValue(collection: Collection, value: Readonly<Record<string, unknown>>): Rec {
  const parsed = parseRecord(collection.kind, value);
  if (!parsed.ok) throw faultyBody(parsed.error);
  for (const [member, wanted] of Object.entries(collection.only ?? {})) {
    if (value[member] === wanted) continue;
    throw faultyBody([{ code: "not_allowed", pointer: `/${member}`, detail: `These are ${wanted}s.`, allowed: [wanted] }]);
  }
  return parsed.value;
}

function writeOf(exchange: Exchange): Pick<Write, "organization" | "actor" | "requestId" | "reason"> {
  return { organization: orgOf(exchange), ...askedBy(exchange), ...reasonOf(exchange) };
}

/** The pointers of faults and warnings are those of the body, not of the change that was made of it. */
async function write(changes: Changes, asked: Write): Promise<Written> {
  const result = await changes.write(asked);
  if (result.ok) {
    const { warnings, ...written } = result.value;
    return warnings === undefined ? written : { ...written, warnings: warnings.map(ofBody) };
  }
  if (result.error.code !== "changes_refused") throw refused(result.error);
  throw refused({ code: "changes_refused", faults: result.error.faults.map(ofBody) });
}

const ofBody = <T extends { readonly pointer: string }>(told: T): T => ({
  ...told,
  pointer: told.pointer.replace(/^\/changes\/0\/(?:put\/value|delete)/, ""),
});

/** What was written, as it is answered. */
const writtenValue = (rec: Rec, { warnings }: Written): object => (warnings === undefined ? rec.value : { ...rec.value, warnings });

type Standing = Ref & { readonly epoch: string; readonly standing: number | undefined };

function expectedOf(exchange: Exchange, { kind, key, epoch, standing }: Standing): readonly Expected[] {
  const wanted = preconditionOf(exchange, epoch);
  if (wanted === undefined) return [];
  if (wanted === "none" || (wanted === "any" && standing === undefined))
    throw refused({ code: "object_changed", objects: [{ kind, key }] });
  return [{ kind, key, revision: wanted === "any" ? (standing as number) : wanted }];
}

function answered<T extends object>(value: T | Unanswered): T {
  if ("code" in value) throw unanswered(value);
  return value;
}
