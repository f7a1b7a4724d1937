/**
 * The surface as an OpenAPI 3.1 document, and as a Postman collection: both made from the table of its routes.
 *
 * Invariant: they describe exactly the routes that are served, with the schemas that answers are held against.
 */
import { lift } from "../lift.ts";
import type { AepRoute } from "./route.ts";
import { AEP_ROUTES } from "./routes.ts";
import { AepError, AepGatewayError } from "./shapes.ts";

type Document = { readonly [key: string]: unknown };
const ROUTES = Object.values(AEP_ROUTES) as readonly AepRoute[];
const TITLE = "Reeve: Experience Platform access control";

const HEADERS = {
  bearer: { type: "http", scheme: "bearer", description: "An access token, or a token with a client id." },
  apiKey: { type: "apiKey", in: "header", name: "x-api-key", description: "The client id of the token." },
  organization: { type: "apiKey", in: "header", name: "x-gw-ims-org-id", description: "The organization: its id, or a tenant id." },
} as const;
const SANDBOX = {
  name: "x-sandbox-name",
  in: "header",
  required: true,
  description: "Name of a sandbox, in lower case.",
  schema: { type: "string" },
  example: "prod",
};
const IF_MATCH = {
  name: "If-Match",
  in: "header",
  required: false,
  description: "The ETag that the object must have, else 412.",
  schema: { type: "string" },
};
const queries = (members: readonly (readonly [name: string, type: string, description: string])[]): readonly Document[] =>
  members.map(([name, type, description]) => ({ name, in: "query", required: false, description, schema: { type } }));
const PAGING = {
  start: queries([
    ["limit", "integer", "How many: 20 where nothing is said, 100 at most."],
    ["start", "integer", "`_page.next` of the page before."],
    ["orderBy", "string", "`createdAt`, `modifiedAt` or `name`; with `-` before it, descending. Usually `-createdAt`; labels: by `name`."],
    ["property", "string", "A filter, such as `name==Editors` or, of policies, `status==active`."],
  ]),
  offset: queries([
    ["limit", "integer", "How many: 100 at most, and where nothing is said."],
    ["offset", "integer", "How many are passed over."],
    ["property", "string", "A filter, such as `type==development`: of `name`, `title`, `state` or `type`."],
  ]),
};

/** Builds the document for a server of this version. */
export function aepOpenApi(version: string): Document {
  const components: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) {
    const path = route.base + route.path;
    const item = paths[path] ?? {};
    item[route.method.toLowerCase()] = operationOf(route, components);
    paths[path] = item;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: TITLE,
      version,
      description:
        "As the public documents of Adobe Experience Platform's access control API describe it, with the labels and sandboxes of its neighbours, decided by Reeve. Reeve is not affiliated with Adobe.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [], apiKey: [], organization: [] }],
    tags: [...new Set(ROUTES.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: components, securitySchemes: HEADERS },
  };
}

function operationOf(route: AepRoute, components: Record<string, unknown>): Document {
  const content = (schema: unknown): Document => ({ "application/json": { schema: lift(schema, components) } });
  const failed = content({ anyOf: [AepGatewayError, AepError] });
  const path = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  const isEmpty = route.answer === undefined;
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tag],
    parameters: [
      ...path,
      ...(route.pagedBy === undefined ? [] : PAGING[route.pagedBy]),
      ...(route.needsSandbox === true ? [SANDBOX] : []),
      ...(route.writes === true && route.hasEtag === true && route.method !== "POST" ? [IF_MATCH] : []),
    ],
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: content(route.body) } }),
    responses: {
      ...(isEmpty ? {} : { 200: { description: "The answer.", content: content(route.answer) } }),
      ...(route.mayMake === true ? { 201: { description: "It was made.", content: content(route.answer) } } : {}),
      ...(isEmpty || route.mayBeEmpty === true ? { 204: { description: "Done." } } : {}),
      400: { description: "A header or the body is not what it must be.", content: failed },
      401: { description: "The token is not valid.", content: failed },
      403: { description: "Who asks may not, or is not known as he says.", content: failed },
      404: { description: "There is no such thing.", content: failed },
      ...(route.hasEtag === true && route.writes === true ? { 412: { description: "It has another ETag.", content: failed } } : {}),
      default: { description: "It could not be done now.", content: failed },
    },
  };
}

