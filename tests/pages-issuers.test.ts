/** Signing in by a real OpenID provider in a real browser: from the page of signing in to one's account, and back where that is refused. */
import { createServer } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CLIENT } from "./issuer.ts";
import { OidcServer } from "./oidc-provider-server.ts";
import { requireProgram } from "./require.ts";
import { type Served, serve } from "./serve.ts";

const executablePath = requireProgram("chromium");
let provider: OidcServer;
let served: Served;
let browser: Browser;
const noise: string[] = [];
beforeAll(async () => {
  // The provider must know the address before the server listens.
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as { readonly port: number };
  await new Promise((resolve) => taken.close(resolve));
  provider = await OidcServer.start(`http://127.0.0.1:${port}/sign-in/corp/callback`);
  const issuer = {
    name: "corp",
    title: "Example <Corp>",
    issuer: provider.url,
    organization: "DEMO@ReeveOrg",
    people: "create",
    signIn: CLIENT,
  };
  served = await serve({ environment: { REEVE_PORT: String(port), REEVE_ISSUERS: JSON.stringify([issuer]) } });
  if (executablePath !== undefined)
    browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu"] });
});
afterEach(() => expect(noise.splice(0).filter((line) => !line.includes("status of 4") && !line.startsWith("verbose:"))).toEqual([]));
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await provider?.close();
});

async function newPage(): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(String(error)));
  return page;
}

describe.skipIf(executablePath === undefined)("a person in a browser", () => {
  it("signs in elsewhere, and finds what is his own, but nothing that takes a password", async () => {
    provider.people.set("lea", { name: "Lea" });
    provider.person = "lea";
    const page = await newPage();
    await page.goto(`${served.url}/sign-in`);
    await page.click("text=Sign in with Example <Corp>");
    await page.waitForURL(`${served.url}/account`);
    await page.waitForSelector("#organizations h3");
    expect(await page.locator("#email").innerText()).toBe("lea, by corp");
    expect(await page.locator("#organizations").innerText()).toContain("DEMO@ReeveOrg");
    expect(await page.locator("h2:visible").allInnerTexts()).toEqual(["Organizations", "Where you are signed in"]);
    const ours = (await page.context().cookies()).filter(({ name }) => name.startsWith("reeve"));
    expect(ours).toMatchObject([{ name: "reeve", httpOnly: true, sameSite: "Lax" }]);
    await page.click("#sign-out");
    await page.waitForURL(`${served.url}/sign-in`);
  });

  it("is told why he was not let in, and goes where he wanted to when he is", async () => {
    provider.person = undefined;
    const page = await newPage();
    await page.goto(`${served.url}/sign-in?return=%2Fdocs`);
    await page.click("#issuers a");
    await page.waitForURL(`${served.url}/sign-in?refused=denied`);
    expect(await page.locator("#sign-in-told").innerText()).toBe("The other server did not let you in.");
    provider.people.set("max", {});
    provider.person = "max";
    await page.goto(`${served.url}/sign-in?return=%2Fdocs`);
    await page.click("#issuers a");
    await page.waitForURL(`${served.url}/docs`);
    await page.waitForFunction(() => document.getElementById("visitor")?.textContent?.includes("Signed in as"));
    expect(await page.locator("#visitor").innerText()).toContain("corp");
  });
});
