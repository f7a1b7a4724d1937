/**
 * The OpenAPI 3.1 document, made from the table of routes and the schemas that validate.
 *
 * A schema with a `title` becomes a component of that name; everything else stands where it is used.
 * Invariant: the document describes exactly the routes that are registered.
 */
import { OAUTH_ERRORS, OAuthError } from "./ims.ts";
import { lift } from "./lift.ts";
import { HTTP_LIMITS, type Limit } from "./limits.ts";
import { PROBLEMS, Problem, type ProblemCode } from "./problem.ts";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

type Document = { readonly [key: string]: unknown };

const TAGS = [
  "Questions",
  "Reports",
  "Assets",
  "Administration",
  "Objects",
  "Catalogue",
  "Tokens",
  "Developer console",
  "OAuth",
  "People",
  "Identity",
];

/** Problems that any route may answer, and those of every route that takes a token, or a body. */
const COMMON: readonly ProblemCode[] = [
  "malformed_request",
  "not_found",
  "request_timeout",
  "too_many_requests",
  "headers_too_large",
  "too_many_headers",
  "internal_error",
  "draining",
  "too_many_connections",
  "answer_timeout",
];
const OF_GUARDED: readonly ProblemCode[] = ["not_authenticated", "not_permitted", "issuer_unavailable", "store_damaged", "store_failed"];
const OF_ORGANIZATIONS: readonly ProblemCode[] = ["organization_suspended"];
const OF_SESSIONS: readonly ProblemCode[] = ["not_authenticated"];
const OF_BODIES: readonly ProblemCode[] = ["malformed_json", "body_too_deep", "body_too_large", "unsupported_media_type"];
const OF_HEADERS: readonly ProblemCode[] = ["malformed_header"];
const OF_READS: readonly ProblemCode[] = [
  "malformed_header",
  "organization_not_found",
  "revision_of_another_history",
  "revision_not_reached",
];

const REQUEST_ID = { description: "The request's id: the one that was sent, or one made for it.", schema: { type: "string" } };
const REVISION = { description: "The revision of the answer.", schema: { type: "string" } };
const TOLD = {
  ETag: { description: "The revision that last changed the object, in quotes.", schema: { type: "string" } },
  Location: { description: "Where what was made is, or where to go on.", schema: { type: "string" } },
};
const AT_LEAST = {
  name: "Reeve-At-Least",
  in: "header",
  required: false,
  description: "Answer at this revision or a later one; an `atLeast` in the body counts before it.",
  schema: { type: "string" },
};

/** Builds the document for a server of this version. */
export function openApiDocument(version: string): Document {
  const components: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of Object.values(ROUTES) as readonly Route[]) {
    const item = paths[route.path] ?? {};
    item[route.method.toLowerCase()] = operationOf(route, components);
    paths[route.path] = item;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Reeve",
      version,
      summary: "The permissions service for APIs.",
      description: "Who may call which operation, who may do what to which resource, and why. A deny is an answer (200), not an error.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { session: [] }],
    tags: TAGS.map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "The administrator's token, one that stands for a principal, or an access token.",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-reeve",
          description:
            "Of a browser that is signed in; by plain HTTP on loopback it is named `reeve`. It counts where no `Authorization` is sent.",
        },
        csrf: {
          type: "apiKey",
          in: "header",
          name: "Reeve-CSRF",
          description: "The session's own value, without which its cookie does not count for POST, PUT and DELETE.",
        },
      },
    },
  };
}

function operationOf(route: Route, components: Record<string, unknown>): Document {
  const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const query = Object.entries(route.query ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema: lift(schema, components),
  }));
  const headers = Object.entries(route.headers ?? {}).map(([name, schema]) => ({ name, in: "header", required: false, schema }));
  const content = (types: Readonly<Record<string, unknown>>): Document =>
    Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema: lift(schema, components) }]));
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tag],
    ...securityOf(route),
    parameters: [...parameters, ...query, ...headers, ...(route.revision === "read" ? [AT_LEAST] : [])],
    ...(route.body === undefined ? {} : { requestBody: { required: route.mayLackBody !== true, content: content(bodyOf(route)) } }),
    responses: {
      ...answersOf(route, content(route.answer.types)),
      ...problemResponses(route, components),
    },
  };
}

