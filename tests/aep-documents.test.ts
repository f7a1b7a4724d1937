/** What says what Experience Platform's surface is: its OpenAPI document, and a Postman collection that newman runs against a real server. */
import { AEP_BASE, AEP_ROUTES, type AepRoute } from "@reeve/contract";
import newman from "newman";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AepClient, aepOrganization, clientOf } from "./aep-client.ts";
import type { Organization } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let root: AepClient;
beforeAll(async () => {
  served = await serve();
  one = await aepOrganization(served);
  root = await clientOf(served, one);
});
afterAll(() => served?.close());

it("the OpenAPI document has the nineteen operations and those of the neighbours, each with what it takes and answers", async () => {
  const { body } = await served.call(`${AEP_BASE}/openapi.json`, { token: null });
  const operations = Object.entries(body.paths as Record<string, Record<string, { operationId: string; responses: object }>>).flatMap(
    ([path, item]) => Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
  const routes = Object.values(AEP_ROUTES) as readonly AepRoute[];
  expect(operations.map(([name]) => name).sort()).toEqual(routes.map(({ method, base, path }) => `${method} ${base}${path}`).sort());
  expect(operations.filter(([name]) => name.includes(AEP_BASE))).toHaveLength(19);
  for (const [name, { responses }] of operations)
    expect(
      Object.keys(responses).some((status) => ["200", "204"].includes(status)),
      name,
    ).toBe(true);
  const text = JSON.stringify(body);
  for (const [, reference] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    expect(body.components.schemas[reference as string], reference).toBeDefined();
});

it("the Postman collection runs from beginning to end", async () => {
  const { body: collection } = await served.call(`${AEP_BASE}/postman.json`, { token: null });
  const variables = { url: served.url, token: root.token, apiKey: root.key, organization: one.id };
  const summary = await new Promise<newman.NewmanRunSummary>((resolve, reject) => {
    const envVar = Object.entries(variables).map(([key, value]) => ({ key, value }));
    newman.run({ collection, envVar, reporters: [] }, (error, told) => (error === null ? resolve(told) : reject(error)));
  });
  expect(summary.run.failures.map(({ error, source }) => `${source?.name}: ${error.message}`)).toEqual([]);
  expect(summary.run.stats.assertions.total).toBe(Object.keys(AEP_ROUTES).length);
});
