/**
 * Hostile requests for every route of the contract's table: path, query, headers and body, each mostly good, so that what is wrong is met
 * in every depth. A route that is new in the table is met with a body made from its schema.
 */
import { type CollectionName, FORM_TYPE, ROUTES, type Route } from "@reeve/contract";
import { NAMES as COLLECTION_NAMES, objectOf, segmentsOf } from "../every-object.ts";
import { GOOD } from "../hostile-bodies.ts";
import { put } from "../organization.ts";
import type { Random } from "../reference/random.ts";
import { condition } from "../reference/random-conditions.ts";
import { hostileText, NAMES, sample } from "./texts.ts";

export type Hostile = { readonly route: Route; readonly method: string; readonly bytes: Buffer };
export type Known = {
  readonly org: string;
  readonly token: string;
  readonly revision: string;
  /** By what stands before `{id}` in a path: something that is there. */
  readonly ids: Readonly<Record<string, string>>;
  /** By route: a cursor that its list gave, with `limit=1`. */
  readonly cursors: Readonly<Record<string, string>>;
  /** How a client of the organization authenticates in a form. */
  readonly client: Readonly<Record<string, string>>;
};

export const routes: readonly Route[] = Object.values(ROUTES);
const collectionOf = ({ id }: Route): CollectionName | undefined => COLLECTION_NAMES.find((name) => id.startsWith(`${name}.`));
/** Collections are alike: all of them together are asked as much as some ten other routes. */
const ALIKE = 8;
export const countOf = (route: Route, perRoute: number): number =>
  collectionOf(route) === undefined ? perRoute : Math.ceil(perRoute / ALIKE);
/** What a route is counted with: what collections do alike is one, everything else is its own. */
export function likeOf(route: Route): string {
  const name = collectionOf(route);
  return name === undefined ? route.id : route.id.replace(name, "collection");
}
/** Objects of one collection that requests name: few, so that they meet. */
const OBJECTS = 5;
const ORG_PATH = "/v1/orgs/{org}";

const SEGMENTS: readonly string[] = [
  ...["", ".", "..", "%2e%2e", "%2F", "%252F", "%00", "%", "%zz", "%ff", "%ED%A0%80", "%F0%9F%98%80", "é", "*", ";a=b", "a;b", "a%3Fb"],
  ...["__proto__", "constructor", "toString", "DEMO@ReeveOrg", "DEMO%40ReeveOrg", "x".repeat(300), "x".repeat(1_100), "O1@reeveorg"],
];
const VALUES: readonly string[] = [
  "",
  "a",
  "read",
  "GET",
  "1",
  "-1",
  "%00",
  "%F0%9F%98%80",
  "%ff",
  "%",
  "+",
  "a".repeat(2_000),
  "__proto__",
  "[]",
];
/** Those that are whole texts. */
const PLAIN_VALUES = VALUES.filter((value) => value !== "%" && value !== "%ff");
const revisions = ({ revision }: Known): readonly string[] => [
  ...[
    revision,
    revision.replace(/\d+$/, "0"),
    revision.replace(/\d+$/, "1"),
    "another.1",
    "now",
    "",
    ".",
    "..",
    "1",
    "a.-1",
    "a.1e9",
    "a.٣",
  ],
  ...[`${revision}.1`, ` ${revision} `, `${"x".repeat(300)}.1`, "a.9007199254740993", "a.99999999999999999999", `${revision},${revision}`],
];

/** What the route itself reads, by its header's name. */
const OWN_HEADERS: Readonly<Record<string, (random: Random, known: Known) => string>> = {
  "If-Match": (random, known) => random.pick(["*", " * ", '"1"', "W/", `"${random.pick(revisions(known))}"`, `W/"${known.revision}"`]),
  "If-None-Match": (random) => random.pick(["*", "*", '"1"', "", "*, *"]),
  "Idempotency-Key": (random) => random.pick(["k1", "k2", "k3", "__proto__", "", "x".repeat(255), "x".repeat(256), "é"]),
  Cookie: (random) =>
    `reeve-sign-in=${random.pick(["", "x", "a.b.c.d.e", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA", "x".repeat(4_000)])}`,
  "Reeve-Reason": (random) => random.pick(["why", "f%C3%BCr%20alle", "%zz", "%00", "%ED%A0%80", "", "x".repeat(2_048), "x".repeat(2_049)]),
};

