/**
 * Who gets past the door of which route: every route for every kind of caller, as it was last looked at by a human. Each caller sends an
 * empty question, so that a 400 says: let in, and found to have asked nothing. A route that is new or guarded otherwise shows here.
 */
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROUTES, type Route } from "@reeve/contract";
import { openSqliteStore } from "@reeve/server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Served, serve } from "../serve.ts";

const CALLERS = ["nobody", "no token of ours", "an expired token", "a principal's token", "the administrator"] as const;
const secretOf = (caller: string): string => `the token of ${caller} `.padEnd(40, "-").replaceAll(" ", "_");
const OPERATIONAL: readonly Pick<Route, "method" | "path">[] = ["/healthz", "/readyz", "/metrics", "/openapi.json"].map((path) => ({
  method: "GET",
  path,
}));

let served: Served;
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-routes-"));
  const first = await serve({ directory, environment: { REEVE_BOOTSTRAP_TOKEN: secretOf("the administrator") } });
  await first.stop();
  const store = openSqliteStore({ directory: join(directory, "data") });
  const hash = (caller: string) => createHash("sha256").update(secretOf(caller)).digest();
  const createdMs = 1;
  await store.tokens.put({ hash: hash("an expired token"), kind: "administrator", ceiling: "admin", createdMs, expiresMs: 2 });
  await store.tokens.put({
    hash: hash("a principal's token"),
    kind: "principal",
    org: "DEMO@ReeveOrg",
    principal: "ada",
    ceiling: "admin",
    createdMs,
  });
  await store.close();
  served = await serve({ directory, environment: { REEVE_BOOTSTRAP_TOKEN: "" } });
});
afterAll(() => served?.close());

async function statusesOf({ method, path }: Pick<Route, "method" | "path">): Promise<readonly number[]> {
  const url = path.replace("{org}", "DEMO@ReeveOrg").replace("{product}", "cloud-manager");
  const answers = CALLERS.map((caller) =>
    served.call(url, { method, token: caller === "nobody" ? null : secretOf(caller), ...(method === "POST" ? { body: {} } : {}) }),
  );
  return (await Promise.all(answers)).map(({ status }) => status);
}

it("Every route is open to whom it was agreed to be open", async () => {
  const rows = [...(Object.values(ROUTES) as readonly Route[]), ...OPERATIONAL];
  const lines = await Promise.all(
    rows.map(async (route) => `| ${route.method} ${route.path} | ${(await statusesOf(route)).join(" | ")} |`),
  );
  const head = `| Route | ${CALLERS.join(" | ")} |\n|---${"|---".repeat(CALLERS.length)}|\n`;
  await expect(`${head}${lines.join("\n")}\n`).toMatchFileSnapshot("./routes.md");
});
