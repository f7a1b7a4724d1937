/**
 * The pages for people in a real browser: a person accepts an invitation, turns a second factor on, signs in with it, sees the permission
 * table and the API, resets the password and ends the account; with a keyboard, to a screen reader, narrow and dark as well.
 */
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { linkIn, type MailServer, mailServer } from "./mail-server.ts";
import { BASE, makeOrganization, type Organization } from "./organization.ts";
import { address, codeOf, PASSWORD, signIn } from "./people.ts";
import { requireProgram } from "./require.ts";
import { type Served, serve } from "./serve.ts";

const OTHER = "another long password";
const WIDE = 1_280;
const NARROW = 320;
const PAGES = ["/sign-in", "/invitation", "/password", "/account"];
const executablePath = requireProgram("chromium");
let smtp: MailServer;
let served: Served;
let one: Organization;
let browser: Browser;
const noise: string[] = [];
const asked: string[] = [];

beforeAll(async () => {
  smtp = await mailServer();
  served = await serve({ environment: { REEVE_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, REEVE_MAIL_FROM: "reeve@example.com" } });
  one = await makeOrganization(served, BASE);
  if (executablePath !== undefined)
    browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu"] });
});
afterEach(() => {
  const [heard, all] = [noise.splice(0), asked.splice(0)];
  // What a page could not have, and how forms could be easier on Chromium's own password manager, the browser says of itself.
  expect(heard.filter((line) => !line.includes("status of 4") && !line.startsWith("verbose:"))).toEqual([]);
  expect(all.filter((url) => !url.startsWith(served.url) && !url.startsWith("data:"))).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await smtp?.close();
});

async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: WIDE, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  return page;
}
const pathOf = (page: Page): string => page.url().slice(served.url.length);
const told = (page: Page, form: string): Promise<string> => page.locator(`#${form}-told`).innerText();
const invited = async (email: string, body: object = {}): Promise<string> => {
  const answer = await served.call(`/v1/orgs/${one.id}/invitations`, { body: { email, groups: ["admins"], ...body } });
  expect(answer.status, answer.text).toBe(201);
  return linkIn(await smtp.next());
};
async function person(): Promise<string> {
  const email = address();
  const link = await invited(email);
  const body = { token: link.split("#")[1], password: PASSWORD };
  expect((await served.call("/invitations/accept", { body, token: null })).status).toBe(200);
  return email;
}
async function signInOn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.fill("#email", email);
  await page.fill("#password", password);
  await page.click("button[type=submit]");
}