/** Header lines; some that are wrong by themselves, some that are sent twice. */
function headerLines(random: Random, { headers = {} }: Route, known: Known): readonly string[] {
  const token = random.weighted([
    [30, `Bearer ${known.token}`],
    [1, `bearer  ${known.token}`],
    [1, "Bearer "],
    [1, `Basic ${Buffer.from(`a:${known.token}`).toString("base64")}`],
    [1, `Bearer ${"x".repeat(5_000)}`],
    [1, `Bearer ${known.token}, Bearer x`],
  ]);
  const odd: readonly (() => string)[] = [
    // One that is not there yet is waited for: seldom.
    () => `Reeve-At-Least: ${random.chance(0.02) ? `${known.revision}99` : random.pick(revisions(known))}`,
    () =>
      `Accept: ${random.pick(["text/html", "text/markdown", "*/*;q=0", "application/json;q=abc", "a/b", ",,;;", "text/*;q=0.1, */*;q=1e5"])}`,
    () => `Accept-Encoding: ${random.pick(["br", "gzip;q=0", "identity;q=0", "*;q=0", "br;q=NaN", "x".repeat(500)])}`,
    () => `X-Request-Id: ${random.pick(["mine", "", "ä", "a b", "x".repeat(300), "__proto__", "{}"])}`,
    () => `X-HTTP-Method-Override: ${random.pick(["DELETE", "GET", ""])}`,
    () => `Origin: ${random.pick(["null", "https://a.example", "", "*"])}`,
    () => `Expect: ${random.pick(["100-continue", "something"])}`,
    () => `If-Match: ${random.pick(["*", '"1"', "W/"])}`,
    () => `If-None-Match: ${random.pick(["*", '"1"', "W/"])}`,
    () => `Cookie: ${"a=b; ".repeat(random.pick([1, 500]))}`,
    () => `${random.pick(["__proto__", "constructor", "x-a"])}: ${random.pick(["1", "é", "\t"])}`,
    () => Array.from({ length: random.pick([20, 120]) }, (_, n) => `X-${n}: ${n}`).join("\r\n"),
  ];
  const some = Array.from({ length: random.pick([0, 0, 0, 1, 1, 3]) }, () => random.pick(odd)());
  for (const name of Object.keys(headers))
    if (random.chance(0.25)) some.push(`${name}: ${(OWN_HEADERS[name] as (typeof OWN_HEADERS)[string])(random, known)}`);
  return [...(random.chance(0.97) ? [`Authorization: ${token}`] : []), ...some];
}

/** `object`: which of its collection is meant. */
function pathOf(random: Random, { route, object }: { readonly route: Route; readonly object: number }, known: Known): string {
  const name = collectionOf(route);
  const segments = name === undefined ? [] : [...segmentsOf(name, object)];
  const filled = route.path.replaceAll(/(\w[\w-]*)\/\{(\w+)\}/g, (_, before: string, parameter: string) => {
    const good = parameter === "org" ? known.org : (segments.shift() ?? (parameter === "product" ? "files" : (known.ids[before] ?? "x")));
    return `${before}/${random.chance(0.07) ? random.pick(SEGMENTS) : good}`;
  });
  return random.chance(0.01) ? random.pick([`/${filled}`, `${filled}/`, filled.toUpperCase(), `http://x${filled}`, `${filled}#a`]) : filled;
}

/** For hot routes a query leads the long way; half of them take it. */
function queryOf(random: Random, { id, query, isHot }: Route, known: Known): string {
  const names = Object.keys(query ?? {});
  if (names.length === 0) return isHot === true && random.chance(0.5) ? "?the-long-way" : "";
  const pairs = Array.from({ length: random.below(4) }, () => {
    const name = random.chance(0.8) ? random.pick(names) : encodeURIComponent(random.pick(NAMES));
    return random.chance(0.9) ? `${name}=${queryValue(random, name, known.cursors[id])}` : name;
  });
  // As the cursor was given.
  if (known.cursors[id] !== undefined && random.chance(0.2)) return `?limit=1&cursor=${known.cursors[id]}`;
  return pairs.length === 0 ? "" : `?${pairs.join(random.chance(0.95) ? "&" : ";")}`;
}

const goodValues: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    limit: ["1", "2", "500", "0", "501", "01", "٣"],
    return: ["/", "/docs?a=b", "//evil.example", "/%5Cevil.example", "https://evil.example/", "x"],
    sort: ["key", "-key", "name", "-name", "changed", "-changed", "principal", "-", "__proto__"],
    below: ["/", "/shelves", "/shelves/a", "%2Fshelves", "/nowhere/x"],
    name: ["", "P", "Role%201", "%25", "_", "\u{1f600}"],
    type: ["shelves", "organization", "__proto__", ""],
    path: ["/", "/shelves", "/shelves/a", "/sandboxes/b0", "shelves"],
    action: ["look", "__proto__", ""],
    group: ["clerks", "members", "admins", "nobody"],
    label: ["custom/x", "core/C1"],
    user: ["u0", "bot0", "clerks", "nobody"],
    active: ["true", "false"],
    builtIn: ["true", "false"],
  }),
);

