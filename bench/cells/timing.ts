/**
 * The cell of times that must tell nothing: how long a refusal takes where there is nobody, and where there is somebody, but wrong.
 *
 * The real server over HTTP on loopback, asked by one client, the two sides in turn and each first as often as second. What an attacker
 * could tell is one number: how often a refusal of one side takes longer than one of the other (the statistic of Mann and Whitney over all
 * pairs, the area under the curve). One half: the times tell nothing. Clients come from a network each, by a trusted proxy, so that no
 * bound on attempts is met.
 * Invariant: both sides are answered with the same status and the same text, but for ids; else the cell ends.
 */
import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { environmentOf, inDirectory, TOKEN } from "../http/kept.ts";
import { start } from "../http/process.ts";
import { quantile } from "../measure.ts";
import type { Numbers } from "./decide.ts";

const SERVER = new URL("../http/server.ts", import.meta.url);
const ORG = "/v1/orgs/DEMO@ReeveOrg";
const CREDENTIAL = `${ORG}/developer-projects/log-reader/credential/secrets`;
const PASSWORD = "correct horse battery";
const FORM = "application/x-www-form-urlencoded";
/** Codes of an account that may be wrong before it has to wait. */
const CODES_A_PERSON = 16;
const WARM = 40;

/** `samples`: of each side; a tenth of it where a password is compared. */
export type TimingArgs = { readonly samples: number };
export const PAIRS = ["clientSecret", "password", "token", "invitation", "recoveryCode"] as const;
type PairName = (typeof PAIRS)[number];

type Sent = {
  readonly path: string;
  /** POST where there is a body. */
  readonly method?: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
};
type Answer = { readonly status: number; readonly text: string; readonly cookie: string; readonly us: number };
type Ask = (sent: Sent) => Promise<Answer>;
/** What is asked of either side the next time. */
type Pair = { readonly nobody: () => Sent; readonly wrong: () => Sent; readonly samples: number };

export function measureTiming({ samples }: TimingArgs): Promise<Numbers> {
  return inDirectory(async (directory) => {
    const environment = {
      ...environmentOf(join(directory, "data")),
      REEVE_DEMO: "on",
      REEVE_LOG_LEVEL: "fatal",
      REEVE_TRUSTED_PROXIES: "127.0.0.0/8",
      REEVE_STRANGERS_RATE: "0",
    };
    const server = await start({ file: SERVER, environment });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const ask = asking(server.url, agent);
      const pairs = await pairsOf(ask, samples);
      const found: Record<string, number> = {};
      for (const name of PAIRS) Object.assign(found, figuresOf(name, await timesOf(ask, pairs[name])));
      return found;
    } finally {
      agent.destroy();
      await server.stop();
    }
  });
}

function asking(url: string, agent: Agent): Ask {
  let network = 0;
  return ({ path, body, method = body === undefined ? "GET" : "POST", type = "application/json", headers = {} }) =>
    new Promise((resolve, reject) => {
      network += 1;
      const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
      const content = body === undefined ? {} : { "content-type": type, "content-length": String(Buffer.byteLength(text)) };
      const from = { "x-forwarded-for": `20.${(network >> 8) & 255}.${network & 255}.1` };
      const began = performance.now();
      const sent = request(url + path, { agent, method, headers: { ...from, ...content, ...headers } });
      sent.on("error", reject).on("response", (answer) => {
        let told = "";
        answer.setEncoding("utf8").on("data", (chunk) => {
          told += chunk;
        });
        answer.on("end", () => {
          const [cookie = ""] = (answer.headers["set-cookie"]?.[0] ?? "").split(";");
          resolve({ status: answer.statusCode ?? 0, text: told, cookie, us: (performance.now() - began) * 1_000 });
        });
      });
      sent.end(text);
    });
}

type Done = { readonly body: Readonly<Record<string, unknown>>; readonly cookie: string };
/** What must be done for the rest; ends the cell where it is refused. */
async function done(ask: Ask, sent: Sent): Promise<Done> {
  const { status, text, cookie } = await ask(sent);
  if (status >= 300) throw new Error(`${sent.path}: ${status} ${text}`);
  return { body: text === "" ? {} : JSON.parse(text), cookie };
}
const AS_ADMINISTRATOR = { headers: { authorization: `Bearer ${TOKEN}` } };

let made = 0;
async function invited(ask: Ask): Promise<{ readonly email: string; readonly id: string; readonly token: string }> {
  const email = `person${++made}@example.com`;
  const { body } = await done(ask, { path: `${ORG}/invitations`, body: { email }, ...AS_ADMINISTRATOR });
  return { email, id: body["id"] as string, token: (body["link"] as string).split("#")[1] as string };
}
async function joined(ask: Ask): Promise<string> {
  const { email, token } = await invited(ask);
  await done(ask, { path: "/invitations/accept", body: { token, password: PASSWORD } });
  return email;
}

type Careful = { readonly email: string; readonly used: string };
/** Somebody with a second factor, and a recovery code that was used. */
async function careful(ask: Ask): Promise<Careful> {
  const email = await joined(ask);
  const { cookie, body } = await done(ask, { path: "/session", body: { email, password: PASSWORD } });
  const headers = { cookie, "reeve-csrf": body["csrf"] as string };
  const enrolled = await done(ask, { path: "/session/second-factor", method: "POST", headers });
  const code = codeOf(enrolled.body["secret"] as string);
  const confirmed = await done(ask, { path: "/session/second-factor/confirm", body: { code }, headers });
  const [used = ""] = confirmed.body["recoveryCodes"] as readonly string[];
  await done(ask, { path: "/session", body: { email, password: PASSWORD, code: used } });
  return { email, used };
}

