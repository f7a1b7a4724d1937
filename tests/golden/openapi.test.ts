/**
 * The API's description as it was last looked at by a human. A change of it is a change of what clients may rely on: take it over with
 * `npx vitest run --project golden -u`, and say why in the commit.
 */
import { openApiDocument } from "@reeve/contract";
import { VERSION } from "@reeve/server";
import { expect, it } from "vitest";

it("The OpenAPI document is the one that was agreed on", async () => {
  await expect(`${JSON.stringify(openApiDocument(VERSION), null, 2)}\n`).toMatchFileSnapshot("./openapi.json");
});
