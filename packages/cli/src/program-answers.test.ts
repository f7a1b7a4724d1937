import { afterEach, describe, expect, it, vi } from "vitest";
import { EXIT } from "./exit.ts";
import { run } from "./program.ts";

type Sent = { readonly line: string; readonly body: unknown };
type Answer = object | string | ((sent: Sent) => Response | object);

type Printed = { out: string; err: string };
function append(printed: Printed, name: keyof Printed, text: string): void {
  printed[name] += text;
}

/** Runs the command line against a list of answers, the last one again and again. */
async function reeve(words: readonly string[], ...answers: readonly Answer[]) {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (url: string, { method, body }: { method: string; body?: string }) => {
    const one = { line: `${method} ${decodeURIComponent(url.replace("http://127.0.0.1:7070", ""))}`, body: body && JSON.parse(body) };
    const answer = answers[Math.min(sent.length, answers.length - 1)] ?? {};
    sent.push(one);
    const value = typeof answer === "function" ? answer(one) : answer;
    return value instanceof Response ? value : new Response(typeof value === "string" ? value : JSON.stringify(value));
  });
  const printed = { out: "", err: "" };
  const output = (name: "out" | "err") => ({ isTerminal: false, hasColour: false, write: (text: string) => append(printed, name, text) });
  const shell = { environment: { REEVE_TOKEN: "t", REEVE_ORG: "A@x" }, stdout: output("out"), stderr: output("err") };
  const exit = await run(words, shell);
  return { exit, sent, ...printed };
}
afterEach(() => vi.unstubAllGlobals());

