/**
 * The pages of the reference that are made from the code say what the code does. Take a change over with
 * `npx vitest run --project golden -u`.
 */
import { HTTP_LIMITS } from "@reeve/contract";
import { readConfig } from "@reeve/server";
import { expect, it } from "vitest";
import { configurationPage, limitsPage } from "../../tools/generate-reference.ts";

it("The page of the configuration is made from the table of settings", async () => {
  await expect(configurationPage()).toMatchFileSnapshot("../../docs/reference/configuration.md");
});

it("The page of the limits is made from the limits", async () => {
  await expect(limitsPage()).toMatchFileSnapshot("../../docs/reference/limits.md");
  for (const { about } of Object.values(HTTP_LIMITS)) expect(limitsPage()).toContain(about);
});

it("The file that the page shows is the configuration of a server without one", () => {
  const text = /```yaml\n(.*)```/s.exec(configurationPage())?.[1] ?? "";
  const [shown, none] = [readConfig({}, { name: "shown", directory: process.cwd(), text }), readConfig({})];
  const configOf = (read: typeof shown) => (read.ok ? { ...read.value, isDefaultDirectory: true } : read.error);
  expect(text).toContain("perAddressMax: 1024");
  expect(configOf(shown)).toEqual(configOf(none));
});
