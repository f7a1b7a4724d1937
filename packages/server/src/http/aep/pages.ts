/**
 * Pages: `limit`, `start`, `orderBy` and `property`, and what an answer says of them.
 *
 * In the order of creation `start` is the number under which the first object of the page was made, so that nothing shifts while others
 * write; in other orders, and where names are looked for, it counts objects.
 * Invariant: `start` of the next page is what `_page.next` says, and a page that cannot be given is refused.
 */
import type { AepLinks, AepPage } from "@reeve/contract";
import { type Fault, type Key, type Kind, keyOf } from "@reeve/core";
import type { KeptObject, Objects } from "../../app/index.ts";
import type { AepExchange } from "./exchange.ts";
import { faulty } from "./refusals.ts";

export const LIMIT_USUAL = 20;
export const LIMIT_MAX = 100;
const NEWEST = "-createdAt";
/** What the wire calls an order → how the store does. */
const ORDERS: Readonly<Record<string, string>> = { createdAt: "created", modifiedAt: "changed", name: "name" };

export type PageAsked = {
  readonly limit: number;
  readonly start: number | undefined;
  readonly orderBy: string;
  readonly properties: readonly string[];
  /** Name → the value that it must have. */
  readonly filter: Readonly<Record<string, string>>;
};

/** How the pages of a list are asked for, where that is not as usual. `orders`: the usual one is the first. */
export type Asking = {
  readonly startsAt?: "start" | "offset";
  readonly usual?: number;
  readonly orders?: readonly string[];
};

/** `filters`: what `property` may name. Throws with every fault. */
export function pageAsked({ request }: AepExchange, filters: readonly string[], asking: Asking = {}): PageAsked {
  const { startsAt = "start", usual = LIMIT_USUAL, orders: named = Object.keys(ORDERS) } = asking;
  const query = new URLSearchParams(request.url.split("?").slice(1).join("?"));
  const faults: Fault[] = [];
  const wrong = (name: string, detail: string, allowed?: readonly string[]): void =>
    void faults.push({ code: "not_allowed", pointer: `?${name}`, detail, ...(allowed === undefined ? {} : { allowed }) });
  const one = (name: string): string | undefined => {
    const given = query.getAll(name);
    if (given.length > 1) wrong(name, "This is given once.");
    return given[0];
  };
  const limit = numberOf(one("limit"));
  if (limit === null || limit === 0) wrong("limit", "This is a positive number.");
  const start = numberOf(one(startsAt));
  if (start === null) wrong(startsAt, "This is a number that a page gave as `next`.");
  const orderBy = one("orderBy") ?? (asking.orders === undefined ? NEWEST : (named[0] as string));
  const orders = named.flatMap((name) => [name, `-${name}`]);
  if (!orders.includes(orderBy)) wrong("orderBy", "Objects have no such order.", orders);
  const properties = query.getAll("property").flatMap((text) => text.split(","));
  const filter: Record<string, string> = {};
  for (const text of properties) {
    const [, name, value] = /^([A-Za-z]+)==(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined || !filters.includes(name))
      wrong(
        "property",
        "This is a property, ==, and its value.",
        filters.map((each) => `${each}==…`),
      );
    else if (Object.hasOwn(filter, name)) wrong("property", `${name} is given once.`);
    else filter[name] = value;
  }
  if (faults.length > 0) throw faulty(faults);
  return { limit: Math.min(limit ?? usual, LIMIT_MAX), start: start ?? undefined, orderBy, properties, filter };
}

/** `undefined`: nothing is given; `null`: this is no unsigned integer. */
function numberOf(text: string | undefined): number | undefined | null {
  if (text === undefined) return undefined;
  return /^\d{1,20}$/.test(text) ? Math.min(Number(text), Number.MAX_SAFE_INTEGER - 1) : null;
}

export type Listing = {
  readonly objects: Objects;
  readonly organization: string;
  readonly kind: Kind;
  /** What the store filters by. */
  readonly filter: Readonly<Record<string, string>>;
  /**
   * Of a list that takes only some of a kind: the name that the wire has for a record's key; `undefined`: it is none of them. It is in the
   * order of these names. Absent: all are, by their own names.
   */
  readonly nameOf?: (key: Key) => string | undefined;
};
export type Listed = { readonly objects: readonly KeptObject[]; readonly next: number | null };