describe.skipIf(executablePath === undefined)("a person in a browser", () => {
  it("accepts an invitation, turns a second factor on, signs in with it, sees the table, resets the password, ends the account", async () => {
    const email = address();
    const page = await newPage();
    await page.goto(await invited(email));
    await page.fill("#password", PASSWORD);
    await page.fill("#password-again", `${PASSWORD}x`);
    await page.click("button[type=submit]");
    expect(await told(page, "accept")).toBe("The two passwords are not the same.");
    await page.fill("#password-again", PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${served.url}/account`);
    await page.waitForSelector("#organizations h3");
    expect(await page.locator("#email").innerText()).toBe(email);
    expect(await page.locator("#organizations").innerText()).toContain(one.id);
    expect(await page.locator("#sessions").innerText()).toContain("This browser");

    await page.click("#enrol");
    await page.waitForSelector("#confirm:not([hidden])");
    const secret = (await page.locator("#secret").innerText()).replaceAll(" ", "");
    const modules = await page.locator("#qr path").getAttribute("d");
    // The three eyes of the code, by their upper left corners.
    const size = Number((await page.locator("#qr").getAttribute("viewBox"))?.split(" ")[2]);
    for (const [x, y] of [
      [4, 4],
      [size - 11, 4],
      [4, size - 11],
    ])
      expect(modules).toContain(`M${x} ${y}h1v1h-1z`);
    await page.fill("#code", "000000");
    await page.click("#confirm button");
    await page.waitForFunction(() => document.getElementById("confirm-told")?.textContent !== "");
    await page.fill("#code", codeOf(secret));
    await page.click("#confirm button");
    await page.waitForSelector("#codes li");
    const codes = await page.locator("#codes li").allInnerTexts();
    expect(codes).toHaveLength(10);

    await page.click("#sign-out");
    await page.waitForURL(`${served.url}/sign-in`);
    const table = `/v1/orgs/${one.id}/products/files/operations`;
    await page.goto(`${served.url}${table}?method=GET`);
    expect(pathOf(page)).toBe(`/sign-in?return=${encodeURIComponent(`${table}?method=GET`)}`);
    await signInOn(page, email);
    await page.waitForSelector("#code-field:not([hidden])");
    expect(await told(page, "sign-in")).toContain("second factor");
    await page.fill("#code", codes[0] as string);
    await page.click("button[type=submit]");
    await page.waitForURL(`${served.url}${table}?method=GET`);
    expect(await page.locator("h1").innerText()).toContain("operations and permissions");

    await page.goto(`${served.url}/password`);
    await page.fill("#email", email);
    await page.click("#ask button");
    await page.waitForFunction(() => document.getElementById("ask-told")?.textContent !== "");
    const link = linkIn(await smtp.next());
    await page.goto(link);
    await page.waitForSelector("#choosing:not([hidden])");
    await page.fill("#password", OTHER);
    await page.fill("#password-again", OTHER);
    await page.click("#choose button");
    await page.waitForURL(`${served.url}/sign-in?reset=1`);
    await signInOn(page, email, OTHER);
    await page.waitForSelector("#code-field:not([hidden])");
    await page.fill("#code", codes[1] as string);
    await page.click("button[type=submit]");
    await page.waitForURL(`${served.url}/account`);
    await page.goto(link);
    await page.waitForSelector("#choosing:not([hidden])");
    await page.fill("#password", OTHER);
    await page.fill("#password-again", OTHER);
    await page.click("#choose button");
    await page.waitForFunction(() => document.getElementById("choose-told")?.textContent?.includes("counts no more"));

    await page.goto(`${served.url}/account`);
    await page.waitForSelector("#sessions li");
    await page.click("summary");
    await page.fill("#end-password", OTHER);
    await page.fill("#end-code", codes[2] as string);
    await page.click("#end button");
    await page.waitForURL(`${served.url}/sign-in`);
    expect((await served.call(`/v1/accounts?email=${email}`)).body.items).toEqual([]);
    // No token and no password was ever in a URL that the server saw.
    for (const url of asked) expect(url.split("#")[0]).not.toMatch(/rv[ip]_|password=|correct|another/);
    await page.context().close();
  });

  it("who has an account gives its password to an invitation, and is told so where he chooses a new one", async () => {
    const email = await person();
    const two = await makeOrganization(served, BASE);
    const answer = await served.call(`/v1/orgs/${two.id}/invitations`, { body: { email } });
    expect(answer.status).toBe(201);
    const page = await newPage();
    await page.goto(linkIn(await smtp.next()));
    await page.fill("#password", OTHER);
    await page.fill("#password-again", OTHER);
    await page.click("button[type=submit]");
    await page.waitForFunction(() => document.getElementById("accept-told")?.textContent?.includes("has an account here already"));
    expect(await page.isVisible("#password-again")).toBe(false);
    await page.fill("#password", PASSWORD);
    await page.click("button[type=submit]");
    await page.waitForURL(`${served.url}/account`);
    await page.waitForFunction(() => document.querySelectorAll("#organizations h3").length === 2);
    // Who may not read there is told so, and shown no table.
    expect(await page.locator("#organizations").innerText()).toContain("You may not read its permission tables.");
    expect(await page.evaluate(() => location.hash)).toBe("");
    await page.context().close();
  });

  it("changes the password, ends another session, and turns the second factor off", async () => {
    const email = await person();
    const elsewhere = await signIn(served, email, { "user-agent": "Browser elsewhere" });
    const page = await newPage();
    await page.goto(`${served.url}/account`);
    expect(pathOf(page)).toBe("/sign-in?return=%2Faccount");
    await signInOn(page, email);
    await page.waitForSelector("#sessions button");
    await page.click('button[aria-label="Sign out Browser elsewhere"]');
    await page.waitForFunction(() => document.querySelectorAll("#sessions li").length === 1);
    expect((await elsewhere.call("/session")).status).toBe(401);
    for (const [password, words] of [
      ["a wrong password", "That is not right."],
      [PASSWORD, "Your password was changed."],
    ] as const) {
      await page.fill("#password", password);
      await page.fill("#new", OTHER);
      await page.fill("#new-again", OTHER);
      await page.click("#change button");
      await page.waitForFunction((start) => document.getElementById("change-told")?.textContent?.startsWith(start), words);
    }
    await page.click("#enrol");
    await page.waitForSelector("#confirm:not([hidden])");
    await page.fill("#code", codeOf((await page.locator("#secret").innerText()).replaceAll(" ", "")));
    await page.click("#confirm button");
    await page.waitForSelector("#codes li");
    const [code = ""] = await page.locator("#codes li").allInnerTexts();
    await page.fill("#off-password", OTHER);
    await page.fill("#off-code", code);
    await page.click("#off button");
    await page.waitForSelector("#enrol:not([hidden])");
    const signedIn = await served.call("/session", { body: { email, password: OTHER }, token: null });
    expect([signedIn.status, signedIn.body.secondFactor]).toEqual([201, false]);
    await page.context().close();
  });

  it("asks the API in his own name from its page, with what his session needs", async () => {
    const email = await person();
    const page = await newPage();
    await page.goto(`${served.url}/docs`);
    expect(await page.locator("#visitor").innerText()).toContain("Not signed in");
    await page.click("#visitor a");
    await signInOn(page, email);
    await page.waitForURL(`${served.url}/docs`);
    await page.waitForFunction((who) => document.getElementById("visitor")?.textContent?.includes(who), email);
    await page.click('.opblock-tag[data-tag="People"]');
    await page.click("#operations-People-enrolSecondFactor .opblock-summary-control");
    await page.click("#operations-People-enrolSecondFactor .try-out__btn");
    await page.click("#operations-People-enrolSecondFactor .execute");
    await page.waitForSelector("#operations-People-enrolSecondFactor .live-responses-table .response");
    expect(await page.locator("#operations-People-enrolSecondFactor .live-responses-table").innerText()).toContain("otpauth://totp/Reeve:");
    await page.context().close();
  });

  it.each([
    ["https://evil.example/", "/account"],
    ["//evil.example/", "/account"],
    ["/\\evil.example/", "/account"],
    ["/\t/evil.example/", "/account"],
    ["javascript:alert(1)", "/account"],
    ["account", "/account"],
    ["/docs?x=1#y", "/docs?x=1#y"],
  ])("comes back to a path of this server alone: %j", async (wanted, expected) => {
    const page = await newPage();
    await page.goto(`${served.url}/sign-in?return=${encodeURIComponent(wanted)}`);
    await signInOn(page, await person());
    await page.waitForURL(`${served.url}${expected}`);
    await page.context().close();
  });

  it("is told in words why signing in elsewhere was refused, whatever the code, and nothing of it is HTML", async () => {
    const page = await newPage();
    for (const code of ["unknown_user", "<img src=x onerror=alert(1)>", "constructor"]) {
      await page.goto(`${served.url}/sign-in?refused=${encodeURIComponent(code)}`);
      expect(await told(page, "sign-in")).toMatch(/^(You are known there|Signing in there)/);
    }
    await page.context().close();
  });
});

describe.skipIf(executablePath === undefined)("every page", () => {
  const findings = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html)]);
  };
  const looks = (["light", "dark"] as const).flatMap((scheme) => [WIDE, NARROW].map((width) => [scheme, width] as const));

  it.each(looks)("is found good by axe and as wide as its window, %s and %i wide", async (colorScheme, width) => {
    const email = await person();
    const page = await newPage({ colorScheme, viewport: { width, height: 900 } });
    const look = async (name: string) => {
      // It takes long: each scheme and each width once.
      if ((colorScheme === "dark") === (width === NARROW)) expect(await findings(page), name).toEqual([]);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
        name,
      ).toBeLessThanOrEqual(0);
      if (process.env.REEVE_PICTURES !== undefined)
        await page.screenshot({ path: `${process.env.REEVE_PICTURES}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    };
    await page.goto(`${served.url}/invitation`);
    await look("invitation-incomplete");
    await page.goto(await invited(address()));
    await page.waitForSelector("#whole:not([hidden])");
    await look("invitation");
    await page.goto(`${served.url}/password`);
    await look("password");
    await page.goto(`${served.url}/password#rvp_x`);
    await page.waitForSelector("#choosing:not([hidden])");
    await look("password-chosen");
    await page.goto(`${served.url}/sign-in?return=%2Faccount`);
    await look("sign-in");
    await signInOn(page, email, "a wrong password");
    await page.waitForFunction(() => document.getElementById("sign-in-told")?.textContent !== "");
    await look("sign-in-refused");
    await signInOn(page, email);
    await page.waitForSelector("#organizations h3");
    await page.click("#enrol");
    await page.waitForSelector("#confirm:not([hidden])");
    await page.click("summary");
    await look("account");
    await page.fill("#code", codeOf((await page.locator("#secret").innerText()).replaceAll(" ", "")));
    await page.click("#confirm button");
    await page.waitForSelector("#codes li");
    await look("account-codes");
    await page.goto(`${served.url}/docs`);
    await page.waitForFunction(() => document.getElementById("visitor")?.textContent?.startsWith("Signed in as"));
    await page.context().close();
  });

  it("is gone through with the keyboard alone", async () => {
    const email = await person();
    const page = await newPage();
    await page.goto(`${served.url}/sign-in`);
    await page.keyboard.press("Tab");
    await page.keyboard.type(email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Sign in");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${served.url}/account`);
    await page.context().close();
  });

  it("says without its script that it needs it, and sends no form", async () => {
    const page = await newPage({ javaScriptEnabled: false });
    for (const path of PAGES.slice(0, 3)) {
      await page.goto(served.url + path);
      expect(await page.locator("noscript").innerText()).toContain("needs its script");
    }
    await page.context().close();
  });
});

describe("what a page is sent with", () => {
  it.each(PAGES)(
    "%s lets its own script and style run and nothing else, is kept by nobody, and tells no other site where it was",
    async (path) => {
      const email = await person();
      const { cookie } = await signIn(served, email);
      const page = await served.call(path, { token: null, headers: { cookie } });
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      const policy = page.headers.get("content-security-policy") ?? "";
      for (const part of ["default-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'", "connect-src 'self'"])
        expect(policy).toContain(part);
      expect(policy).not.toContain("unsafe");
      expect([page.headers.get("cache-control"), page.headers.get("referrer-policy")]).toEqual(["no-store", "no-referrer"]);
      expect(page.text).not.toContain(email);
    },
  );

  const TABLE = () => `/v1/orgs/${one.id}/products/files/operations`;
  const HTML = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
  const asks = (headers: Record<string, string>, path = TABLE()) =>
    fetch(served.url + path, { headers, redirect: "manual" }).then(({ status, headers: told }) => [status, told.get("location")]);

  it("a permission table, to who is signed in; who is not is led there, a program is told", async () => {
    const { cookie } = await signIn(served, await person());
    const page = await served.call(TABLE(), { token: null, headers: { ...HTML, cookie } });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await asks(HTML)).toEqual([302, `/sign-in?return=${encodeURIComponent(TABLE())}`]);
    expect(await asks({ ...HTML, cookie: "reeve=none" }, `${TABLE()}?a=%2F`)).toEqual([
      302,
      `/sign-in?return=${encodeURIComponent(`${TABLE()}?a=%2F`)}`,
    ]);
    const programs: Record<string, string>[] = [
      {},
      { accept: "*/*" },
      { accept: "application/json" },
      { accept: "text/html;q=0" },
      { ...HTML, authorization: "Bearer none" },
    ];
    for (const headers of programs) expect(await asks(headers)).toEqual([401, null]);
    // What answers no page leads nobody anywhere.
    expect(await asks(HTML, `/v1/orgs/${one.id}/principals`)).toEqual([401, null]);
    expect(await asks(HTML, "/v1/orgs/nobody/products/files/operations")).toEqual([302, expect.stringContaining("/sign-in?return=")]);
    expect(await asks({ ...HTML, cookie }, "/v1/orgs/nobody/products/files/operations")).toEqual([404, null]);
  });

  it("an account, to who is signed in; who is not is led there", async () => {
    for (const cookie of ["", "reeve=none"]) expect(await asks({ cookie }, "/account")).toEqual([302, "/sign-in?return=%2Faccount"]);
  });

  it("the API's page, not for who was signed out meanwhile", async () => {
    const page = await served.call("/docs", { token: null, headers: { cookie: "reeve=none" } });
    expect(page.text).toContain("Not signed in");
    expect(page.headers.get("cache-control")).toBe("no-store");
  });
});