const refusal = (status: number, problem: object) => () =>
  new Response(JSON.stringify({ title: "T", requestId: "r", status, ...problem }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
const page = (entries: object[], next?: string) => ({ revision: "e.1", entries, ...(next === undefined ? {} : { next }) });
const items = (values: object[], next?: string) => ({
  items: values.map((value) => ({ revision: "e.1", value })),
  ...(next === undefined ? {} : { next }),
});

describe("list", () => {
  it("shows what is stored under key, name and filters, from all pages", async () => {
    const ada = { id: "ada", type: "user", name: "Ada", active: true };
    const { exit, out, sent } = await reeve(["list", "principals", "--sort", "-name"], items([ada], "c"), items([{ ...ada, id: "日本" }]));
    expect([exit, out]).toEqual([EXIT.yes, "ID    NAME  TYPE  ACTIVE\nada   Ada   user  yes\n日本  Ada   user  yes\n"]);
    expect(sent.map(({ line }) => line)).toEqual([
      "GET /v1/orgs/A@x/principals?sort=-name&limit=500",
      "GET /v1/orgs/A@x/principals?sort=-name&limit=500&cursor=c",
    ]);
  });

  it("takes filters, the beginning of a name, a path and --product, and stops at --limit", async () => {
    const { sent, err } = await reeve(
      ["list", "role", "--product", "p", "--filter", "type=user-defined", "--name", "De", "--limit", "1"],
      items([{ product: "p", id: "r", name: "De" }], "more"),
    );
    expect(sent).toEqual([{ line: "GET /v1/orgs/A@x/roles?type=user-defined&product=p&name=De&limit=1", body: undefined }]);
    expect(err).toContain("the first 1; there are more");
  });

  it.each([
    [["list", "rols"], "Did you mean roles?"],
    [["list", "roles", "--filter", "produt=x"], "Did you mean product?"],
    [["list", "roles", "--filter", "x"], "field=value"],
    [["list", "roles", "--sort", "nam"], "Did you mean name?"],
    [["list", "links", "--name", "x"], "cannot be listed by --name"],
    [["list", "links", "--below", "/x"], "--below"],
    [["list", "links", "--subject", "user:ada"], "--subject ask about resources"],
    [["list", "resources", "--subject", "user:ada"], "needs --action and --type too"],
    [["list", "actions", "--subject", "ada", "--resource", "/", "--label", "x"], "takes no --label"],
    [["list", "principals", "--action", "view", "--resource", "/", "--type", "robot"], "allowed is user, service-account, group"],
    [["list", "roles", "--label", "x", "--sort", "name"], "--sort goes with a list of what is stored"],
    [["list", "organizations", "--filter", "a=b"], "takes only --limit"],
    [["list", "roles", "--limit", "0"], "whole number from 1"],
    [["list", "roles", "--output", "xml"], "table, json, yaml"],
  ])("refuses %j and says what would be right", async (words, told) => {
    const { exit, err, out, sent } = await reeve(words);
    expect([exit, out, sent]).toEqual([EXIT.usage, "", []]);
    expect(err).toContain(told);
  });

  it("asks what check allows, and later pages at the revision of the first", async () => {
    const words = ["list", "resources", "--subject", "user:ada", "--action", "view", "--type", "apis", "--below", "/spaces/a"];
    const { out, sent } = await reeve(words, page([{ id: "/spaces/a/apis/1" }], "c"), page([{ id: "/spaces/a/apis/2" }]));
    expect(out).toBe("PATH\n/spaces/a/apis/1\n/spaces/a/apis/2\n");
    const body = { subject: { type: "user", id: "ada" }, action: { name: "view" }, type: "apis", below: "/spaces/a", limit: 500 };
    expect(sent).toEqual([
      { line: "POST /v1/orgs/A@x/list/resources", body },
      { line: "POST /v1/orgs/A@x/list/resources", body: { ...body, cursor: "c", atLeast: "e.1" } },
    ]);
  });

  it("says on stderr that there is nothing, and never takes something else for an empty list", async () => {
    const words = ["list", "actions", "--subject", "user:ada", "--resource", "/"];
    expect(await reeve(words, page([]), { id: "ada", type: "user" })).toMatchObject({ exit: EXIT.yes, out: "", err: "None.\n" });
    expect((await reeve(words, { revision: "e.1" })).exit).toBe(EXIT.cannotRun);
    expect((await reeve(words, "null")).exit).toBe(EXIT.cannotRun);
    expect((await reeve(["list", "roles"], "<html>")).exit).toBe(EXIT.cannotRun);
  });

  it("prints JSON and YAML of the same value, all pages in one", async () => {
    const words = ["list", "roles", "--label", "x"];
    const json = await reeve([...words, "-o", "json"], page([{ id: "a" }], "c"), page([{ id: "b" }]));
    expect(JSON.parse(json.out)).toEqual({ revision: "e.1", entries: [{ id: "a" }, { id: "b" }] });
    expect((await reeve([...words, "--output", "yaml"], page([{ id: "a" }]))).out).toBe("revision: e.1\nentries:\n  - id: a\n");
  });
});

describe("who-can", () => {
  it("asks for all three kinds of principals, and says on what it hangs", async () => {
    const { out, sent } = await reeve(
      ["who-can", "view", "/programs/4"],
      page([{ id: "ada", when: [{ "==": [1, 1] }] }]),
      page([]),
      page([{ id: "team" }]),
    );
    expect(out).toBe('TYPE   ID    ONLY WHEN\nuser   ada   {"==":[1,1]}\ngroup  team\n');
    expect(sent.map(({ body }) => (body as { type: string }).type)).toEqual(["user", "service-account", "group"]);
    expect(sent[2]?.body).toEqual({
      type: "group",
      action: { name: "view" },
      resource: { path: "/programs/4" },
      limit: 500,
      atLeast: "e.1",
    });
  });

  it("asks about a call with --product, and about one kind with --type", async () => {
    const words = ["who-can", "DELETE", "/api/program/4", "--product", "p", "--type", "user", "--target", "a=none", "--attribute", "s=1"];
    const { out, sent } = await reeve(words, page([{ id: "ada" }]));
    expect(out).toBe("ID\nada\n");
    const operation = { product: "p", method: "DELETE", target: "/api/program/4", targets: { a: null }, attributes: { s: "1" } };
    expect(sent).toEqual([{ line: "POST /v1/orgs/A@x/list/principals", body: { type: "user", operation, limit: 500 } }]);
    expect((await reeve(["who-can", "DELETE", "/x"])).err).toContain("needs --product");
    expect((await reeve(["who-can", "view", "/x", "--target", "a=/"])).err).toContain("go with a call");
  });
});

describe("what-can", () => {
  it("shows effective permissions by path and source", async () => {
    const actions = [
      { name: "view", source: "role" },
      { name: "edit", source: "role" },
      { name: "own", source: "access" },
    ];
    const { out, sent } = await reeve(["what-can", "user:ada", "--below", "/a"], page([{ path: "/a/b", actions }]));
    expect(out).toBe("PATH  BY      ACTIONS\n/a/b  role    view, edit\n/a/b  access  own\n");
    expect(sent[0]).toEqual({
      line: "POST /v1/orgs/A@x/effective",
      body: { subject: { type: "user", id: "ada" }, below: "/a", limit: 500 },
    });
  });

  it("shows the permissions held at a place with --held", async () => {
    const entries = [{ set: "s", roles: ["r", "q"], pairs: [{ type: "apis", actions: ["view", "edit"] }] }];
    const { out, sent } = await reeve(["what-can", "group:team", "--held", "/programs/4", "--product", "p"], { revision: "e.1", entries });
    expect(out).toBe("PERMISSION  BY ROLE  GIVES\ns           r, q     apis: view edit\n");
    expect(sent[0]?.body).toEqual({ subject: { type: "group", id: "team" }, place: "/programs/4", product: "p" });
    expect((await reeve(["what-can", "ada"])).err).toContain("allowed is type:id");
    expect((await reeve(["what-can", "user:ada", "--held", "/", "--limit", "3"])).err).toContain("takes no --limit");
    expect((await reeve(["what-can", "user:ada", "--product", "p"])).err).toContain("goes with --held");
  });
});

describe("get, history, changes and revert", () => {
  it("get shows an object as YAML, or as it came", async () => {
    const { out, sent } = await reeve(["get", "membership", "admins", "a/b"], '{"group":"admins",  "member":"a/b"}');
    expect([out, sent[0]?.line]).toEqual(["group: admins\nmember: a/b\n", "GET /v1/orgs/A@x/memberships/admins/a/b"]);
    expect((await reeve(["get", "organization", "-o", "json"], '{"name" : "x"}')).out).toBe('{"name" : "x"}\n');
    expect((await reeve(["get", "role"])).err).toContain("is named by ID");
    expect((await reeve(["get", "user", "ada"])).exit).toBe(EXIT.usage);
  });

  it("get says which object was probably meant", async () => {
    const missing = refusal(404, { code: "object_not_found" });
    const { exit, err } = await reeve(["get", "principal", "aad"], missing, items([{ id: "ada" }, { id: "bob" }]));
    expect([exit, err]).toEqual([EXIT.notFound, expect.stringContaining("Did you mean ada?")]);
  });

  it("an organization that is not there is told with the one that was probably meant", async () => {
    const missing = refusal(404, { code: "organization_not_found" });
    const { exit, err } = await reeve(["list", "roles"], missing, { items: [{ id: "A@y" }, { id: "ZZZZ" }] });
    expect([exit, err]).toEqual([EXIT.notFound, expect.stringContaining("Did you mean A@y?")]);
  });

  it("history tells when, by whom and what", async () => {
    const event = { changeSet: "c1", time: 0, actor: { type: "user", id: "ada" }, life: 1, revision: "e.2" };
    const { out } = await reeve(["history", "principals", "ben"], {
      items: [
        { ...event, before: { id: "ben", name: "B" }, after: null, reason: "left" },
        { ...event, before: { id: "ben" }, after: { id: "ben", name: "B" } },
        { ...event, before: null, after: { id: "ben" } },
      ],
    });
    expect(out).toBe(
      [
        "TIME                  BY        WHAT          CHANGE SET  REASON",
        "1970-01-01T00:00:00Z  user:ada  deleted       c1          left",
        "1970-01-01T00:00:00Z  user:ada  changed name  c1",
        "1970-01-01T00:00:00Z  user:ada  made          c1",
        "",
      ].join("\n"),
    );
  });

  it("changes lists the newest 20, or shows one with before and after", async () => {
    const set = {
      id: "c1",
      revision: "e.2",
      time: 0,
      actor: { type: "administrator", id: "administrator" },
      action: "write",
      requestId: "r",
    };
    const { sent, out } = await reeve(["changes"], { items: [{ ...set, changes: 2 }], next: "n" });
    expect(sent[0]?.line).toBe("GET /v1/orgs/A@x/change-sets?limit=20");
    expect(out).toContain("c1  1970-01-01T00:00:00Z  administrator  write   2");
    const changes = [{ kind: "label", key: ["a"], before: { id: "a" }, after: { id: "a", name: "A" } }];
    expect((await reeve(["changes", "c1"], { ...set, reason: "why", changes })).out).toBe(
      'Change set c1\n  1970-01-01T00:00:00Z by administrator: write (why)\n  made revision e.2\nlabel a: changed name\n  + name: "A"\n',
    );
  });

  it("revert says what it did, and what to do where it may not", async () => {
    const done = await reeve(["revert", "c1", "--reason", "oops"], { revision: "e.3", changeSet: "c2", applied: 2 });
    expect(done).toMatchObject({ exit: EXIT.yes, out: "Taken back: 2 changes, as change set c2.\n  revision e.3\n" });
    expect(done.sent).toEqual([{ line: "POST /v1/orgs/A@x/change-sets/c1/revert", body: { reason: "oops" } }]);
    const errors = [{ code: "later_change", pointer: "", detail: "role r was changed by c9." }];
    const { exit, err } = await reeve(["revert", "c1"], refusal(409, { code: "revert_conflict", errors }));
    expect([exit, err]).toEqual([
      EXIT.usage,
      expect.stringMatching(/role r was changed by c9\.[\s\S]*Take those later change sets back first/),
    ]);
  });
});

describe("tokens", () => {
  const made = { id: "tid", principal: "ada", ceiling: "decide", created: 0, secret: "s3cret" };

  it("create writes the secret alone to stdout, and the rest to stderr", async () => {
    const words = ["token", "create", "--principal", "ada", "--ceiling", "read", "--name", "ci", "--expires", "2030-01-02T03:04:05Z"];
    const { exit, out, err, sent } = await reeve(words, made);
    expect([exit, out]).toEqual([EXIT.yes, "s3cret\n"]);
    expect(err).toContain("tid");
    expect(err).not.toContain("s3cret");
    const body = { principal: "ada", ceiling: "read", name: "ci", expires: Date.UTC(2030, 0, 2, 3, 4, 5) };
    expect(sent).toEqual([{ line: "POST /v1/orgs/A@x/tokens", body }]);
  });

  it("create makes the administrator's too, and refuses what is neither or both", async () => {
    const { sent } = await reeve(["token", "create", "--administrator", "--expires", "90d"], made);
    expect(sent[0]?.line).toBe("POST /v1/tokens");
    expect((sent[0]!.body as { expires: number }).expires).toBeGreaterThan(Date.now() + 89 * 86_400_000);
    for (const words of [[], ["--principal", "a", "--administrator"], ["--principal", "a", "--expires", "soon"]]) {
      expect(await reeve(["token", "create", ...words])).toMatchObject({ exit: EXIT.usage, out: "", sent: [] });
    }
  });

  it("list shows no secrets, and revoke ends one", async () => {
    const { out, sent } = await reeve(["token", "list", "--principal", "ada"], { items: [{ ...made, secret: undefined, lastUsed: 0 }] });
    expect(out).toContain("tid  ada        decide");
    expect(sent[0]?.line).toBe("GET /v1/orgs/A@x/tokens?principal=ada&limit=500");
    const ended = await reeve(["token", "revoke", "tid", "--administrator"], () => new Response(null, { status: 204 }));
    expect([ended.exit, ended.sent[0]?.line]).toEqual([EXIT.yes, "DELETE /v1/tokens/tid"]);
  });
});

describe("what was probably meant by a question that finds nothing", () => {
  const principals = items([{ id: "ada", type: "user" }]);
  const products = items([{ id: "p", types: { apis: { actions: { view: [] } } } }]);
  const missing = refusal(404, { code: "object_not_found" });
  const answers = ({ line }: Sent) => {
    if (line.includes("/principals/")) return line.endsWith("/ada") ? { id: "ada", type: "user" } : missing();
    return line.includes("/principals?") ? principals : line.includes("/products?") ? products : page([]);
  };

  it.each([
    [["what-can", "user:adda"], "There is no user:adda. Did you mean user:ada?"],
    [["what-can", "user:adda", "--held", "/"], "There is no user:adda. Did you mean user:ada?"],
    [["who-can", "veiw", "/x"], "No type has the action veiw. Did you mean view?"],
    [["list", "resources", "--subject", "user:ada", "--action", "view", "--type", "api"], "There is no type api. Did you mean apis?"],
    [["history", "principal", "aad"], "Did you mean ada?"],
  ])("is looked up: %j", async (words, told) => {
    const found = (sent: Sent) => (sent.line.includes("/history?") ? items([]) : answers(sent));
    expect(await reeve(words, found)).toMatchObject({ exit: EXIT.yes, out: "", err: `None.\n${told}\n` });
  });

  it("is not told where nobody may look, and not of groups that every organization has", async () => {
    const refused = refusal(403, { code: "not_permitted" });
    expect((await reeve(["what-can", "user:adda"], page([]), refused)).err).toBe("None.\n");
    expect((await reeve(["what-can", "group:admins"], page([]), missing)).err).toBe("None.\n");
  });

  it("is looked up in a permission table too", async () => {
    const role = { id: "deployment-manager", name: "Deployment Manager", aliases: [], operations: 1 };
    const table = { rows: [], roles: [role], permissions: [] };
    const { err } = await reeve(["catalogue", "table", "--profile", "deploy-manager", "-o", "json"], table);
    expect(err).toBe("");
    expect((await reeve(["catalogue", "table", "--profile", "deploy-manager", "-o", "table"], table)).err).toBe(
      "None.\nThere is no product profile deploy-manager. Did you mean deployment-manager?\n",
    );
  });
});

describe("what was probably meant by a denied question", () => {
  const denied = (code: string) => ({ decision: false, context: { id: "i", revision: "e.1", reasons: [{ code, message: "No." }] } });
  const operations = items([
    { method: "GET", path: "/api/program/{programId}" },
    { method: "GET", path: "/api/programs" },
  ]);

  it.each([
    {
      code: "unknown_principal",
      words: ["--action", "view", "--resource", "/"],
      answer: items([{ type: "user", id: "ada" }]),
      meant: "user:ada",
    },
    {
      code: "unknown_principal",
      words: ["--action", "view", "--resource", "/"],
      answer: items([{ type: "group", id: "adda" }]),
      meant: "group:adda",
    },
    {
      code: "unknown_action",
      words: ["--action", "veiw", "--resource", "/"],
      answer: items([{ id: "p", types: { apis: { actions: { view: [] } } } }]),
      meant: "view",
    },
    {
      code: "unknown_operation",
      words: ["--product", "p", "GET", "/api/progrm/4?x=1"],
      answer: operations,
      meant: "GET /api/program/{programId}",
    },
  ])("is looked up: $code, $meant", async ({ code, words, answer, meant }) => {
    const { exit, err } = await reeve(["check", "--subject", "user:adda", ...words], denied(code), answer);
    expect([exit, err]).toEqual([EXIT.no, `  Did you mean ${meant}?\n`]);
  });

  it("is not looked up for other denials, and nothing breaks where nobody may look", async () => {
    const words = ["check", "--subject", "user:ada", "--action", "view", "--resource", "/"];
    expect((await reeve(words, denied("no_access"))).sent).toHaveLength(1);
    const refused = await reeve(words, denied("unknown_principal"), refusal(403, { code: "not_permitted" }));
    expect(refused).toMatchObject({ exit: EXIT.no, err: "" });
  });
});
