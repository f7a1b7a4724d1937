/**
 * Attacks on a running server by those who hold, or held, a token: bytes that a parser and a shortcut could read differently, rights that
 * ended while a request was under way, and ways to more than was given.
 */
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization, put, remove } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let nowMs = Date.now();
let served: Served;
let one: Organization;
let other: Organization;
beforeAll(async () => {
  served = await serve({ wiring: { clock: () => nowMs } });
  const people = [
    ...BASE,
    put("principal", { id: "boss", type: "user" }),
    ...["boss", "ann"].map((member) => put("membership", { group: "admins", member })),
    put("principal", { id: "bot", type: "service-account" }),
    put("assignment", { role: "reeve-decision-point", principal: "bot" }),
    put("grant", { principal: "ann", resource: "/folders/a", access: "R", reach: "self" }),
  ];
  one = await makeOrganization(served, people);
  other = await makeOrganization(served, people);
});
afterAll(() => served?.close());

const CHECK = JSON.stringify({ subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/folders/a" } });
const at = (of: Organization, path: string, sent: Parameters<Served["call"]>[1] = {}): Promise<Answer> =>
  served.call(`/v1/orgs/${of.id}${path}`, sent);
const codeOf = ({ status, body }: Answer): string => `${status} ${body?.code ?? ""}`.trim();
async function tokenOf(principal: string, ceiling = "admin", more: object = {}): Promise<{ readonly id: string; readonly secret: string }> {
  const made = await at(one, "/tokens", { body: { principal, ceiling, ...more } });
  expect(made.status, made.text).toBe(201);
  return made.body;
}

type Sending = { readonly [part in "token" | "path" | "body" | "length" | "more"]?: string };
function requestOf({ token = served.token, path = "/check", body = CHECK, length, more = "" }: Sending = {}): string {
  const head = [`POST /v1/orgs/${one.id}${path} HTTP/1.1`, "host: a", `authorization: Bearer ${token}`, "content-type: application/json"];
  return `${head.join("\r\n")}\r\ncontent-length: ${length ?? Buffer.byteLength(body, "latin1")}\r\n${more}\r\n${body}`;
}

/** A connection that says what was answered, each answer once. */
class Connection {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #isClosed = false;
  #changed: () => void = () => undefined;
  constructor() {
    this.#socket = connect(Number(new URL(served.url).port), "127.0.0.1").setNoDelay();
    this.#socket.on("data", (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#changed();
    });
    for (const end of ["end", "close", "error"]) {
      this.#socket.on(end, () => {
        this.#isClosed = true;
        this.#changed();
      });
    }
  }
  send(text: string): void {
    this.#socket.write(text, "latin1");
  }
  /** The next answer, without what is new each time; `undefined`: the connection was closed, or nothing came in time. */
  async next(waitMs = 2_000): Promise<string | undefined> {
    const endMs = performance.now() + waitMs;
    for (;;) {
      const head = this.#bytes.indexOf("\r\n\r\n") + 4;
      const length = Number(/content-length: (\d+)/i.exec(this.#bytes.toString("latin1", 0, head))?.[1] ?? 0);
      if (head >= 4 && this.#bytes.length >= head + length) {
        const answer = this.#bytes.toString("utf8", 0, head + length);
        this.#bytes = this.#bytes.subarray(head + length);
        return answer.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>").replace(/\r\nDate: [^\r]*/i, "");
      }
      const leftMs = endMs - performance.now();
      if (this.#isClosed || leftMs <= 0) return undefined;
      await this.#change(leftMs);
    }
  }
  async asked(text: string): Promise<string> {
    this.send(text);
    const answer = (await this.next()) ?? "nothing";
    return /"decision":(true|false)/.exec(answer)?.[1] ?? /"code":"(\w+)"/.exec(answer)?.[1] ?? answer;
  }
  /** Sends nothing more, and takes what is still answered. */
  finish(): void {
    this.#socket.end();
  }
  end(): void {
    this.#socket.destroy();
  }
  #change(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, waitMs);
      this.#changed = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function over<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = new Connection();
  try {
    return await work(connection);
  } finally {
    connection.end();
  }
}

describe("bytes behind a request that was learnt", () => {
  /** Spellings of a length, of which # is the true one; the first two are one more and one less. */
  const LENGTHS = "+|-|0#|+#|-#|#,#|0x#|#.0|00000000#|\t # \t|#\n|#\0||18446744073709551616|\r\n #|#\r\n x"
    .concat("|#\r\ncontent-length: #|#\r\ncontent-length: 5|5\r\ncontent-length: #|#\r\ntransfer-encoding: chunked")
    .split("|");
  const spelt = (spelling: string, length: number): string =>
    spelling === "+" ? `${length + 1}` : spelling === "-" ? `${length - 1}` : spelling.replaceAll("#", String(length));
  const BODIES = [
    CHECK,
    `${CHECK} `,
    "{}",
    "",
    '"\u00c3\u00a9"',
    "\u00ff\u00fe",
    "\u00ef\u00bb\u00bf{}",
    "0\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
  ];
  const PLAIN = "x-something: or-other, and more\r\n";
  /** Headers of one length, so that only their letters tell them apart. */
  const MORE = ["x:a\r\n b", "x:a\n", "connection:close", "expect:100-continue", "upgrade:h2c", "content-length :3", "reeve-at-least:a.1"]
    .concat(["transfer-encoding:x", "x:\r\n content-length:5", "content-length:5", "host:b", "authorization:x", "content-type:a/b"])
    .map((more) => `${more.padEnd(PLAIN.length - 2)}\r\n`);
  const request = fc
    .record({
      body: fc.oneof(fc.constant(CHECK), fc.constantFrom(...BODIES)),
      more: fc.oneof({ weight: 6, arbitrary: fc.constant(PLAIN) }, { weight: 1, arbitrary: fc.constantFrom(...MORE) }),
      before: fc.oneof({ weight: 8, arbitrary: fc.constant("") }, { weight: 1, arbitrary: fc.constantFrom("\r\n", "\n", "\r\n\r\n") }),
      after: fc.oneof({ weight: 8, arbitrary: fc.constant("") }, { weight: 1, arbitrary: fc.constantFrom("\r\n", "G", "\0") }),
      cut: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(400) }),
    })
    .map(({ body, more, before, after, cut }) => {
      const text = before + requestOf({ body, more }) + after;
      return cut === 0 || cut >= text.length ? [text] : [text.slice(0, cut), text.slice(cut)];
    });

  /** Everything that is answered. A connection whose first request came in two pieces is parsed by Node alone. */
  const answersTo = (chunks: readonly string[], isOfNode: boolean): Promise<string> =>
    over(async (connection) => {
      const first = requestOf({ more: PLAIN });
      connection.send(first.slice(0, isOfNode ? 30 : first.length));
      if (isOfNode) {
        await soon(5);
        connection.send(first.slice(30));
      }
      const answers = [await connection.next()];
      for (const chunk of chunks) {
        connection.send(chunk);
        answers.push((await connection.next(40)) ?? "");
      }
      connection.finish();
      for (let answer = await connection.next(); answer !== undefined; answer = await connection.next()) answers.push(answer);
      return answers.join("");
    });

  /** A slow moment may put two chunks together: what differs twice is different. */
  const compare = async (chunks: readonly string[]): Promise<void> => {
    const [learnt, parsed] = await Promise.all([answersTo(chunks, false), answersTo(chunks, true)]);
    if (learnt !== parsed) expect(await answersTo(chunks, false), JSON.stringify(chunks)).toBe(await answersTo(chunks, true));
  };

  it("are answered as Node's parser reads them, however a length or a header is spelt", { timeout: 20_000 }, async () => {
    const ofLengths = LENGTHS.flatMap((length) =>
      BODIES.map((body) => requestOf({ body, length: spelt(length, body.length), more: PLAIN })),
    );
    const ofHeaders = MORE.flatMap((more) => BODIES.map((body) => requestOf({ body, more })));
    const all = [...ofLengths, ...ofHeaders];
    for (let begin = 0; begin < all.length; begin += 8) {
      await Promise.all(all.slice(begin, begin + 8).map((text) => compare([text, requestOf({ more: PLAIN })])));
    }
  });

  it("are answered as Node's parser reads them, however they are cut and put together", { timeout: 20_000 }, async () => {
    const requests = fc.array(request, { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(requests, async (sent) => compare(sent.flat())),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it("are one request wherever they are cut", async () => {
    const text = requestOf();
    const cuts = Array.from({ length: text.length - 1 }, (_, index) => index + 1);
    for (let begin = 0; begin < cuts.length; begin += 64) {
      const told = cuts.slice(begin, begin + 64).map((cut) =>
        over(async (connection) => {
          const first = await connection.asked(text);
          connection.send(text.slice(0, cut));
          await soon(2);
          return [first, await connection.asked(text.slice(cut)), await connection.asked(text)];
        }),
      );
      for (const answers of await Promise.all(told)) expect(answers).toEqual(["true", "true", "true"]);
    }
  });

  it("are one request where the body is another one", async () => {
    await over(async (connection) => {
      expect(await connection.asked(requestOf())).toBe("true");
      expect(await connection.asked(requestOf({ body: requestOf() }))).toBe("malformed_json");
      expect(await connection.next(100)).toBeUndefined();
    });
  });
});

describe("on a connection that has asked with the same head before", () => {
  const role = put("assignment", { role: "reeve-decision-point", principal: "bot" });
  const botValue = { id: "bot", type: "service-account" };
  const bot = put("principal", botValue);
  const grantKey = { principal: "ann", resource: "/folders/a" };
  const grant = put("grant", { ...grantKey, access: "R", reach: "self" });
  const later = async (ms: number): Promise<void> => {
    nowMs += ms;
  };
  type End = { readonly answer: string; ends(token: string): Promise<unknown>; readonly again?: readonly object[] };
  it.each<[what: string, end: End]>([
    ["the token is ended", { answer: "not_authenticated", ends: (id) => at(one, `/tokens/${id}`, { method: "DELETE" }) }],
    ["the token has expired", { answer: "not_authenticated", ends: () => later(60_000) }],
    [
      "its role is taken",
      {
        answer: "not_permitted",
        ends: () => one.writes([remove("assignment", { role: "reeve-decision-point", principal: "bot" })]),
        again: [role],
      },
    ],
    [
      "its principal is inactive",
      { answer: "not_authenticated", ends: () => one.writes([put("principal", { ...botValue, active: false })]), again: [bot] },
    ],
    [
      "its principal has another life",
      { answer: "not_authenticated", ends: () => one.writes([remove("principal", { id: "bot" }), bot, role]) },
    ],
    [
      "whoever is asked about lost the right",
      { answer: "false", ends: () => one.writes([remove("grant", { ...grantKey, reach: "self" })]), again: [grant] },
    ],
    [
      "that right is over",
      {
        answer: "false",
        async ends() {
          await one.writes([put("grant", { ...grantKey, access: "R", reach: "self", notAfter: nowMs + 1_000 })]);
          await later(1_000);
        },
        again: [grant],
      },
    ],
  ])("the next requests are refused when %s", async (_what, { answer, ends, again = [] }) => {
    const { id, secret: token } = await tokenOf("bot", "decide", { expires: nowMs + 60_000 });
    await over(async (connection) => {
      for (const _ of [1, 2, 3]) expect(await connection.asked(requestOf({ token }))).toBe("true");
      await ends(id);
      // Twice: what was known of the token is forgotten with a write, and looked up again by the first one.
      for (const _ of [1, 2]) expect(await connection.asked(requestOf({ token }))).toBe(answer);
    });
    await one.writes(again.length > 0 ? again : [bot]);
  });
});

describe("whoever sends a body slowly", () => {
  const backdoor = JSON.stringify({
    changes: [put("principal", { id: "eve", type: "user" }), put("membership", { group: "admins", member: "eve" })],
  });
  it.each<[path: string, body: string]>([
    ["/changes", backdoor],
    ["/check", CHECK],
    ["/check/batch?", JSON.stringify({ evaluations: [JSON.parse(CHECK)] })],
    ["/tokens", JSON.stringify({ principal: "boss", ceiling: "admin" })],
  ])("does nothing with a token that ended before the body did: %s", async (path, body) => {
    const { id, secret: token } = await tokenOf("boss");
    const text = requestOf({ token, path, body });
    await over(async (connection) => {
      connection.send(text.slice(0, -10));
      await soon(30);
      expect((await at(one, `/tokens/${id}`, { method: "DELETE" })).status).toBe(204);
      expect(await connection.asked(text.slice(-10))).toBe("not_authenticated");
    });
    expect((await at(one, "/principals/eve")).status).toBe(404);
  });

  it("does nothing with a right that ended before the body did", async () => {
    const { secret: token } = await tokenOf("boss");
    const text = requestOf({ token, path: "/changes", body: backdoor });
    await over(async (connection) => {
      connection.send(text.slice(0, -10));
      await soon(30);
      await one.writes([remove("membership", { group: "admins", member: "boss" })]);
      expect(await connection.asked(text.slice(-10))).toBe("not_permitted");
    });
    await one.writes([put("membership", { group: "admins", member: "boss" })]);
    expect((await at(one, "/principals/eve")).status).toBe(404);
  });
});

describe("an organization's administrator", () => {
  const reeve = { product: "reeve", name: "X" };
  const tries: readonly (readonly [string, object])[] = [
    ["the product reeve", put("product", { id: "reeve", boundedBy: "none", settings: {}, types: {} })],
    [
      "one of its sets",
      put("permission-set", { ...reeve, id: "reeve-ask", pairs: [{ type: "organization", actions: ["administer-reeve"] }] }),
    ],
    [
      "another set of it",
      put("permission-set", { ...reeve, id: "mine", pairs: [{ type: "organization", actions: ["administer-reeve"] }] }),
    ],
    ["a set's product", put("permission-set", { ...reeve, product: "files", id: "reeve-ask", pairs: [] })],
    ["one of its roles", put("role", { ...reeve, id: "reeve-decision-point", sets: [{ set: "reeve-administer" }] })],
    ["another built-in role of it", put("role", { ...reeve, id: "r", type: "system-defined", builtIn: true, sets: [] })],
    [
      "whose action it is",
      put("product", { id: "x", boundedBy: "none", settings: {}, types: { organization: { actions: { "administer-reeve": ["R"] } } } }),
    ],
    ["that it is there", remove("product", { id: "reeve" })],
    ["that a role is there", remove("role", { id: "reeve-auditor" })],
  ];
  it.each(tries)("does not change %s, with a catalogue or without", async (_what, change) => {
    const { secret: token } = await tokenOf("boss");
    for (const catalogue of [false, true]) {
      expect(codeOf(await at(one, "/changes", { token, body: { catalogue, changes: [change] } }))).toBe("422 changes_refused");
      expect(codeOf(await at(one, "/preview", { token, body: { catalogue, changes: [change] } }))).toBe("422 changes_refused");
    }
  });

  it("gives nobody a right over Reeve by other means than its roles", async () => {
    const { secret: token } = await tokenOf("bob");
    await one.writes([
      put("grant", { principal: "bob", resource: "/", access: "RWX", reach: "subtree" }),
      put("product-administrator", { product: "reeve", principal: "bob" }),
      put("developer-access", { role: "reeve-administrator", principal: "bob" }),
    ]);
    for (const sent of [{}, { body: {} }])
      expect(codeOf(await at(one, sent.body ? "/check" : "/export", { token, ...sent }))).toBe("403 not_permitted");
    expect(codeOf(await at(one, "/changes", { token, body: { changes: [] } }))).toBe("403 not_permitted");
  });

  it("reaches neither the server nor another organization, nor makes a token from one with a lower ceiling", async () => {
    const { secret: token } = await tokenOf("boss");
    for (const path of ["/v1/orgs", "/v1/tokens"])
      expect(codeOf(await served.call(path, { token, body: { ceiling: "admin" } }))).toBe("403 not_permitted");
    for (const id of [other.id, "nobody", `${one.id}%00`, `${one.id}%2F..`, "__proto__"]) {
      expect(codeOf(await served.call(`/v1/orgs/${id}/tokens`, { token, body: {} }))).toBe("404 organization_not_found");
    }
    for (const ceiling of ["read", "decide"]) {
      const { secret: lower } = await tokenOf("boss", ceiling);
      expect(codeOf(await at(one, "/tokens", { token: lower, body: { principal: "boss", ceiling: "admin" } }))).toBe("403 not_permitted");
    }
  });
});

describe("what is sent or taken back again", () => {
  it("under an Idempotency-Key is told under the id that it was made with", async () => {
    const make = (name: string) =>
      at(one, "/roles", { body: { product: "files", name, sets: [] }, headers: { "idempotency-key": "a key" } });
    const answers = [await make("N"), ...(await Promise.all([make("N"), make("N")]))];
    for (const { status, body, headers } of answers) {
      expect([status, body.id, headers.get("location")]).toEqual([201, answers[0]?.body.id, answers[0]?.headers.get("location")]);
    }
    expect((await served.call(answers[0]?.headers.get("location") as string)).body.name).toBe("N");
    expect(codeOf(await make("M"))).toBe("422 idempotency_key_reused");
  });

  it("gives access back to whom it was taken from, and to nobody who came to the id later", async () => {
    const mine = await makeOrganization(served, BASE);
    const grant = { principal: "ann", resource: "/folders/a" };
    const given = [put("grant", { ...grant, access: "R", reach: "self" }), put("assignment", { role: "reeve-auditor", principal: "ann" })];
    const taken = [remove("grant", { ...grant, reach: "self" }), remove("assignment", { role: "reeve-auditor", principal: "ann" })];
    const revert = (id: string | null) => at(mine, `/change-sets/${id}/revert`, { body: {} });
    await mine.writes(given);
    const renamed = await mine.writes(taken);
    await mine.writes([put("principal", { id: "ann", type: "user", name: "Ann" })]);
    expect((await revert(renamed.changeSet)).status).toBe(200);
    expect(await mine.may("ann", "read", "/folders/a")).toBe(true);
    const { changeSet } = await mine.writes(taken);
    await mine.writes([remove("principal", { id: "ann" })]);
    await mine.writes([put("principal", { id: "ann", type: "user", name: "Another" })]);
    const refused = await revert(changeSet);
    expect([codeOf(refused), refused.body.errors.length]).toEqual(["409 revert_conflict", 1]);
    expect(await mine.may("ann", "read", "/folders/a")).toBe(false);
  });
});
