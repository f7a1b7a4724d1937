/**
 * What people do to a server while something breaks: they are invited, accept, sign in, ask, turn a second factor on and off, sign out.
 *
 * Invariant: who shows no password, no session or no CSRF value that counts is let in by no fault; nor who was signed out, as was said.
 */
import { codeOf, PASSWORD } from "../people.ts";
import { type Client, faultsOf, type Sent, type Told } from "./client.ts";
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
  const invite = (body: object) => send(`${at}/invitations`, { body: { email, ...body } });
  const accept = (told: Told | undefined, password: string) =>
    send("/invitations/accept", { ...nobody, body: { token: String(told?.body?.link).split("#")[1] ?? "none", password } });
  const withdrawn = await invite({ id: "guest", groups: ["admins"] });
  await send(`${at}/invitations?limit=2`);
  const gone = await send(`${at}/invitations/${withdrawn?.body?.id}`, { method: "DELETE" });
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
  const signed = await signIn();
  const headers = { cookie: signed?.cookie ?? "", "reeve-csrf": String(signed?.body?.csrf) };
  const mine = { ...nobody, headers };
  for (const path of ["/session", "/sessions", "/v1/me", `${at}/principals`, "/v1/orgs/CALM"]) await send(path, mine);
  const forged = await send(`${at}/labels/custom%2Fforged`, { ...nobody, method: "PUT", body: {}, headers: { cookie: headers.cookie } });
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
  // Last, for who fails waits.
  const wrong = await signIn({ password: "nobody chose this one" });
  if (wrong?.status === 201) findings.push("a wrong password signs somebody in");
}
