/**
 * The pages of the reference that are made from the code say what the code does. Take a change over with
 * `npx vitest run --project golden -u`.
 */
import { COLLECTIONS, HTTP_LIMITS, openApiDocument, PROBLEMS, ROUTES, type Route } from "@reeve/contract";
import { readConfig } from "@reeve/server";
import { expect, it } from "vitest";
import { configurationPage, limitsPage, PAGES } from "../../tools/generate-reference.ts";

it.each(Object.entries(PAGES))("The page %s is made from the code", async (name, page) => {
  await expect(await page()).toMatchFileSnapshot(`../../docs/reference/${name}`);
});

it("The page of the limits names each of HTTP", () => {
  for (const { about } of Object.values(HTTP_LIMITS)) expect(limitsPage()).toContain(about);
});

it("The page of the API has every route and every problem that the OpenAPI document names", async () => {
  const page = await PAGES["api.md"]?.();
  for (const { method, path, tag } of Object.values(ROUTES) as readonly Route[])
    if (tag !== "Objects") expect(page).toContain(`| \`${method} ${path}\` |`);
  for (const name of Object.keys(COLLECTIONS)) expect(page).toContain(`| \`/${name}\` |`);
  const told = [...JSON.stringify(openApiDocument("")).matchAll(/`([a-z_]+)`: /g)].map(([, name = ""]) => name);
  const problems = [...new Set(told)].filter((name) => name in PROBLEMS);
  expect(problems.length).toBeGreaterThan(20);
  for (const name of problems) expect(page).toContain(`\`${name}\``);
});

it("The file that the page shows is the configuration of a server without one", () => {
  const text = /```yaml\n(.*)```/s.exec(configurationPage())?.[1] ?? "";
  const [shown, none] = [readConfig({}, { name: "shown", directory: process.cwd(), text }), readConfig({})];
  const configOf = (read: typeof shown) => (read.ok ? { ...read.value, isDefaultDirectory: true } : read.error);
  expect(text).toContain("perAddressMax: 1024");
  expect(configOf(shown)).toEqual(configOf(none));
});
