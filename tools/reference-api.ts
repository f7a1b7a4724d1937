/**
 * The page of the reference about the API: every route in a line, made from the table of routes and from the OpenAPI document.
 *
 * Problems that all routes of a sort may answer are told once. Invariant: a problem that the document names for a route stands in its
 * line or in one of the lists above.
 */
import { COLLECTIONS, type Collection, openApiDocument, ROUTES, type Route } from "@reeve/contract";
import { code, codes, MADE, row, table } from "./markdown.ts";

type Content = Readonly<Record<string, { readonly schema: { readonly $ref?: string; readonly anyOf?: readonly { $ref?: string }[] } }>>;
type Told = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security?: readonly never[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
};

const document = openApiDocument("") as { readonly paths: Readonly<Record<string, Readonly<Record<string, Told>>>> };
const operations = new Map(
  Object.values(document.paths)
    .flatMap((item) => Object.values(item))
    .map((one) => [one.operationId, one]),
);
const routes: readonly Route[] = Object.values(ROUTES);
const operationOf = ({ id }: Route): Told => operations.get(id) as Told;

const problemsOf = (route: Route): readonly string[] =>
  Object.values(operationOf(route).responses).flatMap(({ description }) =>
    [...description.matchAll(/`([a-z_]+)`: /g)].map(([, name = ""]) => name),
  );

/** What all of these may answer, but what is in the lists before. */
function inAll(some: readonly Route[], before: readonly string[]): readonly string[] {
  const [first, ...others] = some.map(problemsOf);
  return (first ?? []).filter((name) => !before.includes(name) && others.every((other) => other.includes(name)));
}

const isGuarded = ({ needs }: Route): boolean => needs !== undefined;
const hasBody = ({ body }: Route): boolean => body !== undefined;
const isWrite = ({ revision }: Route): boolean => revision === "written";
const isRead = ({ revision }: Route): boolean => revision === "read";
const OF_ALL = inAll(routes, []);
const OF_GUARDED = inAll(routes.filter(isGuarded), OF_ALL);
const OF_BODIES = inAll(routes.filter(hasBody), [...OF_ALL, ...OF_GUARDED]);
const OF_READS = inAll(
  routes.filter((route) => isRead(route) && isGuarded(route)),
  [...OF_ALL, ...OF_GUARDED],
);

const OF_WRITES = inAll(routes.filter(isWrite), [...OF_ALL, ...OF_GUARDED]);

function ownProblems(route: Route): readonly string[] {
  const common = [
    ...OF_ALL,
    ...(isGuarded(route) ? OF_GUARDED : []),
    ...(hasBody(route) ? OF_BODIES : []),
    ...(isRead(route) ? OF_READS : []),
    ...(isWrite(route) ? OF_WRITES : []),
  ];
  return problemsOf(route).filter((name) => !common.includes(name));
}

function schemas(content: Content | undefined): string {
  const named = Object.entries(content ?? {}).map(([type, { schema }]) => {
    const names = [schema.$ref, ...(schema.anyOf ?? []).map(({ $ref }) => $ref)].flatMap((ref) => ref?.split("/").at(-1) ?? []);
    return names.length > 0 ? names.map(code).join(" or ") : type;
  });
  return [...new Set(named)].join(", ");
}

function answers(route: Route): string {
  const { status } = route.answer;
  const statuses = route.mayMake === true ? `${status}, 201` : String(status);
  return `${statuses} ${schemas(operationOf(route).responses[status]?.content)}`.trim();
}

const line = (route: Route): string =>
  row(
    `${code(`${route.method} ${route.path}`)}`,
    route.summary,
    route.needs ?? "",
    schemas(operationOf(route).requestBody?.content),
    answers(route),
    codes(ownProblems(route)),
  );
const HEAD = ["Route", "What it does", "Needs", "Body", "Answer", "Problems of its own"];

function objects(): string {
  const collections = (Object.entries(COLLECTIONS) as readonly (readonly [string, Collection])[]).map(
    ([name, { key, filters, sorts, byName, below }]) =>
      row(
        code(`/${name}`),
        key.map((member) => code(`{${member}}`)).join(" "),
        codes([...filters, ...(byName === true ? ["name"] : []), ...(below === true ? ["below"] : [])]),
        codes(sorts),
      ),
  );
  const verbs = routes.filter(({ id }) => id.startsWith("roles.")).map(line);
  return `Every kind of object has a collection under \`/v1/orgs/{org}\`, and each collection the same six routes; here those of roles. The path of an
object ends with the members of its key, percent-encoded each.

${table(HEAD, verbs)}

Lists come in pages (\`limit\`, \`cursor\`), and take only these filters and sorts (\`sort=-name\`: the other way round). \`name\` is the
beginning of a name, \`below\` a path.

${table(["Collection", "Key", "Filters", "Sorts"], collections)}`;
}

function section(tag: string): string {
  const some = routes.filter((route) => route.tag === tag);
  return `## ${tag}\n\n${tag === "Objects" ? objects() : table(HEAD, some.map(line))}\n`;
}

/** docs/reference/api.md */
export function apiPage(): string {
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  return `# API

${MADE} A running server shows all of it with every schema: as a page to try it on at \`/docs\`, and as
OpenAPI 3.1 at \`/openapi.json\`, where the names of schemas below are components.

- **Needs** is what the caller must be allowed at least: \`read\`, \`decide\` or \`admin\`; where it is empty, no token is asked for. [Give programs
  tokens](../how-to/give-programs-tokens.md) says how that is decided.
- What makes an object, and \`/changes\`, is safe to send again with an \`Idempotency-Key\`. What writes an object is conditional with
  \`If-Match\` and its \`ETag\`.
- Answers name their revision (\`Reeve-Revision\`). A question with \`Reeve-At-Least\` is answered at that revision or a later one.

[Problems](error-codes.md#problems) that every route may answer: ${codes(OF_ALL)}.
Those with a token: ${codes(OF_GUARDED)}. Those with a body: ${codes(OF_BODIES)}. Those that
read at a revision: ${codes(OF_READS)}. Those that write one: ${codes(OF_WRITES)}.

${tags.map(section).join("\n")}
## Of the server

| Route | What it does |
| --- | --- |
| \`GET /healthz\` | The process lives. |
| \`GET /readyz\` | It answers questions; 503 and why, where it does not. |
| \`GET /metrics\` | Figures for Prometheus. |
| \`GET /openapi.json\` | The OpenAPI document. |
| \`GET /docs\` | This reference as a page. |
`;
}
