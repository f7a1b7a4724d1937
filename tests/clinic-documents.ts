/** OpenAPI documents of a made-up clinic, for tests of the command line. */

const HEAD = `openapi: 3.1.0
info: { title: Clinic, version: "1" }
x-authorization-catalogue:
  profiles:
    - { id: nurse, name: Nurse }
  permissions:
    - { id: ward-edit, name: Ward Edit, scopes: [organization, ward] }
paths:
`;
const WARDS = `  /wards:
    get:
      operationId: listWards
      responses: { "200": { description: All of them } }
      x-authorization: { anyRole: true }
`;
const WARD = `  /wards/{wardId}:
    parameters: [{ name: wardId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: getWard
      responses: { "200": { description: The ward } }
      x-authorization: { profiles: [Nurse], scope: { ward: wardId } }
    delete:
      operationId: closeWard
      responses: { "204": { description: It is closed } }
      x-authorization: { permission: Ward Edit, scope: { ward: wardId } }
`;
/** Changes something, and has no rule. */
const EDIT = `    put:
      operationId: editWard
      responses: { "200": { description: The ward as it is now } }
`;

/** All of it has a rule. */
export const CLINIC = `${HEAD}${WARD}`;
export const CLINIC_WITH_UNMAPPED = `${HEAD}${WARD}${EDIT}`;
/** Another operation, which has a rule. */
export const CLINIC_WITH_LIST = `${HEAD}${WARDS}${WARD}${EDIT}`;

/** Several faults, in JSON; their lines in `BAD_LINES`. */
export const BAD_JSON = `{
  "openapi": "3.0.3",
  "info": { "title": "Bad" },
  "paths": {
    "/a": { "get": { "operationId": 5, "responses": { "200": { "description": "x" } } } },
    "/b": { "get": { "responses": { "200": { "$ref": "https://example.com/other.json" } }, "x-authorization": { "profile": "x" } } }
  }
}
`;
export const BAD_LINES: readonly number[] = [3, 5, 6, 6];

/** As many operations as are wanted, each with a schema of its own. */
export function longDocument(operations: number): string {
  const paths = Array.from({ length: operations / 2 }, (_, index) => {
    const properties = Object.fromEntries(
      Array.from({ length: 20 }, (_none, at) => [`p${at}`, { type: "string", description: "x".repeat(80) }]),
    );
    const content = { "application/json": { schema: { type: "object", properties } } };
    const operation = (name: string): object => ({ operationId: `${name}${index}`, responses: { "200": { description: "x", content } } });
    return [`/things${index}`, { get: operation("get"), post: operation("add") }];
  });
  return JSON.stringify({ openapi: "3.0.3", info: { title: "Long", version: "1" }, paths: Object.fromEntries(paths) });
}