const EXPIRED_MS = 100;
async function expiredToken(ask: Ask): Promise<string> {
  const { body } = await done(ask, {
    path: "/v1/tokens",
    body: { ceiling: "read", expires: Date.now() + EXPIRED_MS },
    ...AS_ADMINISTRATOR,
  });
  await new Promise((resolve) => setTimeout(resolve, 2 * EXPIRED_MS));
  return body["secret"] as string;
}

async function withdrawnInvitation(ask: Ask): Promise<string> {
  const { id, token } = await invited(ask);
  await done(ask, { path: `${ORG}/invitations/${id}`, method: "DELETE", ...AS_ADMINISTRATOR });
  return token;
}

/** As an authenticator app makes it (RFC 6238). */
function codeOf(secret: string): string {
  const bits = [...secret].map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0")).join("");
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE((mac.at(-1) as number) & 15) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

const random = (bytes: number, encoding: "hex" | "base64url"): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString(encoding);

async function pairsOf(ask: Ask, samples: number): Promise<Readonly<Record<PairName, Pair>>> {
  const slow = Math.ceil(samples / 10);
  const clientId = (await done(ask, { path: CREDENTIAL, body: {}, ...AS_ADMINISTRATOR })).body["clientId"] as string;
  const [email, expired, withdrawn] = [await joined(ask), await expiredToken(ask), await withdrawnInvitation(ask)];
  // One of each, asked for again and again as the other side is: what is asked for once more is found faster, there or not.
  const [noClient, noToken, noInvitation] = [random(16, "hex"), `reeve_${random(32, "base64url")}`, `rvi_${random(32, "base64url")}`];
  const people: Careful[] = [];
  while (people.length * CODES_A_PERSON < 2 * (slow + WARM)) people.push(await careful(ask));
  let tried = 0;
  const next = (): Careful => people[Math.floor(tried++ / CODES_A_PERSON)] as Careful;
  const signIn = (who: string): Sent => ({ path: "/session", body: { email: who, password: random(12, "base64url") } });
  const bearer = (token: string): Sent => ({ path: "/v1/me", headers: { authorization: `Bearer ${token}` } });
  const invitation = (token: string): Sent => ({ path: "/invitations/accept", body: { token, password: PASSWORD } });
  const withCode = (who: string, code: string): Sent => ({ path: "/session", body: { email: who, password: PASSWORD, code } });
  return {
    clientSecret: { nobody: () => client(noClient), wrong: () => client(clientId), samples },
    password: { nobody: () => signIn("nobody1@example.com"), wrong: () => signIn(email), samples: slow },
    token: { nobody: () => bearer(noToken), wrong: () => bearer(expired), samples },
    invitation: { nobody: () => invitation(noInvitation), wrong: () => invitation(withdrawn), samples },
    recoveryCode: {
      nobody: () => withCode(next().email, "AAAA-BBBB-CCCC-DDDD"),
      wrong: () => {
        const { email: who, used } = next();
        return withCode(who, used);
      },
      samples: slow,
    },
  };
}

function client(id: string): Sent {
  const parameters = { grant_type: "client_credentials", client_id: id, client_secret: `rvs_${random(32, "base64url")}`, scope: "openid" };
  return { path: "/ims/token/v3", body: String(new URLSearchParams(parameters)), type: FORM };
}

type Times = { readonly nobody: Float64Array; readonly wrong: Float64Array };

async function timesOf(ask: Ask, { nobody, wrong, samples }: Pair): Promise<Times> {
  const times = { nobody: new Float64Array(samples), wrong: new Float64Array(samples) };
  let said: string | undefined;
  for (let at = -WARM; at < samples; at++) {
    const sides = [["nobody", nobody] as const, ["wrong", wrong] as const];
    for (const [name, sent] of at % 2 === 0 ? sides : sides.reverse()) {
      const { status, text, us } = await ask(sent());
      const told = `${status} ${text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "")}`;
      said ??= told;
      if (told !== said) throw new Error(`two refusals differ: ${said} and ${told}`);
      if (at >= 0) times[name][at] = us;
    }
  }
  return { nobody: times.nobody.sort(), wrong: times.wrong.sort() };
}

function figuresOf(name: PairName, { nobody, wrong }: Times): Numbers {
  return {
    [`${name}Apart`]: Math.abs(shareAbove(wrong, nobody) - 0.5),
    // Of as many samples from one distribution: what chance alone stays below in 99 of 100 runs.
    [`${name}Chance`]: 2.576 * Math.sqrt((2 * nobody.length + 1) / (12 * nobody.length ** 2)),
    [`${name}NobodyP50`]: quantile(nobody, 0.5),
    [`${name}WrongP50`]: quantile(wrong, 0.5),
    [`${name}NobodyP95`]: quantile(nobody, 0.95),
    [`${name}WrongP95`]: quantile(wrong, 0.95),
  };
}

/** Of all pairs, how many have the one above the other; equal ones count half. Both sorted. */
function shareAbove(one: Float64Array, other: Float64Array): number {
  let above = 0;
  for (const value of one) above += (countBelow(other, (each) => each < value) + countBelow(other, (each) => each <= value)) / 2;
  return above / (one.length * other.length);
}

function countBelow(sorted: Float64Array, is: (value: number) => boolean): number {
  const at = sorted.findIndex((value) => !is(value));
  return at === -1 ? sorted.length : at;
}
