/**
 * Mail by a real SMTP server: invitations and links to reset a password are handed over, by TLS but on loopback, within their time; what
 * was not leaves no link that counts, and the log says why and nothing else.
 */
import { createServer, type Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { WIRING } from "@reeve/server";
import type { SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makePair } from "./certificates.ts";
import { linkIn, type MailServer, mailServer, textOf } from "./mail-server.ts";
import { makeOrganization, type Organization } from "./organization.ts";
import { address, PASSWORD } from "./people.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const FROM = "Reeve <reeve@example.com>";
const SENDER = { name: "Reeve", address: "reeve@example.com" };
const trusted = makePair();
const servers: { close(): Promise<unknown> }[] = [];
const log: string[] = [];

beforeAll(() => setDefaultCACertificates([...getCACertificates("default"), trusted.certificate]));
afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => one.close()));
  log.length = 0;
});

async function mails(options?: SMTPServerOptions): Promise<MailServer> {
  const made = await mailServer(options);
  servers.push(made);
  return made;
}
async function reeve(url: string, publicUrl = "https://reeve.example.com"): Promise<Served> {
  const write = (line: string) => void log.push(line);
  const environment = { REEVE_SMTP_URL: url, REEVE_MAIL_FROM: FROM, REEVE_PUBLIC_URL: publicUrl, REEVE_LOG_LEVEL: "trace" };
  const made = await serve({ environment, wiring: { log: { write } } as never });
  servers.unshift(made);
  return made;
}
const invite = (served: Served, one: Organization, email: string): Promise<Answer> =>
  served.call(`/v1/orgs/${one.id}/invitations`, { body: { email, id: "eve", name: "Eve" } });
const accept = (served: Served, token: string): Promise<Answer> =>
  served.call("/invitations/accept", { body: { token, password: PASSWORD }, token: null });
const tokenOf = (link: string): string => link.split("#")[1] ?? "";

describe("an invitation", () => {
  it("goes to its address alone, in plain text, and its link is nowhere else", async () => {
    const smtp = await mails();
    const served = await reeve(`smtp://127.0.0.1:${smtp.port}`);
    const one = await makeOrganization(served);
    const email = address();
    const answer = await invite(served, one, email);
    expect(answer.status, answer.text).toBe(201);
    expect(answer.text).not.toContain("rvi_");
    const mail = await smtp.next();
    expect([mail.from, mail.to]).toEqual([SENDER.address, [email]]);
    expect(mail.raw).toMatch(/^From: Reeve <reeve@example\.com>\r\nTo: person\d+@example\.com\r\nSubject: Your invitation to Reeve\r\n/m);
    expect(mail.raw).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m);
    expect(textOf(mail)).toContain(`the organization ${one.id}.`);
    const link = linkIn(mail);
    expect(link).toMatch(/^https:\/\/reeve\.example\.com\/invitation#rvi_[\w-]{43}$/);
    expect((await accept(served, tokenOf(link))).status).toBe(200);
    await served.close();
    for (const secret of [tokenOf(link), email, email.split("@")[0] as string]) expect(log.join("")).not.toContain(secret);
  });

  it.each(["Eve@Example.com", "ève@exämple.example", "o'brien+tag@example.com"])("reaches %s as it is spelled", async (email) => {
    const smtp = await mails();
    const served = await reeve(`smtp://127.0.0.1:${smtp.port}`);
    expect((await invite(served, await makeOrganization(served), email)).status).toBe(201);
    const { to } = await smtp.next();
    expect(to).toHaveLength(1);
    expect(to[0]?.split("@")[0]).toBe(email.split("@")[0]);
  });

  it.each([
    "eve@example.com\r\nBcc: mallory@example.com",
    "eve@example.com\nSubject: x",
    "eve@example.com,mallory@example.com",
    "Eve <eve@example.com>",
    "eve@example.com>\u2028RCPT TO:<mallory@example.com",
  ])("to %j is refused, and nothing is sent", async (email) => {
    const smtp = await mails();
    const served = await reeve(`smtp://127.0.0.1:${smtp.port}`);
    const answer = await invite(served, await makeOrganization(served), email);
    expect([answer.status, answer.body.code]).toEqual([400, "malformed_request"]);
    expect(smtp.mails).toEqual([]);
  });

  it.each(["a>b@example.com", "eve,mallory@example.com", "<eve@example.com>", '"eve"@example.com', "eve;mallory@example.com"])(
    "to %j, which could be read as another address, is sent to nobody",
    async (email) => {
      const smtp = await mails();
      const served = await reeve(`smtp://127.0.0.1:${smtp.port}`);
      const answer = await invite(served, await makeOrganization(served), email);
      expect([answer.status, answer.body.code]).toEqual([502, "mail_failed"]);
      expect(smtp.mails).toEqual([]);
    },
  );

  it("of an organization whose name holds lines keeps them out of the headers", async () => {
    const smtp = await mails();
    const post = WIRING.openMail({ url: `smtp://127.0.0.1:${smtp.port}`, from: { name: "R\r\nBcc: a@b", address: "reeve@example.com" } });
    await post({ to: "eve@example.com", subject: "s\r\nBcc: mallory@example.com\r\n\r\nbody", text: "text\r\n.\r\nMAIL FROM:<x>" });
    const { to, raw } = await smtp.next();
    expect(to).toEqual(["eve@example.com"]);
    expect(raw.split("\r\n\r\n")[0]).not.toMatch(/^bcc:/im);
    expect(smtp.mails).toHaveLength(1);
  });
});

