/**
 * Case files: questions about an organization and the answers that are expected, as `reeve test` runs them.
 *
 * A file has `cases`, and may have `about`, `now` (a moment in UTC) and `product` (of the operations). A case has a `title`, what it
 * asks (`ask`: principal, and action and resource, or operation) and what it expects (`allow`, `deny`, or more of the answer).
 * Invariant: a case is run only where it says one thing: what is not known here is a fault, with its place.
 */
import { type JsonObject, type OperationRequest, REASONS, type Request, type Subject } from "@reeve/core";
import type { Node } from "yaml";
import { isMap, isSeq } from "yaml";
import { readDate } from "./layout.ts";
import { dataOf, type Entry, entriesOf, offsetOf, placeOf, refuseAt, type Source } from "./yaml-source.ts";

export type Expected = {
  readonly decision: "allow" | "deny";
  readonly code?: string;
  readonly evidence?: JsonObject;
  readonly facts?: JsonObject;
  readonly filter?: JsonObject;
  readonly missing?: readonly JsonObject[];
  readonly notMissing?: readonly string[];
};
export type Asked = { readonly request: Request } | { readonly operation: OperationRequest };
export type Case = {
  readonly title: string;
  readonly place: string;
  readonly now?: number;
  readonly asked: Asked;
  readonly expected: Expected;
};

type Members = Readonly<Record<string, Entry>>;
type Kinds = "text" | "object" | "list" | "any";
type Shape = Readonly<Record<string, { readonly is: Kinds; readonly required?: true }>>;

const FILE: Shape = { about: { is: "text" }, now: { is: "any" }, product: { is: "text" }, cases: { is: "list", required: true } };
const CASE: Shape = {
  title: { is: "text", required: true },
  now: { is: "any" },
  ask: { is: "object", required: true },
  expect: { is: "any", required: true },
};
const QUESTION: Shape = {
  principal: { is: "any", required: true },
  action: { is: "any", required: true },
  resource: { is: "any", required: true },
  context: { is: "object" },
};
const OPERATION: Shape = {
  principal: { is: "any", required: true },
  operation: { is: "text", required: true },
  product: { is: "text" },
  attributes: { is: "object" },
  targets: { is: "object" },
  context: { is: "object" },
};
const EXPECTED: Shape = {
  decision: { is: "text", required: true },
  code: { is: "text" },
  evidence: { is: "object" },
  facts: { is: "object" },
  filter: { is: "object" },
  missing: { is: "list" },
  notMissing: { is: "list" },
};
const SUBJECT: Shape = { type: { is: "text", required: true }, id: { is: "text", required: true }, properties: { is: "object" } };
const ACTION: Shape = { name: { is: "text", required: true }, properties: { is: "object" } };
const RESOURCE: Shape = {
  path: { is: "text" },
  child: { is: "text" },
  type: { is: "text" },
  id: { is: "text" },
  properties: { is: "object" },
};

/** The cases of a file; its faults are added to the source. */
export function casesOf(source: Source): readonly Case[] {
  if (source.faults.length > 0) return [];
  const found = source.documents.flatMap(({ contents }) => (contents === null ? [] : casesIn(source, contents)));
  if (found.length === 0 && source.faults.length === 0) refuseAt(source, 0, { code: "empty", detail: "The file holds no cases." });
  const titles = new Map<string, Case>();
  for (const one of found) {
    const first = titles.get(one.title);
    if (first === undefined) titles.set(one.title, one);
    else refuseAt(source, 0, { code: "duplicate", about: one.title, detail: `${one.place}: this title stands already at ${first.place}.` });
  }
  return found;
}

function casesIn(source: Source, contents: Node): readonly Case[] {
  const file = members(source, contents, FILE);
  if (file === undefined) return [];
  const now = moment(source, file.now);
  const product = text(source, file.product);
  const list = file.cases?.value;
  return isSeq(list) ? list.items.flatMap((item) => caseOf(source, item as Node, { now, product }) ?? []) : [];
}

