/**
 * What a trusted issuer brings to a server while something breaks: people who sign in there, come back as somebody else, or come back
 * when they may not; and access tokens, by keys that are new, and by keys that are nobody's. The issuer itself works.
 *
 * Invariant: nobody is let in by a code, a token or a key that is not his, nor with a group that was said to be taken away.
 */
import { Issuer, newKey } from "../issuer.ts";
import { put } from "../organization.ts";
import { type Client, faultsOf, type Sent, type Told } from "./client.ts";
import type { Around, Played } from "./scenario.ts";
import { BEGINNING, ISSUED } from "./world.ts";

const issuer = await Issuer.start();
issuer.metadata = { userinfo_endpoint: `${issuer.url}/userinfo` };
/** As the server is configured. */
export const ENTRY = JSON.stringify([
  issuer.entry("house", ISSUED, {
    people: "create",
    claims: { principal: "uid" },
    groups: { chiefs: "admins" },
    roles: { read: "reader" },
  }),
]);

/** Longer than what the issuer said counts. */
const FRESH_MS = 11 * 60_000;
const PAUSE_MS = 31_000;
const AT = `/v1/orgs/${ISSUED}`;

export async function playIssuers(client: Client, around: Around): Promise<Played> {
  const findings: string[] = [];
  const send = async (path: string, sent: Sent = {}): Promise<Told | undefined> => {
    const told = await client.ask(path, sent);
    findings.push(...faultsOf(path, sent, told));
    return told === "nothing" ? undefined : told;
  };
  around.beside.aheadMs += FRESH_MS;
  await signIns(send, around, findings);
  await tokens(send, around, findings);
  return { findings, possible: BEGINNING, acknowledged: [] };
}

type Send = (path: string, sent?: Sent) => Promise<Told | undefined>;

async function signIns(send: Send, { org }: Around, findings: string[]): Promise<void> {
  const claims = { sub: `sub-${org}`, uid: `user-${org}`, email: `guest-${org}@example.com`, email_verified: true };
  const { sub } = claims;
  issuer.answers.set("/userinfo", (response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ sub, name: "Guest" })),
  );
  /** There and back; the session, if he is let in. */
  const comes = async (more: object = {}): Promise<Sent | undefined> => {
    const begun = await send("/sign-in/house?return=/docs", { isAnonymous: true });
    if (begun?.status !== 303) return undefined;
    const back = issuer.approve(begun.location ?? "", { ...claims, ...more });
    const told = await send(`/sign-in/house/callback?${back}`, { isAnonymous: true, headers: { cookie: begun.cookie ?? "" } });
    const cookie = /reeve=rvn_[^;]*/.exec(told?.cookie ?? "")?.[0];
    if (told?.status === 303 && told.location === "/docs" && cookie === undefined) findings.push("who signed in has no session");
    return cookie === undefined || told?.location !== "/docs" ? undefined : { isAnonymous: true, headers: { cookie } };
  };
  if ((await comes({ nonce: "another" })) !== undefined) findings.push("an ID token of another transaction signs somebody in");
  const chief = await comes({ groups: ["chiefs"], roles: ["read"] });
  if (chief !== undefined) await send(`${AT}/principals`, chief);
  const plain = await comes();
  const still = plain === undefined ? undefined : await send(`${AT}/principals`, plain);
  if (still?.status === 200) findings.push("a group that the claims say no more is still there");
  if ((await comes({ sub: `thief-${org}` })) !== undefined && chief !== undefined) findings.push("a user is given to another subject");
  const off = await send(`${AT}/changes`, { body: { changes: [put("principal", { id: claims.uid, type: "user", active: false })] } });
  const back = await comes({ groups: ["chiefs"] });
  const seen = back === undefined ? undefined : await send(`${AT}/principals`, back);
  if (off?.status === 200 && seen?.status === 200) findings.push("who was deactivated comes back");
}

async function tokens(send: Send, { beside, now }: Around, findings: string[]): Promise<void> {
  const bearer = (token: string): Sent => ({ isAnonymous: true, headers: { authorization: `Bearer ${token}` } });
  const mint = (more: object = {}) => issuer.token({ claims: { uid: "bot" }, ...more }, undefined, now());
  await send("/v1/me", bearer(mint()));
  issuer.keys = [newKey()];
  beside.aheadMs += PAUSE_MS;
  const told = await send("/v1/me", bearer(mint()));
  if (told?.status === 200 && told.body?.principal?.id !== "bot") findings.push("a token of an issuer stands for another");
  beside.aheadMs += PAUSE_MS;
  const forged = await send("/v1/me", bearer(mint({ key: newKey() })));
  if (forged?.status === 200) findings.push("a token by a key that nobody published lets somebody in");
}