const refusing = (responseCode: number) => Object.assign(new Error("no <eve@example.com> here: rvi_secret"), { responseCode });
const WITHDRAWN = "The invitation was withdrawn; its user stays. Ask again once mail works: the server's log says what failed.";

describe("a mail that cannot be handed over", () => {
  it.each([
    ["a mailbox that is refused", { onRcptTo: (_, __, done) => done(refusing(550)) }, 550],
    ["a mailbox that is refused for now", { onRcptTo: (_, __, done) => done(refusing(451)) }, 451],
    ["a sender that is refused", { onMailFrom: (_, __, done) => done(refusing(553)) }, 553],
    [
      "a letter that is refused",
      {
        onData(stream, _, done) {
          stream.resume();
          stream.on("end", () => done(refusing(554)));
        },
      },
      554,
    ],
    ["a client that is refused", { onConnect: (_, done) => done(refusing(421)) }, 421],
  ] satisfies [string, SMTPServerOptions, number][])(
    "for %s is told as 502, and no link of it counts",
    async (_, options, responseCode) => {
      const smtp = await mails(options);
      const served = await reeve(`smtp://127.0.0.1:${smtp.port}`);
      const one = await makeOrganization(served);
      const answer = await invite(served, one, "eve@example.com");
      expect([answer.status, answer.body.code, answer.body.detail]).toEqual([502, "mail_failed", WITHDRAWN]);
      expect((await served.call(`/v1/orgs/${one.id}/invitations`)).body.items).toEqual([]);
      expect((await served.call(`/v1/orgs/${one.id}/principals/eve`)).status).toBe(200);
      const line = log.map((text) => JSON.parse(text)).find(({ event }) => event === "mail_failed");
      expect(line).toMatchObject({ level: 50, kind: "invitation", responseCode });
      for (const secret of ["eve@", "rvi_", "no <"]) expect(log.join("")).not.toContain(secret);
    },
  );

  const codeOf = (post: Promise<unknown>): Promise<string> =>
    post.then(
      () => "sent",
      ({ code }: { code: string }) => code,
    );
  const LETTER = { to: "eve@example.com", subject: "s", text: "t" };
  const open = (url: string): ReturnType<typeof WIRING.openMail> => WIRING.openMail({ url, from: SENDER });
  const pair = { key: trusted.key, cert: trusted.certificate };

  it("beyond loopback goes by STARTTLS, to a server whose certificate counts, and not at all without", async () => {
    const [plain, good, bad] = [await mails(), await mails(pair), await mails({ ...stranger() })];
    expect(await codeOf(open(`smtp://0.0.0.0:${plain.port}`)(LETTER))).toBe("ETLS");
    expect(await codeOf(open(`smtp://0.0.0.0:${good.port}`)(LETTER))).toBe("sent");
    expect(await codeOf(open(`smtp://0.0.0.0:${bad.port}`)(LETTER))).toMatch(/^E(TLS|SOCKET)$/);
    expect([plain.mails, good.mails, bad.mails].map(({ length }) => length)).toEqual([0, 1, 0]);
  });

  it("by TLS from the first byte needs a certificate that counts, on loopback too", async () => {
    const [good, bad, plain] = [await mails({ ...pair, secure: true }), await mails({ ...stranger(), secure: true }), await mails()];
    expect(await codeOf(open(`smtps://localhost:${good.port}`)(LETTER))).toBe("sent");
    expect(await codeOf(open(`smtps://127.0.0.1:${bad.port}`)(LETTER))).toMatch(/^E(TLS|SOCKET)$/);
    expect(await codeOf(open(`smtps://127.0.0.1:${plain.port}`)(LETTER))).toMatch(/^E(TLS|SOCKET)$/);
    expect([good.mails, bad.mails, plain.mails].map(({ length }) => length)).toEqual([1, 0, 0]);
  });

  it("with a user and a password shows them, and sends nothing where they are refused or not asked for", async () => {
    const shown: unknown[] = [];
    const onAuth: SMTPServerOptions["onAuth"] = ({ username, password }, _, done) => {
      shown.push([username, password]);
      if (password === "p@ss word") done(null, { user: "u" });
      else done(refusing(535));
    };
    const [asks, none] = [await mails({ authOptional: false, onAuth, allowInsecureAuth: true }), await mails({ hideAUTH: true } as never)];
    expect(await codeOf(open(`smtp://u%40x:p%40ss%20word@127.0.0.1:${asks.port}`)(LETTER))).toBe("sent");
    expect(await codeOf(open(`smtp://u%40x:wrong@127.0.0.1:${asks.port}`)(LETTER))).toBe("EAUTH");
    expect(await codeOf(open(`smtp://127.0.0.1:${asks.port}`)(LETTER))).not.toBe("sent");
    expect(shown).toEqual([
      ["u@x", "p@ss word"],
      ["u@x", "wrong"],
    ]);
    expect(await codeOf(open(`smtp://u:p@127.0.0.1:${none.port}`)(LETTER))).toMatch(/^E/);
    expect([asks.mails.length, none.mails.length]).toEqual([1, 0]);
  });

  const SILENT: readonly (readonly [string, ((socket: Socket) => void) | undefined])[] = [
    ["nothing listens", undefined],
    ["it hangs", () => undefined],
    ["it goes on, a byte at a time", (socket: Socket) => drip(socket)],
    ["it speaks no SMTP", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\n")],
  ];
  it.each(SILENT)("is given up in time where %s", async (_, greet) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on("error", () => undefined));
      greet?.(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { readonly port: number };
    if (greet === undefined) await new Promise((resolve) => server.close(resolve));
    const openSoon = WIRING.openMail as (settings: object, limitMs: number) => ReturnType<typeof WIRING.openMail>;
    const beganMs = performance.now();
    expect(await codeOf(openSoon({ url: `smtp://127.0.0.1:${port}`, from: SENDER }, 300)(LETTER))).toMatch(/^E/);
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    await expect.poll(() => sockets.every(({ destroyed, readableEnded }) => destroyed || readableEnded)).toBe(true);
    server.close();
  });
});