type Around = { readonly now: number | undefined; readonly product: string | undefined };

function caseOf(source: Source, node: Node, around: Around): Case | undefined {
  const before = source.faults.length;
  const one = members(source, node, CASE);
  if (one === undefined) return undefined;
  const now = moment(source, one.now) ?? around.now;
  const asked = askedOf(source, one.ask?.value, around.product);
  const expected = expectedOf(source, one.expect);
  const title = text(source, one.title);
  if (source.faults.length > before || asked === undefined || expected === undefined || title === undefined) return undefined;
  return { title, place: placeOf(source, offsetOf(node)), asked, expected, ...(now === undefined ? {} : { now }) };
}

/** The members of an object of this shape, by name; what does not fit is refused. */
function members(source: Source, node: Node | null | undefined, shape: Shape): Members | undefined {
  const entries = entriesOf(source, node ?? null);
  if (entries === undefined)
    return refuseAt(source, offsetOf(node), { code: "wrong_type", detail: "This must be an object.", allowed: Object.keys(shape) });
  const found: Record<string, Entry> = {};
  for (const entry of entries) {
    const { name, key, value } = entry;
    if (!Object.hasOwn(shape, name))
      refuseAt(source, offsetOf(key), { code: "unknown_member", detail: `${name} is not known here.`, allowed: Object.keys(shape) });
    else if (isOfKind(source, value, shape[name]?.is ?? "any")) found[name] = entry;
  }
  for (const [name, { required }] of Object.entries(shape)) {
    if (required !== true || entries.some((entry) => entry.name === name)) continue;
    refuseAt(source, offsetOf(node), { code: "required", detail: `${name} is required.` });
  }
  return found;
}

const KIND_WORDS: Readonly<Record<Kinds, string>> = { text: "a text", object: "an object", list: "a list", any: "anything" };

function isOfKind(source: Source, node: Node | null, kind: Kinds): boolean {
  const fits =
    kind === "any" || (kind === "object" ? isMap(node) : kind === "list" ? isSeq(node) : typeof dataOf(source, node) === "string");
  if (!fits) refuseAt(source, offsetOf(node), { code: "wrong_type", detail: `This must be ${KIND_WORDS[kind]}.` });
  return fits;
}

const text = (source: Source, entry: Entry | undefined): string | undefined => {
  const value = entry === undefined ? undefined : dataOf(source, entry.value);
  return typeof value === "string" ? value : undefined;
};
const object = (source: Source, entry: Entry | undefined): JsonObject | undefined =>
  entry === undefined ? undefined : (dataOf(source, entry.value) as JsonObject);

function moment(source: Source, entry: Entry | undefined): number | undefined {
  if (entry === undefined) return undefined;
  const value = dataOf(source, entry.value);
  const ms = typeof value === "string" ? readDate(value) : value;
  if (typeof ms === "number" && Number.isSafeInteger(ms) && ms >= 0) return ms;
  const detail = "This is no moment: allowed are dates in UTC such as 2026-12-31T00:00:00Z, and epoch milliseconds.";
  return refuseAt(source, offsetOf(entry.value ?? entry.key), { code: "wrong_type", detail });
}

function askedOf(source: Source, node: Node | null | undefined, product: string | undefined): Asked | undefined {
  const isOperation = isMap(node) && node.has("operation");
  const ask = members(source, node, isOperation ? OPERATION : QUESTION);
  if (ask === undefined) return undefined;
  const principal = subjectOf(source, ask.principal);
  const context = object(source, ask.context);
  const about = context === undefined ? {} : { context };
  if (isOperation) {
    const call = operationOf(source, ask, product);
    return principal === undefined || call === undefined ? undefined : { operation: { principal, ...call, ...about } };
  }
  const action = actionOf(source, ask.action);
  const resource = resourceOf(source, ask.resource);
  if (principal === undefined || action === undefined || resource === undefined) return undefined;
  return { request: { principal, action, resource, ...about } };
}