/** Where it is not that of every route. */
function securityOf({ needs, bySession, method }: Route): { readonly security?: readonly Document[] } {
  const session = method === "GET" ? { session: [] } : { session: [], csrf: [] };
  if (bySession === true) return { security: [session] };
  if (needs === undefined) return { security: [] };
  return method === "GET" ? {} : { security: [{ bearer: [] }, session] };
}

function answersOf(route: Route, content: Document): Document {
  const { status } = route.answer;
  const told = Object.fromEntries((route.tells ?? []).map((name) => [name, TOLD[name]]));
  const answer = (description: string): Document => ({
    description,
    headers: { "X-Request-Id": REQUEST_ID, ...(route.revision === undefined ? {} : { "Reeve-Revision": REVISION }), ...told },
    ...(Object.keys(content).length === 0 ? {} : { content }),
  });
  const answers = { [status]: answer("The answer.") };
  return route.mayMake === true ? { ...answers, [MADE]: answer("The same, where the object was not there before.") } : answers;
}
const MADE = 201;

function bodyOf({ takes = ["application/json"], body }: Route): Readonly<Record<string, unknown>> {
  return Object.fromEntries(takes.map((type) => [type, body]));
}

function problemResponses(route: Route, components: Record<string, unknown>): Document {
  const byStatus = new Map<number, string[]>();
  const codes = new Set([
    ...COMMON,
    ...(route.needs === undefined ? [] : OF_GUARDED),
    ...(route.needs !== undefined && route.path.includes("{org}") ? OF_ORGANIZATIONS : []),
    ...(route.bySession === true ? OF_SESSIONS : []),
    ...(route.body === undefined ? [] : OF_BODIES),
    ...(route.revision === "read" ? OF_READS : []),
    ...(route.headers === undefined ? [] : OF_HEADERS),
    ...((route.problems ?? []) as readonly ProblemCode[]),
  ]);
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${PROBLEMS[code].title}${limitOf(code)}.`]);
  }
  const schema = lift(Problem, components);
  const problems = Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      { description: lines.join(" "), headers: { "X-Request-Id": REQUEST_ID }, content: { "application/problem+json": { schema } } },
    ]),
  );
  return route.refuses === undefined ? problems : withRefusals(problems, route.refuses, components);
}

type Answers = Readonly<Record<string, { readonly description: string; readonly headers: Document; readonly content: Document }>>;

/** OAuth's own errors, beside the problems of the same status. */
function withRefusals(problems: Answers, codes: NonNullable<Route["refuses"]>, components: Record<string, unknown>): Answers {
  const answers: Record<string, Answers[string]> = { ...problems };
  const schema = lift(OAuthError, components);
  for (const code of codes) {
    const { status, about } = OAUTH_ERRORS[code];
    const known = answers[status];
    answers[status] = {
      headers: { "X-Request-Id": REQUEST_ID },
      description: `${known === undefined ? "" : `${known.description} `}\`${code}\`: ${about}.`,
      content: { ...known?.content, "application/json": { schema } },
    };
  }
  return answers;
}

/** The bound behind a problem, where it has a single one. */
function limitOf(code: ProblemCode): string {
  const limits = new Set(
    (Object.values(HTTP_LIMITS) as readonly Limit[]).flatMap((limit) =>
      limit.code === code && code !== "not_found" ? [boundOf(limit)] : [],
    ),
  );
  return limits.size === 1 ? ` (${[...limits][0]})` : "";
}

function boundOf({ value, unit }: Limit): string {
  return unit === "ms" ? `at most ${value / 1_000} s` : `at most ${value} ${unit}`;
}