/** The objects of a page. */
export async function listed(at: Listing, asked: PageAsked): Promise<Listed> {
  const { name, ...rest } = asked.filter;
  const isByCreation = name === undefined && at.nameOf === undefined && asked.orderBy.endsWith("createdAt");
  const filtered = { ...at, filter: { ...at.filter, ...rest } };
  return isByCreation ? byCreation(filtered, asked) : counted(filtered, asked);
}

/** Behind every id. */
const LAST_ID = "\u{10ffff}";

async function byCreation({ objects, organization, kind, filter }: Listing, asked: PageAsked): Promise<Listed> {
  const { limit, orderBy } = asked;
  const descending = orderBy.startsWith("-");
  // Nothing is made under 0: it is what a page says that begins at the beginning.
  const start = asked.start === 0 ? undefined : asked.start;
  const query = { kind, filter, sort: "created", descending, max: limit + 1 };
  const after = start === undefined ? undefined : descending ? start + 1 : start - 1;
  const isFirst = after === undefined || after < 1 || (descending && after > LIFE_MAX);
  if (!descending && after !== undefined && after > LIFE_MAX) return { objects: [], next: null };
  const page = await objects.list(
    organization,
    isFirst ? query : { ...query, after: [String(after), descending ? "" : LAST_ID] },
    undefined,
  );
  const found = "code" in page ? [] : page.objects;
  return { objects: found.slice(0, limit), next: found[limit]?.life ?? null };
}
/** The store counts to here. */
const LIFE_MAX = 999_999_999_999_999;

const STEP = 1_000;

async function counted({ objects, organization, kind, filter, nameOf }: Listing, asked: PageAsked): Promise<Listed> {
  const {
    limit,
    start = 0,
    orderBy,
    filter: { name },
  } = asked;
  const descending = orderBy.startsWith("-");
  const sort = nameOf === undefined ? (ORDERS[orderBy.replace("-", "")] as string) : "key";
  const called = ({ rec }: KeptObject) => (nameOf === undefined ? (rec.value as { readonly name?: string }).name : nameOf(keyOf(rec)));
  const found: KeptObject[] = [];
  let skipped = 0;
  for (let after: readonly string[] | undefined; ; ) {
    const query = { kind, filter, sort, descending, max: STEP, ...(after === undefined ? {} : { after }) };
    const page = await objects.list(organization, query, undefined);
    if ("code" in page) return { objects: [], next: null };
    for (const object of page.objects) {
      const own = called(object);
      if (own === undefined || (name !== undefined && own !== name)) continue;
      if (skipped < start) skipped += 1;
      else found.push(object);
      if (found.length > limit) return { objects: found.slice(0, limit), next: start + limit };
    }
    after = page.next;
    if (after === undefined) return { objects: found, next: null };
  }
}

/** What an answer says of its page. */
export function pageTold({ limit, start, orderBy, properties }: PageAsked, { objects, next }: Listed): AepPage {
  return { orderBy, start: start ?? 0, limit, count: objects.length, next, properties: [...properties] };
}

export const linkTo = (href: string, templated = false): AepLinks["self"] => ({ href, templated, type: null, method: null });

/** `href`: of the list. */
export function linksOf(href: string, asked: Pick<PageAsked, "limit" | "orderBy" | "properties">, next?: number | null): AepLinks {
  const query = (start: number): string => {
    const members = [
      ["start", String(start)],
      ["orderBy", asked.orderBy],
      ["limit", String(asked.limit)],
      ...asked.properties.map((one) => ["property", one]),
    ];
    return new URLSearchParams(members as [string, string][]).toString();
  };
  return {
    self: linkTo(href),
    page: linkTo(`${href}?limit={limit}&start={start}&orderBy={orderBy}&property={property}`, true),
    ...(next === undefined || next === null ? {} : { next: linkTo(`${href}?${query(next)}`) }),
  };
}