function subjectOf(source: Source, entry: Entry | undefined): Subject | undefined {
  if (entry === undefined) return undefined;
  const short = text(source, entry);
  if (short === undefined) {
    const long = members(source, entry.value, SUBJECT);
    return long === undefined ? undefined : (dataOf(source, entry.value) as Subject);
  }
  const [, type, id] = /^([a-z-]+)[ :](\S+)$/.exec(short) ?? [];
  if (type !== undefined && id !== undefined) return { type, id };
  const detail = "A principal is a type and an id, such as user ada, service-account bot or group team.";
  return refuseAt(source, offsetOf(entry.value), { code: "not_allowed", detail });
}

function actionOf(source: Source, entry: Entry | undefined): Request["action"] | undefined {
  if (entry === undefined) return undefined;
  const name = text(source, entry);
  if (name !== undefined) return { name };
  return members(source, entry.value, ACTION) === undefined ? undefined : (dataOf(source, entry.value) as Request["action"]);
}

function resourceOf(source: Source, entry: Entry | undefined): Request["resource"] | undefined {
  if (entry === undefined) return undefined;
  const path = text(source, entry);
  if (path !== undefined) return { path };
  const given = members(source, entry.value, RESOURCE);
  if (given === undefined) return undefined;
  const isPath = given.path !== undefined && given.type === undefined && given.id === undefined;
  const isNamed = given.type !== undefined && given.id !== undefined && given.path === undefined && given.child === undefined;
  if (isPath || isNamed) return dataOf(source, entry.value) as Request["resource"];
  const detail = "A resource is a path, {path, child}, or {type, id}.";
  return refuseAt(source, offsetOf(entry.value), { code: "not_allowed", detail });
}

type CallOf = Pick<OperationRequest, "product" | "method" | "target" | "attributes" | "targets">;

function operationOf(source: Source, ask: Members, fallback: string | undefined): CallOf | undefined {
  const line = text(source, ask.operation);
  if (ask.operation === undefined || line === undefined) return undefined;
  const product = text(source, ask.product) ?? fallback;
  const at = offsetOf(ask.operation.value);
  if (product === undefined)
    return refuseAt(source, at, { code: "required", detail: "product is required, here or at the top of the file." });
  const [, method, target] = /^(\S+) (.+)$/s.exec(line) ?? [];
  if (method === undefined || target === undefined)
    return refuseAt(source, at, { code: "not_allowed", detail: "An operation is a method and a target, such as GET /api/program/4." });
  const attributes = object(source, ask.attributes);
  const targets = object(source, ask.targets) as CallOf["targets"];
  return { product, method, target, ...(attributes === undefined ? {} : { attributes }), ...(targets === undefined ? {} : { targets }) };
}

const VERDICTS = ["allow", "deny"];

function expectedOf(source: Source, entry: Entry | undefined): Expected | undefined {
  if (entry === undefined) return undefined;
  const short = text(source, entry);
  const given = short === undefined ? members(source, entry.value, EXPECTED) : undefined;
  const decision = short ?? text(source, given?.decision);
  if (decision === undefined) return undefined;
  if (!VERDICTS.includes(decision))
    return refuseAt(source, offsetOf(given?.decision?.value ?? entry.value), {
      code: "not_allowed",
      detail: `${decision} is no decision.`,
      allowed: VERDICTS,
    });
  if (given === undefined) return { decision: decision as Expected["decision"] };
  const code = text(source, given.code);
  if (code !== undefined && !Object.hasOwn(REASONS, code))
    return refuseAt(source, offsetOf(given.code?.value), {
      code: "not_allowed",
      detail: `There is no reason ${code}.`,
      allowed: Object.keys(REASONS),
    });
  return dataOf(source, entry.value) as Expected;
}