/** Bodies to begin with, by route. */
const EXAMPLES: Readonly<Partial<Record<string, unknown>>> = {
  effectivePolicies: ["/permissions/manage-datasets", "/resource-types/schemas"],
  createRole: { name: "Data stewards", description: "Made by the collection", roleType: "user-defined", sandboxes: ["prod"] },
  patchRole: [{ op: "add", path: "/permissionSets", value: "manage-datasets" }],
  putRole: { name: "Data stewards", description: "Renamed", roleType: "user-defined" },
  patchSubjects: [{ op: "add", path: "/user", value: "{{userId}}" }],
  createPolicy: {
    name: "No writing of segments",
    status: "inactive",
    rules: [{ effect: "Deny", resource: "/orgs/{{organization}}/sandboxes/*/segments/*", actions: ["com.adobe.action.write"] }],
  },
  putPolicy: { name: "No writing of segments", description: "Replaced", rules: [] },
  patchPolicy: [{ op: "replace", path: "/description", value: "Patched" }],
  putCustomLabel: { name: "{{labelName}}", category: "Custom", friendlyName: "Purchases", description: "Made by the collection" },
  createSandbox: { name: "made-by-collection", title: "Made by the collection", type: "development" },
  patchSandbox: { title: "Renamed" },
};
/** Everything is read before it is altered, and what the collection made is deleted in the end. */
const ORDER = ["GET", "POST", "PATCH", "PUT", "DELETE"] as const;

/** Made → the variable that names it, and the member that says it. */
const KEPT: Readonly<Partial<Record<string, readonly [variable: string, member: string]>>> = {
  createRole: ["roleId", "id"],
  createPolicy: ["policyId", "id"],
  createSandbox: ["sandboxName", "name"],
};

/** Variables: `url`, `token`, `apiKey`, `organization`, and those below; what it makes it names itself. */
export function aepPostman(): Document {
  const makes = ({ method, mayMake }: AepRoute): boolean => method === "POST" || mayMake === true;
  const made = ROUTES.filter(makes);
  const rest = ROUTES.filter((route) => !makes(route)).sort((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method));
  return {
    info: { name: TITLE, schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
    auth: { type: "bearer", bearer: [{ key: "token", value: "{{token}}", type: "string" }] },
    variable: [
      { key: "sandbox", value: "prod" },
      { key: "productId", value: "4525859963018" },
      { key: "userId", value: "example@AdobeID" },
      { key: "coreLabelName", value: "C1" },
      { key: "labelName", value: "MadeByCollection" },
    ],
    item: [...made, ...rest].map(requestOf),
  };
}

function requestOf(route: AepRoute): Document {
  const body = EXAMPLES[route.id];
  const statuses = route.answer === undefined ? [204] : route.mayMake === true ? [200, 201] : [200];
  const header = (key: string, value: string) => ({ key, value });
  const keep = KEPT[route.id];
  return {
    name: route.summary,
    request: {
      method: route.method,
      url: `{{url}}${route.base}${route.path.replaceAll(/\{(\w+)\}/g, "{{$1}}")}`,
      header: [
        header("x-api-key", "{{apiKey}}"),
        header("x-gw-ims-org-id", "{{organization}}"),
        ...(route.needsSandbox === true ? [header("x-sandbox-name", "{{sandbox}}")] : []),
        ...(body === undefined ? [] : [header("Content-Type", "application/json")]),
      ],
      ...(body === undefined ? {} : { body: { mode: "raw", raw: JSON.stringify(body, null, 2) } }),
    },
    event: [
      {
        listen: "test",
        script: {
          type: "text/javascript",
          exec: [
            `pm.test("${route.id} is ${statuses.join(" or ")}", () => pm.expect(pm.response.code).to.be.oneOf([${statuses.join(", ")}]));`,
            ...(keep === undefined ? [] : [`pm.collectionVariables.set("${keep[0]}", pm.response.json().${keep[1]});`]),
          ],
        },
      },
    ],
  };
}