function queryValue(random: Random, name: string, cursor: string | undefined): string {
  if (name === "cursor" && cursor !== undefined) {
    const at = random.below(cursor.length);
    return random.pick([
      cursor,
      cursor.slice(1),
      `${cursor}A`,
      cursor.slice(0, at) + random.pick(["A", "_", "%00"]) + cursor.slice(at + 1),
    ]);
  }
  return random.pick(random.chance(0.6) ? (goodValues.get(name) ?? ["files", "desk", "u1", "clerk", "/shelves/a", "user"]) : VALUES);
}

/** An object as it is put or made; its key may stand in the path alone. */
function goodObject(random: Random, name: CollectionName, object: number): unknown {
  const value = { ...objectOf(name, random.chance(0.9) ? object : object + 1) };
  if (random.chance(0.3)) for (const member of ["id", "path", "product", "principal"]) delete value[member];
  return value;
}

function goodBody(random: Random, route: Route, object: number): unknown {
  const { path, body, takes } = route;
  if (takes !== undefined)
    return { openapi: "3.1.0", info: { title: "T", version: "1" }, paths: { "/a/{b}": { get: { operationId: "o", responses: {} } } } };
  const name = collectionOf(route);
  if (name !== undefined) return goodObject(random, name, object);
  const written = GOOD.filter(([behind]) => path === ORG_PATH + behind);
  if (written.length === 0 || random.chance(0.1)) return sample(random, body);
  const [behind, good] = random.pick(written);
  if (behind !== "/changes" || random.chance(0.7)) return good;
  const rules = [{ effect: random.pick(["deny", "permit"]), resource: "/folders/*", actions: ["read"], condition: condition(random) }];
  return { changes: [put("policy", { id: random.pick(["p", "q", "r"]), name: "P", status: "active", sandboxes: "all", rules })] };
}

const FORM_VALUES: Readonly<Record<string, readonly string[]>> = {
  grant_type: ["client_credentials", "client_credentials", "client_credentials", "password", "__proto__"],
  scope: ["openid", "openid,reeve.read", "reeve.admin openid", ",", 'a"b', "x".repeat(600)],
  token: ["rubbish", "..", "eyJ.eyJ.x", "x".repeat(5_000), "reeve_x"],
  org_id: ["DEMO@ReeveOrg", "O1@ReeveOrg", ""],
};

/** A form of OAuth, mostly good: each parameter may be missing, come twice, or be anything. */
function hostileForm(random: Random, { client }: Known): Buffer {
  const parameters = Object.entries({ ...client, ...FORM_VALUES }).flatMap(([name, good]) => {
    if (random.chance(name === "org_id" ? 0.8 : 0.06)) return [];
    const value = random.chance(0.9)
      ? typeof good === "string"
        ? good
        : random.pick(good)
      : decodeURIComponent(random.pick(PLAIN_VALUES));
    const pair = `${name}=${random.chance(0.95) ? encodeURIComponent(value) : value}`;
    return random.chance(0.03) ? [pair, pair] : [pair];
  });
  const text = parameters.join(random.chance(0.97) ? "&" : ";");
  return Buffer.from(
    random.chance(0.95) ? text : `${text}&${random.pick(["%", "%zz", "=", "&&", "%ff=%ff", "a", "__proto__=1", "\u0000"])}`,
  );
}

const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "QUERY"] as const;
const TYPES = [
  "application/json; charset=utf-8",
  "application/json; charset=latin1",
  "text/plain",
  "application/x-www-form-urlencoded",
  "",
];

export function hostileRequest(random: Random, route: Route, known: Known): Hostile {
  const method = random.chance(0.98) ? route.method : random.pick(METHODS);
  const object = random.below(OBJECTS);
  const lines = ["Host: x", ...headerLines(random, route, known)];
  let body: Buffer | undefined;
  if (route.body !== undefined || random.chance(0.02)) {
    const isForm = route.takes?.includes(FORM_TYPE) === true && random.chance(0.9);
    body = isForm ? hostileForm(random, known) : hostileText(random, route.body === undefined ? {} : goodBody(random, route, object));
    const usual = isForm ? FORM_TYPE : "application/json";
    lines.push(`Content-Type: ${random.chance(0.96) ? usual : random.pick(TYPES)}`);
    if (random.chance(0.02)) lines.push(`Content-Encoding: ${random.pick(["gzip", "identity", "br"])}`);
    if (random.chance(0.05)) {
      lines.push("Transfer-Encoding: chunked");
      body = chunked(random, body);
    } else {
      lines.push(`Content-Length: ${body.length}`);
    }
  }
  const head = `${method} ${pathOf(random, { route, object }, known)}${queryOf(random, route, known)} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
  return { route, method, bytes: Buffer.concat([Buffer.from(head), body ?? Buffer.alloc(0)]) };
}

function chunked(random: Random, body: Buffer): Buffer {
  const size = Math.max(1, Math.floor(body.length / random.pick([1, 2, 7])));
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([...pieces, Buffer.from("0\r\n\r\n")]);
}
