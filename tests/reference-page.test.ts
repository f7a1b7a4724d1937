/** The reference page of the API in a real browser: every route, a form that asks the server, and nobody else asked. */
import { ROUTES, type Route } from "@reeve/contract";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aepOrganization, clientOf } from "./aep-client.ts";
import { requireProgram } from "./require.ts";
import { DEMO, type Served, serve } from "./serve.ts";

const executablePath = requireProgram("chromium");
let served: Served;
let browser: Browser;
beforeAll(async () => {
  served = await serve();
  if (executablePath !== undefined)
    browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu"] });
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

/** What the page asked for, and what went wrong in it. */
type Opening = { readonly width?: number; readonly path?: string };
async function open(
  colorScheme: "light" | "dark",
  { width = 1_280, path = "/docs" }: Opening = {},
): Promise<{ page: Page; asked: string[]; noise: string[] }> {
  const page = await (await browser.newContext({ colorScheme, viewport: { width, height: 900 } })).newPage();
  const [asked, noise]: [string[], string[]] = [[], []];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(String(error)));
  await page.goto(served.url + path);
  await page.waitForSelector(".opblock-tag-section");
  return { page, asked, noise };
}

describe.skipIf(executablePath === undefined)("the reference page", () => {
  it("tells every route of the table, and asks nobody but this server", async () => {
    const { page, asked, noise } = await open("light");
    const tags = new Map<string, number>();
    for (const { tag } of Object.values(ROUTES) as readonly Route[]) tags.set(tag, (tags.get(tag) ?? 0) + 1);
    const shown = await page.locator(".opblock-tag").evaluateAll((all) => all.map((one) => one.getAttribute("data-tag")));
    expect(shown.sort()).toEqual([...tags.keys()].sort());
    for (const [tag, routes] of tags) {
      await page.click(`.opblock-tag[data-tag="${tag}"]`);
      await page.waitForFunction((count) => document.querySelectorAll(".opblock").length === count, routes, { timeout: 60_000 });
      await page.click(`.opblock-tag[data-tag="${tag}"]`);
      await page.waitForFunction(() => document.querySelectorAll(".opblock").length === 0);
    }
    expect(asked.filter((url) => !url.startsWith(served.url) && !url.startsWith("data:"))).toEqual([]);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  it("asks the server what its form says, with the token that was given", async () => {
    const { page } = await open("light");
    await page.click(".btn.authorize");
    await page.fill('input[aria-label="auth-bearer-value"]', served.token);
    await page.click(".auth-btn-wrapper .authorize");
    await page.click(".btn-done");
    await page.click('.opblock-tag[data-tag="Identity"]');
    await page.click("#operations-Identity-me .opblock-summary-control");
    await page.click(".try-out__btn");
    await page.click(".execute");
    await page.waitForSelector(".live-responses-table .response");
    expect(await page.locator(".live-responses-table").first().innerText()).toContain('"administrator": true');
    await page.context().close();
  });

  it.each([
    ["light", 1_280],
    ["dark", 1_280],
    ["light", 320],
    ["dark", 320],
  ] as const)("is as wide as its window, %s and %i wide", async (scheme, width) => {
    const { page } = await open(scheme, { width });
    expect(await page.evaluate(() => document.documentElement.classList.contains("dark-mode"))).toBe(scheme === "dark");
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    if (process.env.REEVE_PICTURES !== undefined)
      await page.screenshot({ path: `${process.env.REEVE_PICTURES}/docs-${scheme}-${width}.png` });
    await page.context().close();
  });

  it("of Experience Platform's surface asks with a token, its key, the organization and a sandbox", async () => {
    const client = await clientOf(served, await aepOrganization(served));
    const { page, noise } = await open("light", { path: "/docs/experience-platform" });
    await page.click(".btn.authorize");
    for (const [name, value] of [
      ["bearer", client.token],
      ["apiKey", client.key],
      ["organization", client.one.id],
    ] as const) {
      const form = page.locator(".auth-container", { hasText: `${name} (` });
      await form.locator("input").fill(value);
      await form.locator(".authorize").click();
    }
    await page.click(".btn-done");
    await page.click('.opblock-tag[data-tag="Access control"]');
    await page.click("#operations-Access_control-effectivePolicies .opblock-summary-control");
    await page.click(".try-out__btn");
    await page.fill("tr[data-param-name='x-sandbox-name'] input", "prod");
    await page.fill(".body-param textarea", '["/permissions/manage-datasets"]');
    await page.click(".execute");
    await page.waitForSelector(".live-responses-table .response");
    expect(await page.locator(".live-responses-table .response").first().innerText()).toContain('"policies": {}');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  it("is told by its policy to load nothing from elsewhere, and answers for nobody's data", async () => {
    const page = await served.call("/docs", { token: null });
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([200, expect.stringContaining("default-src 'none'")]);
    expect((await served.call("/docs/swagger-ui.css", { token: null })).status).toBe(200);
    expect((await served.call("/docs/package.json", { token: null })).status).toBe(404);
    expect((await served.call(`${DEMO}/principals`, { token: null })).status).toBe(401);
  });
});
