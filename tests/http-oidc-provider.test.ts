/**
 * Signing in by a real OpenID provider: discovery, PKCE, ID token and user info by its own rules, and what follows from its claims; with
 * the configuration that docs/how-to/sign-in-with-oidc.md shows.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Trip } from "./browser-trip.ts";
import { ROOT, shell } from "./cli-server.ts";
import { CLIENT } from "./issuer.ts";
import { OidcServer, throughProvider } from "./oidc-provider-server.ts";
import { BASE, Organization } from "./organization.ts";
import { type Served, serve } from "./serve.ts";
import { expectShown, stepsOf } from "./walked-page.ts";

const PAGE = readFileSync(join(ROOT, "docs/how-to/sign-in-with-oidc.md"), "utf8");
const shown = /^```yaml\n(.*?)^```$/ms.exec(PAGE)?.[1] ?? "";

let provider: OidcServer;
let served: Served;
let one: Organization;
beforeAll(async () => {
  const port = await freePort();
  provider = await OidcServer.start(`http://127.0.0.1:${port}/sign-in/corp/callback`);
  const file = shown.replace("https://id.example.com", provider.url);
  served = await serve({ environment: { REEVE_PORT: String(port), REEVE_ISSUERS: "" }, file });
  await served.call("/v1/orgs", { body: { id: "Corp", name: "Corp" } });
  one = new Organization(served, "Corp");
  await one.writes(BASE);
});
afterAll(async () => {
  await served?.close();
  await provider?.close();
});

/** The redirect address is registered with the provider before the server listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** There and back; the trip, and where it is sent on to. */
async function comes(sub: string | undefined): Promise<{ readonly trip: Trip; readonly back: string; readonly to: string | null }> {
  provider.person = sub;
  const trip = new Trip(served);
  const back = (await throughProvider(provider, await trip.begin("corp", "?return=/docs"))).replace(served.url, "");
  return { trip, back, to: (await trip.get(back)).headers.get("location") };
}
const groupsOf = async (id: string): Promise<readonly string[]> =>
  (await served.call(`/v1/orgs/Corp/memberships?member=${id}`)).body.items.map(({ value }: { value: { group: string } }) => value.group);

it("A person signs in there, is a user here, and has the groups that his claims give at each time", async () => {
  provider.people.set("lea", { name: "Lea", email: "lea@example.com", email_verified: true, groups: ["engineers", "others"] });
  const { trip, to } = await comes("lea");
  expect(to).toBe("/docs");
  expect((await trip.session()).body.organizations).toEqual([{ id: "Corp", principal: "lea" }]);
  expect((await served.call("/v1/orgs/Corp/principals/lea")).body.name).toBe("Lea");
  expect(await groupsOf("lea")).toEqual(["team"]);
  provider.people.set("lea", { name: "Lea", groups: [] });
  expect((await comes("lea")).to).toBe("/docs");
  expect(await groupsOf("lea")).toEqual([]);
});

it("A code counts once, for the provider too", async () => {
  provider.people.set("max", {});
  const { trip, back, to } = await comes("max");
  expect(to).toBe("/docs");
  await trip.begin("corp");
  expect((await trip.get(back)).headers.get("location")).toBe("/sign-in?refused=not_proven");
});

it("Who refuses there is not signed in here", async () => {
  const { trip, to } = await comes(undefined);
  expect([to, (await trip.session()).status]).toEqual(["/sign-in?refused=denied", 401]);
});

it("A code that was got by another's beginning is refused by the provider: its verifier is not this browser's", async () => {
  provider.people.set("eve", {});
  provider.person = "eve";
  const eve = new Trip(served);
  const stolen = new URL(await throughProvider(provider, await eve.begin("corp")));
  const victim = new Trip(served);
  const own = new URL(await victim.begin("corp"));
  // Even with the right state.
  stolen.searchParams.set("state", own.searchParams.get("state") ?? "");
  const answer = await victim.get(`/sign-in/corp/callback${stolen.search}`);
  expect(answer.headers.get("location")).toBe("/sign-in?refused=not_proven");
});

it("Who is deactivated here does not come back by signing in there", async () => {
  provider.people.set("una", {});
  expect((await comes("una")).to).toBe("/docs");
  await one.writes([{ put: { kind: "principal", value: { id: "una", type: "user", active: false } } }]);
  expect((await comes("una")).to).toBe("/sign-in?refused=inactive_user");
});

it("While the provider is down people sign in by password, and the server starts", async () => {
  await provider.close();
  const again = await serve({
    environment: {
      REEVE_ISSUERS: JSON.stringify([{ name: "corp", issuer: provider.url, organization: "Corp", signIn: CLIENT }]),
    },
  });
  const answer = await again.call("/sign-in/corp", { token: null });
  expect([answer.status, answer.body.code]).toEqual([503, "issuer_unavailable"]);
  expect((await again.call("/v1/me")).status).toBe(200);
  await again.close();
});

it("The configuration that the page shows is good, as the page says", async () => {
  const home = mkdtempSync(join(tmpdir(), "reeve-oidc-"));
  try {
    writeFileSync(join(home, "reeve.config.yaml"), shown);
    for (const step of stepsOf(PAGE)) {
      if (!("command" in step)) throw new Error("the page has a file of its own");
      const reeve = `"${process.execPath}" "${join(ROOT, "packages/cli/bin/reeve.mjs")}"`;
      const ended = await shell(step.command.replace(/^reeve/, reeve), { directory: home });
      expect(ended.code, ended.err).toBe(0);
      expectShown(ended.out, step.shown ?? []);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