function drip(socket: Socket): void {
  const every = setInterval(() => socket.write("2"), 20);
  socket.once("close", () => clearInterval(every));
}

/** A certificate that nobody here trusts. */
function stranger(): Pick<SMTPServerOptions, "key" | "cert"> {
  const { key, certificate } = makePair();
  return { key, cert: certificate };
}

describe("a link to reset a password", () => {
  let smtp: MailServer;
  let served: Served;
  let nowMs = Date.now();
  beforeAll(async () => {
    smtp = await mailServer();
    served = await serve({
      environment: { REEVE_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, REEVE_MAIL_FROM: FROM },
      wiring: { clock: () => nowMs },
    });
  });
  afterAll(async () => {
    await served?.close();
    await smtp?.close();
  });
  const ask = (email: unknown): Promise<Answer> => served.call("/password-resets", { body: { email }, token: null });
  const reset = (token: string, password = "another long password"): Promise<Answer> =>
    served.call("/password-resets/accept", { body: { token, password }, token: null });
  const signedIn = async (email: string, password: string): Promise<number> =>
    (await served.call("/session", { body: { email, password }, token: null })).status;
  async function person(): Promise<string> {
    const email = address();
    await invite(served, await makeOrganization(served), email);
    expect((await accept(served, tokenOf(linkIn(await smtp.next())))).status).toBe(200);
    return email;
  }

  it("goes to who has an account, whoever asks, and changes its password once", async () => {
    const email = await person();
    const answer = await ask(email.toUpperCase());
    expect([answer.status, answer.text]).toEqual([202, ""]);
    const mail = await smtp.next();
    expect([mail.to, /^Subject: (.*)\r$/m.exec(mail.raw)?.[1]]).toEqual([[email], "Choose another password for Reeve"]);
    const link = linkIn(mail);
    expect(link).toBe(`${served.url}/password#${tokenOf(link)}`);
    const done = await reset(tokenOf(link));
    expect([done.status, done.body.email, done.headers.get("cache-control")]).toEqual([200, email, "no-store"]);
    expect([await signedIn(email, PASSWORD), await signedIn(email, "another long password")]).toEqual([401, 201]);
    expect((await reset(tokenOf(link))).body.code).toBe("password_reset_not_found");
  });

  it("is answered alike for whom there is none, and nothing is sent", async () => {
    const [known, unknown] = [await ask(await person()), await ask("nobody@example.com")];
    const headers = ({ headers }: Answer) => [...headers.keys()].filter((name) => name !== "date");
    expect([unknown.status, unknown.text, headers(unknown)]).toEqual([known.status, known.text, headers(known)]);
    await smtp.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(smtp.mails.filter(({ to }) => to.includes("nobody@example.com"))).toEqual([]);
  });

  it("goes to the account's own address, not to one that is spelled alike", async () => {
    const email = `kate${Date.now()}@example.com`;
    await invite(served, await makeOrganization(served), email);
    await accept(served, tokenOf(linkIn(await smtp.next())));
    // The Kelvin sign becomes a `k` in lower case.
    expect((await ask(email.replace("k", "\u212a"))).status).toBe(202);
    expect((await smtp.next()).to).toEqual([email]);
  });

  it("is waited for by whoever has many sent to one address, known or not, and nobody's earlier link ends", async () => {
    nowMs += 3_600_000;
    const email = await person();
    for (const who of [email, address()]) {
      for (let n = 0; n < 3; n++) expect((await ask(who)).status).toBe(202);
      const late = await ask(who);
      expect([late.status, late.body.code, late.headers.get("retry-after")]).toEqual([429, "too_many_attempts", "1"]);
    }
    const links = [linkIn(await smtp.next()), linkIn(await smtp.next()), linkIn(await smtp.next())];
    expect((await reset(tokenOf(links[0] as string))).status).toBe(200);
    // All others end with the password that they were made for.
    expect((await reset(tokenOf(links[2] as string))).status).toBe(404);
  });

  it("counts for an hour", async () => {
    const email = await person();
    await ask(email);
    const token = tokenOf(linkIn(await smtp.next()));
    nowMs += 3_600_000;
    expect((await reset(token)).body.code).toBe("password_reset_not_found");
    expect(await signedIn(email, PASSWORD)).toBe(201);
  });

  it.each(["", "x".repeat(2_000), 7, null])("for %j is refused", async (email) => {
    expect((await ask(email)).body.code).toBe("malformed_request");
  });
});

it("A server without mail says so, whatever the address, and shows whoever invites the link", async () => {
  const served = await serve();
  servers.push(served);
  for (const email of [address(), "nobody@example.com"]) {
    const answer = await served.call("/password-resets", { body: { email }, token: null });
    expect([answer.status, answer.body.code]).toEqual([409, "mail_not_configured"]);
  }
  expect((await invite(served, await makeOrganization(served), address())).body.link).toContain("/invitation#rvi_");
});
