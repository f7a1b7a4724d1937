/** Rates: who asks too often waits, and nobody else with him; behind proxies everybody is who he is. The clock stands unless it is moved. */
import { connect } from "node:net";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { World } from "./every-route.ts";
import { makeOrganization } from "./organization.ts";
import { address, cookieIn, join, PASSWORD, signIn, tokenIn } from "./people.ts";
import { type Answer, DEMO, type Sent, type Served, serve } from "./serve.ts";

const CHECK = { subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/spaces/apim" } };
const BURST = 3;
const STRANGERS = { REEVE_STRANGERS_RATE: "1", REEVE_STRANGERS_BURST: String(BURST) };
const PROXIED = { REEVE_TRUSTED_PROXIES: "127.0.0.0/8" };

let nowMs = Date.now();
afterEach(() => {
  nowMs = Date.now();
});
async function started(environment: Readonly<Record<string, string>>): Promise<Served> {
  const served = await serve({ environment, wiring: { clock: () => nowMs } });
  onTestFinished(() => served.close());
  return served;
}
const from = (client: string): Sent => ({ headers: { "x-forwarded-for": client } });
const seen = ({ status, body, headers }: Answer): string => [status, body?.code, headers.get("retry-after")].filter(Boolean).join(" ");
async function times(count: number, ask: () => Promise<Answer>): Promise<readonly string[]> {
  const all: string[] = [];
  for (let asked = 0; asked < count; asked++) all.push(seen(await ask()));
  return all;
}
const burst = (one: string, then: string): readonly string[] => [...Array.from({ length: BURST }, () => one), then, then];
const OFTEN = "429 too_many_requests 1";

describe("an address from which nobody is known", () => {
  it.each([
    ["a check", `${DEMO}/check`],
    ["a check with a query", `${DEMO}/check?x`],
  ])("waits after a burst of wrong tokens, and who has a valid one does not: %s", async (_, path) => {
    const served = await started(STRANGERS);
    const wrong = () => served.call(path, { body: CHECK, token: "reeve_wrong" });
    expect(await times(BURST + 2, wrong)).toEqual(burst("401 not_authenticated", OFTEN));
    expect((await wrong()).headers.has("www-authenticate")).toBe(false);
    expect(await times(10, () => served.call(path, { body: CHECK }))).toEqual(Array.from({ length: 10 }, () => "200"));
    expect(await times(2, () => served.call("/v1/me", { token: null }))).toEqual([OFTEN, OFTEN]);
    nowMs += 1_000;
    expect(await times(2, wrong)).toEqual(["401 not_authenticated", OFTEN]);
  });

  it("waits for open pages too; probes never wait", async () => {
    const served = await started(STRANGERS);
    for (const path of ["/operations?product=cloud-manager", "/docs", "/openapi.json", "/.well-known/jwks.json", "/nothing"]) {
      nowMs += 60_000;
      const answers = await times(BURST + 1, () => served.call(path, { token: null }));
      expect([answers.length, answers.at(-1)]).toEqual([BURST + 1, OFTEN]);
      expect(answers.slice(0, BURST)).not.toContain(OFTEN);
    }
    for (const path of ["/healthz", "/readyz"]) expect(await times(5, () => served.call(path, { token: null }))).not.toContain(OFTEN);
  });

  it("pays for secrets that are none: of clients, passwords, invitations and sessions", async () => {
    const served = await started({ ...STRANGERS, REEVE_STRANGERS_BURST: "1" });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const parameters = new URLSearchParams({ grant_type: "client_credentials", client_id: "x", client_secret: "y", scope: "openid" });
    const asks: readonly (() => Promise<Answer>)[] = [
      () => served.call("/ims/token/v3", { body: String(parameters), headers: form, token: null }),
      () => served.call("/session", { body: { email: address(), password: PASSWORD }, token: null }),
      () => served.call("/invitations/accept", { body: { token: `rvi_${"a".repeat(43)}`, password: PASSWORD }, token: null }),
      () => served.call("/session", { headers: { cookie: `reeve=rvn_${"a".repeat(43)}` }, token: null }),
    ];
    const found: (readonly string[])[] = [];
    for (const ask of asks) {
      nowMs += 60_000;
      found.push(await times(2, ask));
    }
    expect(found).toEqual([
      ["401", OFTEN],
      ["401 sign_in_refused", OFTEN],
      ["404 invitation_not_found", OFTEN],
      ["401 not_authenticated", OFTEN],
    ]);
  });

  it("cannot keep others out who share it: they sign in, accept invitations and obtain tokens all the while", async () => {
    const served = await started({ ...STRANGERS, REEVE_STRANGERS_RATE: "1000" });
    const one = await makeOrganization(served);
    const email = address();
    const invited = await served.call(`/v1/orgs/${one.id}/invitations`, { body: { email } });
    await times(BURST + 5, () => served.call("/v1/me", { token: "wrong" }));
    const accepted = await served.call("/invitations/accept", { body: { token: tokenIn(invited), password: PASSWORD }, token: null });
    expect(accepted.status).toBe(200);
    const browser = await signIn(served, email);
    expect(seen(await served.call("/v1/me", { token: "wrong" }))).toMatch(/^429 /);
    expect((await browser.call("/session")).status).toBe(200);
    expect((await browser.call("/sessions")).status).toBe(200);
  });
});

describe("who is known", () => {
  it("asks as often as he likes, unless it is configured otherwise", async () => {
    const served = await started(STRANGERS);
    expect(new Set(await times(50, () => served.call(`${DEMO}/check`, { body: CHECK })))).toEqual(new Set(["200"]));
  });

  it("waits after his own burst, on every way to an answer, and nobody else with him", async () => {
    const served = await started({ REEVE_RATE: "1", REEVE_RATE_BURST: String(BURST) });
    expect(await times(BURST + 2, () => served.call(`${DEMO}/check`, { body: CHECK }))).toEqual(burst("200", OFTEN));
    nowMs += 60_000;
    expect(await times(BURST + 2, () => served.call(`${DEMO}/check?x`, { body: CHECK }))).toEqual(burst("200", OFTEN));
    nowMs += 60_000;
    expect(await overOne(served, BURST + 2)).toEqual(burst("200", "429"));
    nowMs += 60_000;
    // A write counts once, though its right is looked at twice.
    const made = await served.call("/v1/tokens", { body: { ceiling: "read" } });
    expect(made.status).toBe(201);
    expect(await times(BURST, () => served.call("/v1/me"))).toEqual(["200", "200", OFTEN]);
    expect(await times(1, () => served.call("/v1/me", { token: "wrong" }))).toEqual(["401 not_authenticated"]);
  });

  it("waits as a client who asks for tokens too often, whatever its address", async () => {
    const served = await started({ ...STRANGERS, ...PROXIED });
    const world = await World.make(served);
    const parameters = await world.client({ grant_type: "client_credentials", scope: "openid" });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    let host = 0;
    const ask = () =>
      served.call("/ims/token/v3", {
        body: String(new URLSearchParams(parameters)),
        headers: { ...headers, ...from(`203.0.113.${++host}`).headers },
        token: null,
      });
    expect(await times(BURST + 2, ask)).toEqual(burst("200", OFTEN));
  });
});

/** Sends checks over one connection, each when the one before was answered; their statuses. */
async function overOne(served: Served, count: number): Promise<readonly string[]> {
  const body = JSON.stringify(CHECK);
  const socket = connect(Number(new URL(served.url).port), "127.0.0.1")
    .setNoDelay()
    .setEncoding("latin1");
  onTestFinished(() => void socket.destroy());
  const all: string[] = [];
  for (let asked = 0; asked < count; asked++) {
    const answer = new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
    const head = `POST ${DEMO}/check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${served.token}\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    all.push((await answer).slice(9, 12));
  }
  return all;
}

describe("behind a proxy", () => {
  it("every client has a bucket of its own where the proxy is trusted, and none by its own word", async () => {
    const served = await started({ ...STRANGERS, ...PROXIED });
    const wrong = (client: string) => () => served.call("/v1/me", { ...from(client), token: "wrong" });
    expect(await times(BURST + 1, wrong("203.0.113.1"))).toContain(OFTEN);
    expect(await times(1, wrong("203.0.113.2"))).toEqual(["401 not_authenticated"]);
    let forged = 0;
    expect(await times(2, () => wrong(`198.51.100.${++forged}, 203.0.113.1`)())).toEqual([OFTEN, OFTEN]);
    expect(await times(1, () => served.call(`${DEMO}/check`, { body: CHECK, token: "wrong", ...from("203.0.113.1") }))).toEqual([OFTEN]);
  });

  it("a header counts nothing where nobody is trusted", async () => {
    const served = await started(STRANGERS);
    let forged = 0;
    const wrong = () => served.call("/v1/me", { ...from(`203.0.113.${++forged}`), token: "wrong" });
    expect(await times(BURST + 2, wrong)).toEqual(burst("401 not_authenticated", OFTEN));
  });

  it("sessions and attempts know the client's address, and the scheme by which he came", async () => {
    const served = await started(PROXIED);
    const one = await makeOrganization(served);
    const email = address();
    await join(served, one, { email });
    const origin = { origin: served.url.replace("http:", "https:") };
    const sent = { body: { email, password: PASSWORD }, token: null };
    const refused = await served.call("/session", { ...sent, headers: { ...from("203.0.113.7").headers, ...origin } });
    expect(refused.status).toBe(403);
    const headers = { ...from("203.0.113.7").headers, ...origin, "x-forwarded-proto": "https" };
    const answer = await served.call("/session", { ...sent, headers });
    expect(answer.status, answer.text).toBe(201);
    const listed = await served.call("/sessions", { headers: { cookie: cookieIn(answer) }, token: null });
    expect(listed.body.items[0].address).toBe("203.0.113.7");
    const failing = (client: string) => () =>
      served.call("/session", { body: { email, password: "wrong password" }, token: null, ...from(client) });
    expect((await times(6, failing("203.0.113.7"))).at(-1)).toMatch(/^429 too_many_attempts/);
    expect(await times(1, failing("198.51.100.7"))).toEqual(["401 sign_in_refused"]);
  });

  it.each([
    [PROXIED, 3],
    [{}, 2],
  ])("a trusted proxy may have all connections, another address only its share: %o", async (environment, atOnce) => {
    const served = await started({ REEVE_CONNECTIONS_MAX: "3", REEVE_CONNECTIONS_PER_ADDRESS_MAX: "2", ...environment });
    const sockets = Array.from({ length: 4 }, () => connect(Number(new URL(served.url).port), "127.0.0.1"));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    const answered = sockets.map(
      (socket) =>
        new Promise<string>((resolve) => {
          socket
            .on("error", () => undefined)
            .setEncoding("latin1")
            .once("data", (chunk) => resolve(String(chunk).slice(9, 12)));
          socket.once("connect", () => socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
        }),
    );
    expect((await Promise.all(answered)).filter((status) => status === "200").length).toBe(atOnce);
  });
});
