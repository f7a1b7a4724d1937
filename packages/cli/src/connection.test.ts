import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { connect, organizationOf } from "./connection.ts";
import type { Shell } from "./shell.ts";

const silent = { isTerminal: false, hasColour: false, write: () => undefined };
const shell = (environment: Record<string, string>): Shell => ({ environment, stdout: silent, stderr: silent });

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "reeve-connection-"));
  writeFileSync(join(directory, "admin-token"), "token-of-the-directory\n");
  writeFileSync(join(directory, "other"), "  token-of-a-file \n");
  writeFileSync(join(directory, "broken"), "two words");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => vi.unstubAllGlobals());

/** What is sent where, or why nothing is. */
async function sent(options: Parameters<typeof connect>[0], environment: Record<string, string>, anonymous = false): Promise<unknown> {
  const calls: unknown[] = [];
  vi.stubGlobal("fetch", async (url: string, { headers }: { headers: Record<string, string> }) => {
    calls.push([url, headers.authorization]);
    return new Response("{}");
  });
  const client = connect(options, shell(environment), anonymous);
  if (!client.ok) return client.error;
  await client.value.ask({ route: "me" });
  return calls[0];
}

describe("the server", () => {
  it("is --url, else REEVE_URL, else the default one", async () => {
    const token = { REEVE_TOKEN: "t" };
    expect(await sent({}, token)).toEqual(["http://127.0.0.1:7070/v1/me", "Bearer t"]);
    expect(await sent({}, { ...token, REEVE_URL: "https://reeve.example/base/" })).toEqual([
      "https://reeve.example/base/v1/me",
      "Bearer t",
    ]);
    expect(await sent({ url: "http://[::1]:9" }, { ...token, REEVE_URL: "http://x" })).toEqual(["http://[::1]:9/v1/me", "Bearer t"]);
  });

  it.each(["localhost:7070", "ftp://x", "http://x/?y", "http://u:p@x", ""])("may not be %j", async (url) => {
    expect(await sent({ url }, { REEVE_TOKEN: "t" })).toMatchObject({
      exit: 2,
      lines: [expect.stringContaining("no address of a server")],
    });
  });
});

describe("the token", () => {
  it("is that of --token-file, else REEVE_TOKEN, else the one that lies in the data directory", async () => {
    const environment = { REEVE_DATA_DIR: directory };
    expect(await sent({}, environment)).toEqual([expect.anything(), "Bearer token-of-the-directory"]);
    expect(await sent({}, { ...environment, REEVE_TOKEN: "given" })).toEqual([expect.anything(), "Bearer given"]);
    expect(await sent({ tokenFile: join(directory, "other") }, { ...environment, REEVE_TOKEN: "given" })).toEqual([
      expect.anything(),
      "Bearer token-of-a-file",
    ]);
  });

  it("of the data directory is not sent to another machine", async () => {
    const url = "http://127.0.0.1.evil.example";
    expect(await sent({ url }, { REEVE_DATA_DIR: directory })).toMatchObject({
      exit: 4,
      lines: expect.arrayContaining([expect.stringContaining("this machine only")]),
    });
    expect(await sent({ url, tokenFile: join(directory, "admin-token") }, {})).toEqual([`${url}/v1/me`, "Bearer token-of-the-directory"]);
  });

  it("is not sent where nobody is asked for one", async () => {
    expect(await sent({}, { REEVE_TOKEN: "given" }, true)).toEqual([expect.anything(), undefined]);
  });

  it("that is missing, unreadable or none is told", async () => {
    expect(await sent({}, { REEVE_DATA_DIR: join(directory, "no") })).toMatchObject({
      exit: 4,
      lines: expect.arrayContaining([expect.stringContaining("it is not there")]),
    });
    expect(await sent({ tokenFile: join(directory, "no") }, {})).toMatchObject({
      exit: 2,
      lines: [expect.stringContaining("cannot be read")],
    });
    expect(await sent({ tokenFile: join(directory, "broken") }, {})).toMatchObject({
      exit: 2,
      lines: [expect.not.stringContaining("two words")],
    });
  });
});

describe("the organization", () => {
  it("is --org, else REEVE_ORG, and none is assumed", () => {
    expect(organizationOf({ org: "A@x" }, shell({ REEVE_ORG: "B@x" }))).toEqual({ ok: true, value: "A@x" });
    expect(organizationOf({}, shell({ REEVE_ORG: "B@x" }))).toEqual({ ok: true, value: "B@x" });
    expect(organizationOf({}, shell({ REEVE_ORG: "" }))).toMatchObject({ ok: false, error: { exit: 2 } });
  });
});
