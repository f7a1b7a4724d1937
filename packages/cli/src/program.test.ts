import { afterEach, describe, expect, it, vi } from "vitest";
import { EXIT } from "./exit.ts";
import { run } from "./program.ts";

type Called = { readonly url: string; readonly body: unknown; readonly accept: string | undefined };

/** Runs the command line against one answer; what it printed, what it sent, and its exit code. */
async function reeve(
  arguments_: readonly string[],
  { answer = "{}", environment = {}, colour = false }: { answer?: string; environment?: Record<string, string>; colour?: boolean } = {},
) {
  const calls: Called[] = [];
  vi.stubGlobal("fetch", async (url: string, { body, headers }: { body?: string; headers: Record<string, string> }) => {
    calls.push({ url, body: body === undefined ? undefined : JSON.parse(body), accept: headers.accept });
    return new Response(answer);
  });
  const printed = { out: "", err: "" };
  const output = (name: "out" | "err") => ({
    isTerminal: colour,
    hasColour: colour,
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const shell = { environment: { REEVE_TOKEN: "t", REEVE_ORG: "A@x", ...environment }, stdout: output("out"), stderr: output("err") };
  const exit = await run(arguments_, shell);
  return { exit, calls, ...printed };
}
afterEach(() => vi.unstubAllGlobals());

const QUESTION = ["--subject", "user:ada", "--action", "view", "--resource", "/programs/4"];
const decision = (allow: boolean, reason: object) =>
  JSON.stringify({ decision: allow, context: { id: "i", revision: "e.1", reasons: [{ code: "c", message: "It is so.", ...reason }] } });
const ALLOW = decision(true, { source: "admin" });
const DENY = decision(false, { missing: [{ kind: "permission", set: "s" }] });

describe("check", () => {
  it("ends with 0 for an allow and says by what", async () => {
    expect(await reeve(["check", ...QUESTION], { answer: ALLOW })).toEqual({
      exit: EXIT.yes,
      out: "ALLOW  It is so. (c)\n  by being an administrator of the organization\n  revision e.1\n",
      err: "",
      calls: [
        {
          url: "http://127.0.0.1:7070/v1/orgs/A%40x/check",
          body: { subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/programs/4" } },
          accept: "application/json",
        },
      ],
    });
  });

  it("ends with 1 for a deny and says what is missing", async () => {
    expect(await reeve(["check", ...QUESTION], { answer: DENY })).toMatchObject({
      exit: EXIT.no,
      out: "DENY  It is so. (c)\n  missing: permission s\n  revision e.1\n",
    });
  });

  it("prints the answer as it came with --json, with the same exit code", async () => {
    expect(await reeve(["check", "--json", ...QUESTION], { answer: DENY })).toMatchObject({ exit: EXIT.no, out: `${DENY}\n`, err: "" });
  });

  it("asks about a call with options that are given more than once", async () => {
    const { calls } = await reeve(
      [
        ...["check", "--org", "B@x", "--subject", "group:g", "--product", "p", "--target", "a=/x", "--target", "b=none"],
        ...["--attribute", "s.a=1", "PUT", "/t", "--attribute", "s.b=2", "--at-least", "e.1"],
      ],
      { answer: ALLOW },
    );
    expect(calls[0]).toMatchObject({
      url: "http://127.0.0.1:7070/v1/orgs/B%40x/operations/check",
      body: { method: "PUT", target: "/t", targets: { a: "/x", b: null }, attributes: { s: { a: "1", b: "2" } }, atLeast: "e.1" },
    });
  });

  it.each(["{}", "null", "[]", '"true"', '{"decision":"true"}', '{"decision":1,"context":{"revision":"","reasons":[]}}'])(
    "never takes %s for a yes",
    async (answer) => {
      expect((await reeve(["check", ...QUESTION], { answer })).exit).toBe(EXIT.cannotRun);
      expect((await reeve(["check", "--json", ...QUESTION], { answer })).exit).toBe(EXIT.cannotRun);
    },
  );

  it.each([
    { needs: "an organization", words: ["check", ...QUESTION, "--org", ""], told: "--org or REEVE_ORG" },
    { needs: "a subject", words: ["check", "--action", "view", "--resource", "/"], told: "--subject" },
    { needs: "known options", words: ["check", ...QUESTION, "--bogus"], told: "--bogus" },
    { needs: "two words at most", words: ["check", ...QUESTION, "GET", "/x", "y"], told: "too many" },
    { needs: "a known command", words: ["chekc"], told: "check" },
    { needs: "a command", words: [], told: "Usage" },
    { needs: "a known form", words: ["catalogue", "table", "--format", "pdf"], told: "markdown" },
  ])("needs $needs, else ends with 2", async ({ words, told }) => {
    const { exit, err, out, calls } = await reeve(words);
    expect([exit, out, calls]).toEqual([EXIT.usage, "", []]);
    expect(err).toContain(told);
  });

  it("paints only a terminal, and shows control characters instead of sending them", async () => {
    const answer = decision(false, { message: "\u001b[2Jgone\r", principal: "a\u009bb" });
    const plain = await reeve(["check", ...QUESTION], { answer });
    expect(plain.out).toBe("DENY  \\x1b[2Jgone\\x0d (c)\n  principal: a\\x9bb\n  revision e.1\n");
    const painted = await reeve(["check", ...QUESTION], { answer, colour: true });
    expect(painted.out).toBe(plain.out.replace("DENY", "\u001b[31mDENY\u001b[39m"));
  });
});

describe("the other commands", () => {
  it("why prints the explanation below the decision", async () => {
    const explanation = {
      resource: "/programs/4",
      subject: { groups: ["members"], roles: [], isAdmin: false },
      tried: [{ source: "admin", opened: false, needed: {}, found: [] }],
      rules: [],
    };
    const answer = JSON.stringify({ ...JSON.parse(DENY), explanation });
    const { exit, out, calls } = await reeve(["why", ...QUESTION], { answer });
    expect([exit, calls[0]?.url]).toEqual([EXIT.no, "http://127.0.0.1:7070/v1/orgs/A%40x/explain"]);
    expect(out).toContain("Resource\n  /programs/4\nSubject\n  groups: members\n  roles: none\nSources\n  administration: no\n");
  });

  it("whoami says what the token stands for", async () => {
    const me = { administrator: true, principal: null, organizations: "all", ceiling: "admin", how: "token", clientId: null };
    const { exit, out } = await reeve(["whoami"], { answer: JSON.stringify(me) });
    expect([exit, out]).toEqual([
      EXIT.yes,
      "The server's administrator\n  organizations: all\n  allows at most: admin\n  known by: token\n",
    ]);
    expect((await reeve(["whoami"], { answer: "{}" })).exit).toBe(EXIT.cannotRun);
  });

  it("catalogue table asks for what ships, or for an organization's own, in the form that is wanted", async () => {
    const shipped = await reeve(["catalogue", "table", "--search", "a b", "--state", "orphan"], { answer: "# T" });
    expect(shipped).toMatchObject({ exit: EXIT.yes, out: "# T\n" });
    expect(shipped.calls[0]).toMatchObject({
      url: "http://127.0.0.1:7070/operations?product=cloud-manager&search=a%20b&state=orphan",
      accept: "text/markdown",
    });
    const own = await reeve(["catalogue", "table", "--org", "B@x", "--product", "p", "--format", "html"]);
    expect(own.calls[0]).toMatchObject({ url: expect.stringContaining("/v1/orgs/B%40x/products/p/operations"), accept: "text/html" });
  });

  it.each([
    ["check"],
    ["why"],
    ["whoami"],
    ["start"],
    ["catalogue", "table"],
    ["token", "reset"],
    ["backup"],
    ["export"],
    ["diff"],
    ["apply"],
    ["test"],
    ["restore"],
    ["config", "check"],
    ["config", "show"],
  ])("%s %s has help with an example and the exit codes", async (...words) => {
    const { exit, out, err } = await reeve([...words.filter((word) => word !== undefined), "--help"]);
    expect([exit, err]).toEqual([EXIT.yes, ""]);
    expect(out).toMatch(/\nExample:\n {2}.*(reeve|npm run)/);
    expect(out).toContain("Exit codes:\n  0  yes");
  });
});
