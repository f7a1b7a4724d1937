/**
 * Sandboxes, as the sandbox service has them: resources directly below `/sandboxes`, their title the record's name, their type a property.
 *
 * Invariant: nobody is told of a sandbox that he may not see: who reads the organization sees all, everybody else those that the engine
 * lets him read or view.
 */
import {
  AEP_ROUTES,
  AEP_SANDBOXES_BASE,
  type AepNewSandbox,
  type AepSandbox,
  type AepSandboxBody,
  type AepSandboxPage,
} from "@reeve/contract";
import { escapeId, findRecord, parsePath, type Resource, SANDBOXES } from "@reeve/core";
import type { KeptObject } from "../../app/index.ts";
import { type Validator, validator } from "../validate.ts";
import { type AepExchange, type AepGround, paramOf } from "./exchange.ts";
import { LIMIT_MAX, linkTo, type PageAsked, pageAsked } from "./pages.ts";
import { notFound } from "./refusals.ts";
import { type AepWriting, audited, bodyIn, type Placing, parsed, type Standing, standing, standings, write } from "./writing.ts";

export type SandboxOptions = AepWriting & Pick<AepGround, "guard" | "questions">;

const validateNew: Validator<AepNewSandbox> = validator(AEP_ROUTES.createSandbox.body);
const validateBody: Validator<AepSandboxBody> = validator(AEP_ROUTES.patchSandbox.body);
const HREF = `${AEP_SANDBOXES_BASE}/sandboxes`;
/** The sandbox that every organization has, of production whatever is said of it. */
const DEFAULT = "prod";
const REGION = "none";
const STATE = "active";
const FILTERS = ["name", "title", "state", "type"] as const;
/** More than any organization has. */
const ALL = 1_000;

export async function listSandboxes(options: SandboxOptions, exchange: AepExchange): Promise<AepSandboxPage> {
  const asked = pageAsked(exchange, FILTERS, { startsAt: "offset", usual: LIMIT_MAX, orders: ["name"] });
  const { start = 0, limit } = asked;
  const found = await allOf(options, exchange);
  if (asked.orderBy.startsWith("-")) found.reverse();
  const fitting = found.filter(({ rec }) => fits(rec.value as Resource, asked));
  const shown = fitting.slice(start, start + limit);
  const sandboxes = (await standings(options, exchange, { kind: "resource", found: shown })).map(sandboxOf);
  const next = start + limit < fitting.length ? start + limit : null;
  return { sandboxes, _page: { limit, count: sandboxes.length, next }, _links: linksOf(asked, next) };
}

/** Those that the caller sees, by name. */
async function allOf(options: SandboxOptions, exchange: AepExchange): Promise<KeptObject[]> {
  const query = { kind: "resource", filter: { type: SANDBOXES }, sort: "key", max: ALL } as const;
  const page = await options.objects.list(exchange.organization, query, undefined);
  const isSeen = await sightOf(options, exchange);
  return "code" in page ? [] : page.objects.filter(({ rec }) => isSeen((rec.value as Resource).path));
}

/** Which sandboxes the caller sees, by their paths. */
async function sightOf({ guard, questions }: SandboxOptions, exchange: AepExchange): Promise<(path: string) => boolean> {
  const { caller, organization, plan } = exchange;
  if ((await guard(caller, { organization, needs: "read" })) === "permitted") return () => true;
  const { principal } = caller;
  if (principal === undefined) return () => false;
  const { type, id } = principal;
  const asking = (path: string) =>
    ["view", "read"].map((name) => ({ request: { principal: { type, id }, action: { name }, resource: { path } } }));
  return (path) => questions.check(plan, asking(path)).some(({ allow }) => allow);
}

function fits(value: Resource, { filter }: PageAsked): boolean {
  const told: Readonly<Record<(typeof FILTERS)[number], string>> = { ...titled(value), state: STATE };
  return FILTERS.every((name) => filter[name] === undefined || filter[name] === told[name]);
}

function linksOf({ limit, properties }: PageAsked, next: number | null): AepSandboxPage["_links"] {
  const query = (offset: number): string => {
    const members = [["limit", String(limit)], ["offset", String(offset)], ...properties.map((one) => ["property", one])];
    return new URLSearchParams(members as [string, string][]).toString();
  };
  return {
    self: linkTo(HREF),
    page: linkTo(`${HREF}?limit={limit}&offset={offset}&property={property}`, true),
    ...(next === null ? {} : { next: linkTo(`${HREF}?${query(next)}`) }),
  };
}

