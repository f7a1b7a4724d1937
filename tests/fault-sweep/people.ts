/**
 * What people do to a server while something breaks: they are invited, accept, sign in, ask, turn a second factor on and off, choose
 * another password, sign out, and end their account.
 *
 * Invariant: who shows no password, no session or no CSRF value that counts is let in by no fault; nor who was signed out, as was said.
 */
import { codeOf, PASSWORD } from "../people.ts";
import { type Client, faultsOf, type Sent, type Told } from "./client.ts";
import { REFUSED } from "./ports.ts";
import type { Around, Played } from "./scenario.ts";
import { BEGINNING } from "./world.ts";

/** Longer than a session's last request is not noted for. */
const QUIET_MS = 6 * 60_000;
const NETWORK_MS = 61_000;
const FACTOR = "/session/second-factor";

export async function playPeople(client: Client, around: Around): Promise<Played> {
  const findings: string[] = [];
  const send = async (path: string, sent: Sent = {}): Promise<Told | undefined> => {
    const told = await client.ask(path, sent);
    findings.push(...faultsOf(path, sent, told));
    return told === "nothing" ? undefined : told;
  };
  await play(send, around, findings);
  return { findings, possible: BEGINNING, acknowledged: [] };
}

type Send = (path: string, sent?: Sent) => Promise<Told | undefined>;

async function play(send: Send, { org, beside, now }: Around, findings: string[]): Promise<void> {
  const at = `/v1/orgs/${org}`;
  const email = `guest-${org}@example.com`;
  const nobody = { isAnonymous: true } as const;
  const invite = async (body: object) => {
    beside.mails.delete(email);
    const told = await send(`${at}/invitations`, { body: { email, ...body } });
    return { id: told?.body?.id, token: tokenIn(beside.mails.get(email)) };
  };
  const accept = ({ token }: { readonly token: string }, password: string) =>
    send("/invitations/accept", { ...nobody, body: { token, password } });
  const unsent = await send(`${at}/invitations`, { body: { email: REFUSED + email, id: "refused" } });
  if (unsent?.status === 201) findings.push("an invitation that was not sent was acknowledged");
  const withdrawn = await invite({ id: "guest", groups: ["admins"] });
  await send(`${at}/invitations?limit=2`);
  const gone = await send(`${at}/invitations/${withdrawn.id}`, { method: "DELETE" });
  const late = await accept(withdrawn, PASSWORD);
  if (gone?.status === 204 && late?.status === 200) findings.push("an invitation that was withdrawn lets somebody in");
  await accept(await invite({ id: "guest" }), PASSWORD);
  // Of the account that is there by now: its own password, and no other.
  const again = await invite({});
  const stolen = await accept(again, "another long password");
  // All cases come from one network, which waits a minute by now.
  beside.aheadMs += NETWORK_MS;
  const isThere = (await accept(again, PASSWORD))?.status === 200;
  if (isThere && stolen?.status === 200) findings.push("a link gave an account away");
  await invite({ id: "other" });
  const signIn = (more: object = {}) => send("/session", { ...nobody, body: { email, password: PASSWORD, ...more } });
  const mine = browserOf(await signIn());
  for (const path of ["/session", "/sessions", "/v1/me", "/account", "/docs", `${at}/principals`, "/v1/orgs/CALM"]) await send(path, mine);
  const forged = await send(`${at}/labels/custom%2Fforged`, {
    ...nobody,
    method: "PUT",
    body: {},
    headers: { cookie: mine.headers.cookie },
  });
  if (forged !== undefined && forged.status < 400) findings.push("a session without its CSRF value changes something");
  beside.aheadMs += QUIET_MS;
  await send("/session", mine);
  const made = await send(FACTOR, { ...mine, method: "POST" });
  const secret = made?.status === 201 ? made.body.secret : "AAAAAAAAAAAAAAAA";
  const confirmed = await send(`${FACTOR}/confirm`, { ...mine, body: { code: codeOf(secret, now()) } });
  const [one, two] = confirmed?.status === 200 ? confirmed.body.recoveryCodes : ["none", "none"];
  if (confirmed?.status === 200 && (await signIn())?.status === 201) findings.push("a second factor is not asked for");
  const other = await signIn({ code: one });
  await send(`/sessions/${other?.body?.id ?? "none"}`, { ...mine, method: "DELETE" });
  await send(`${FACTOR}/end`, { ...mine, body: { password: PASSWORD, code: two } });
  const out = await send("/session", { ...mine, method: "DELETE" });
  const after = await send(`${at}/principals`, mine);
  if (out?.status === 204 && after?.status === 200) findings.push("a session that was ended lets somebody in");
  await playPasswords({ send, around: { org, beside }, findings, email, signIn });
  // Last, for who fails waits.
  const wrong = await signIn({ password: "nobody chose this one" });
  if (wrong?.status === 201) findings.push("a wrong password signs somebody in");
}

const tokenIn = (letter: string | undefined): string => /#(\S+)/.exec(letter ?? "")?.[1] ?? "none";

const browserOf = (signed: Told | undefined) => ({
  isAnonymous: true as const,
  headers: { cookie: signed?.cookie ?? "", "reeve-csrf": String(signed?.body?.csrf) },
});

type Person = {
  readonly send: Send;
  readonly around: Pick<Around, "org" | "beside">;
  readonly findings: string[];
  readonly email: string;
  readonly signIn: () => Promise<Told | undefined>;
};
const MAIL_MS_MAX = 200;

/** Chooses another password (the same, so that whatever breaks leaves it known), forgets it, and ends the account twice. */
async function playPasswords({ send, around: { org, beside }, findings, email, signIn }: Person): Promise<void> {
  const mine = browserOf(await signIn());
  const body = { password: PASSWORD, newPassword: PASSWORD };
  const forged = await send("/session/password", { ...mine, headers: { cookie: mine.headers.cookie }, body });
  if (forged !== undefined && forged.status < 400) findings.push("a session without its CSRF value changes a password");
  await send("/session/password", { ...mine, body });
  beside.aheadMs += NETWORK_MS;
  beside.mails.delete(email);
  await send("/password-resets", { isAnonymous: true, body: { email } });
  for (let ms = 0; ms < MAIL_MS_MAX && !beside.mails.has(email); ms += 10) await new Promise((resolve) => setTimeout(resolve, 10));
  beside.aheadMs += NETWORK_MS;
  const reset = (token: string) => send("/password-resets/accept", { isAnonymous: true, body: { token, password: PASSWORD } });
  const stolen = await reset("none");
  if (stolen?.status === 200) findings.push("a password is changed by a link that is none");
  const done = await reset(tokenIn(beside.mails.get(email)));
  const after = await send(`/v1/orgs/${org}/principals`, mine);
  if (done?.status === 200 && after?.status === 200) findings.push("a session outlives a reset of the password");
  const made = await send("/v1/password-resets", { body: { email } });
  await reset(tokenIn(made?.body?.link));
  const again = browserOf(await signIn());
  await send("/v1/accounts?limit=1");
  const listed = await send(`/v1/accounts?email=${email}`);
  const ended = await send("/account/end", { ...again, body: { password: PASSWORD } });
  const late = await send("/session", again);
  if (ended?.status === 204 && late?.status === 200) findings.push("an account that was ended is signed in");
  await send(`/v1/accounts/${listed?.body?.items?.[0]?.id ?? "none"}`, { method: "DELETE" });
}