export async function getSandbox(options: SandboxOptions, exchange: AepExchange): Promise<AepSandbox> {
  return sandboxOf(await seenSandbox(options, exchange));
}

/** The sandbox of the path. Throws 404 where there is none that the caller sees. */
async function seenSandbox(options: SandboxOptions, exchange: AepExchange): Promise<Standing<"resource">> {
  const name = paramOf(exchange, "sandboxName");
  if (!(await sightOf(options, exchange))(pathOf(name))) throw notFound(`sandbox ${name}`);
  return sandboxNamed(options, exchange, name);
}

const sandboxNamed = (options: SandboxOptions, exchange: AepExchange, name: string): Promise<Standing<"resource">> =>
  standing(options, exchange, { kind: "resource", id: pathOf(name), called: `sandbox ${name}` });

const LACKING = "Who asks has no permission to manage sandboxes, and does not administer the organization.";

export async function createSandbox(options: SandboxOptions, exchange: AepExchange): Promise<AepSandbox> {
  const { name, title, type } = bodyIn(validateNew, exchange);
  const path = pathOf(name);
  const value = parsed("resource", { path, name: title, properties: { type } }, placed);
  await write(options, exchange, {
    action: "sandboxes.create",
    of: { kind: "resource", key: [path] },
    taken: `There is a sandbox ${name} already.`,
    make: () => [{ put: { kind: "resource", value } }],
    lacking: LACKING,
    place: placed,
  });
  return sandboxOf(await sandboxNamed(options, exchange, name));
}

export async function patchSandbox(options: SandboxOptions, exchange: AepExchange): Promise<AepSandbox> {
  const name = paramOf(exchange, "sandboxName");
  const { title } = bodyIn(validateBody, exchange);
  const key = [pathOf(name)];
  await seenSandbox(options, exchange);
  await write(options, exchange, {
    action: "sandboxes.patch",
    of: { kind: "resource", key },
    make: (plan) => {
      const before = findRecord(plan, "resource", key);
      if (before?.kind !== "resource") throw notFound(`sandbox ${name}`);
      return [{ put: { kind: "resource", value: parsed("resource", { ...before.value, name: title }, placed) } }];
    },
    lacking: LACKING,
    place: placed,
  });
  return sandboxOf(await sandboxNamed(options, exchange, name));
}

/** Told once more, as it was. */
export async function deleteSandbox(options: SandboxOptions, exchange: AepExchange): Promise<AepSandbox> {
  const name = paramOf(exchange, "sandboxName");
  const key = [pathOf(name)];
  const before = await seenSandbox(options, exchange);
  await write(options, exchange, {
    action: "sandboxes.delete",
    of: { kind: "resource", key },
    make: (plan) => {
      if (findRecord(plan, "resource", key) === undefined) throw notFound(`sandbox ${name}`);
      return [{ delete: { kind: "resource", key } }];
    },
    lacking: LACKING,
  });
  exchange.reply.removeHeader("etag");
  return { ...sandboxOf(before), state: "deleted" };
}

const pathOf = (name: string): string => `/${SANDBOXES}/${escapeId(name)}`;

const placed: Placing = (pointer) =>
  pointer
    .replace(/^\/name/, "/title")
    .replace(/^\/path/, "/name")
    .replace(/^\/properties/, "");

/** What a record says of itself, in the words of the wire. */
function titled({ path, name: title, properties }: Resource): Pick<AepSandbox, "name" | "title" | "type"> {
  const name = parsePath(path)?.pairs.at(-1)?.id ?? "";
  const isProduction = name === DEFAULT || properties?.type === "production";
  return { name, title: title ?? name, type: isProduction ? "production" : "development" };
}

function sandboxOf({ value, revision, origin }: Standing<"resource">): AepSandbox {
  const { createdAt, createdBy, modifiedAt, modifiedBy } = audited(origin);
  const named = titled(value);
  return {
    ...named,
    state: STATE,
    region: REGION,
    isDefault: named.name === DEFAULT,
    eTag: revision,
    createdDate: dateOf(createdAt),
    lastModifiedDate: dateOf(modifiedAt),
    createdBy,
    modifiedBy,
  };
}

const dateOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, "2026-01-31T12:00:00".length).replace("T", " ");
