/**
 * Invitations: who administers an organization makes an address one of its users, by a link that whoever holds the address accepts.
 *
 * The user and his groups are written as any change is, into the organization's own history; the address is no record. Where mail is
 * configured the link goes there and nowhere else; else it is told once, to be handed on. What is answered is the same whether the
 * address has an account already, and tells nothing of other organizations.
 *
 * Who keeps a product and does not administer the organization may give developer access to its roles by an address, and so make a user;
 * but a link is his to hand on only to a user whom this write makes: one to anybody else would let him in as that.
 * Invariant: a link's token stands behind `#`, which no browser sends to a server.
 */
import { type Change, type Fault, findRecord, type JsonObject, type Plan, parseAccount, parseRecord, present, type Rec } from "@reeve/core";
import { uuidv7 } from "uuidv7";
import type { Feed } from "../feed/index.ts";
import type { Accounts, Conflict, Invitation, SendLink } from "../identity/index.ts";
import type { AskedBy } from "../store/index.ts";
import { writeRefusal } from "./authority.ts";
import type { Changes, Expected, Write, WriteRefused } from "./changes.ts";

/** `id`: of the user; absent: the one that the address is already, or a new one. `name`, `properties`: of a user who is made. */
export type InvitationAsked = Pick<Write, "organization" | "actor" | "requestId" | "reason"> & {
  readonly email: string;
  readonly id?: string;
  readonly name?: string;
  readonly properties?: JsonObject;
  readonly groups?: readonly string[];
  /** Ids of products. */
  readonly productAdministrator?: readonly string[];
  /** Ids of roles. */
  readonly developerAccess?: readonly string[];
  /** Who asks has no more here than an office lets him. */
  readonly byOffice?: true;
};
/** `told`: absent where the user needs no link. `link`: absent where it was sent, too. */
export type Invited = { readonly email: string; readonly principal: string; readonly told?: Invitation; readonly link?: string };
/** `faults`: places in what was asked. */
export type InvitationRefused =
  | WriteRefused
  | { readonly code: "mail_failed" }
  | { readonly code: "faulty"; readonly faults: readonly Fault[] };
type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export type Invitations = {
  invite(asked: InvitationAsked): Promise<Result<Invited, InvitationRefused>>;
  /** As `Accounts.invitations`; `undefined`: there is no such organization. */
  list(asked: Parameters<Accounts["invitations"]>[0]): Promise<readonly Invitation[] | undefined>;
  withdraw: Accounts["withdraw"];
};
type Given = {
  readonly feed: Feed;
  readonly changes: Changes;
  readonly accounts: Accounts;
  /** Origin of the server, as people reach it. */
  readonly origin: () => string;
  readonly clock: () => number;
  /** Absent: no mail is sent. */
  readonly sendLink?: SendLink | undefined;
};

export function createInvitations({ feed, changes, accounts, origin, clock, sendLink }: Given): Invitations {
  const sent = async (of: {
    readonly org: string;
    readonly principal: string;
    readonly email: string;
    readonly by: AskedBy;
  }): Promise<Outcome> => {
    const invited = await accounts.invite(of);
    // Deleted between the two writes.
    if (!invited.ok) return unfit([{ code: "unknown_reference", pointer: "/id", detail: "The user was deleted meanwhile." }]);
    const { token, told } = invited.value;
    const { org, principal, email, by } = of;
    const link = `${origin()}/invitation#${token}`;
    if (sendLink === undefined) return { ok: true, value: { principal, email, told, link } };
    const answer = await sendLink({ kind: "invitation", to: email, organization: org, link });
    if (answer === "sent") return { ok: true, value: { principal, email, told } };
    await accounts.withdraw(org, told.id, by);
    return { ok: false, error: { code: "mail_failed" } };
  };
  return {
    list: async (asked) => ((await feed.plan(asked.org)) === undefined ? undefined : accounts.invitations(asked)),
    withdraw: accounts.withdraw,
    async invite(asked) {
      const { organization: org } = asked;
      const email = parseAccount({ id: "x", email: asked.email });
      if (!email.ok) return faulty(email.error);
      const address = email.value.email;
      const plan = await feed.plan(org);
      if (plan?.organization !== org) return refused("organization_not_found");
      // A user of an id that he chooses is not his to make.
      if (asked.byOffice === true && asked.id !== undefined) return refused("not_permitted");
      const principal = asked.id ?? (await accounts.principalOf({ org, email: address })) ?? uuidv7();
      const made = changesOf(plan, principal, asked);
      if (!made.ok) return faulty(made.error);
      // Foreseen here, so that who may not learns nothing of addresses; decided in the write.
      const at = { plan, bearer: asked.actor, nowMs: clock() };
      const refusal = asked.byOffice === true ? writeRefusal(at, made.value.changes) : undefined;
      if (refusal !== undefined) return refused(refusal);
      const conflict = await accounts.conflict({ org, principal, email: address });
      if (conflict !== undefined) return unfit([CONFLICTS[conflict]]);
      const written = await write(changes, asked, made.value);
      if (written !== undefined) return { ok: false, error: written };
      if (asked.byOffice === true && !made.value.isNew) return { ok: true, value: { principal, email: address } };
      const { actor, requestId } = asked;
      return sent({ org, principal, email: address, by: { actor, requestId } });
    },
  };
}

type Outcome = Result<Invited, InvitationRefused>;
const refused = (code: "organization_not_found" | "not_permitted" | "organization_suspended") => ({ ok: false, error: { code } }) as const;
const faulty = (faults: readonly Fault[]) => ({ ok: false, error: { code: "faulty", faults } }) as const;
const unfit = (faults: readonly Fault[]) => ({ ok: false, error: { code: "changes_refused", faults } }) as const;

const CONFLICTS: Readonly<Record<Conflict, Fault>> = {
  principal_taken: { code: "key_taken", pointer: "/id", detail: "This user is linked to another address." },
  address_taken: { code: "key_taken", pointer: "/email", detail: "This address is another user of the organization." },
};

/** `places`: where in what was asked each change comes from. `isNew`: the user is made. */
type Made = {
  readonly changes: readonly Change[];
  readonly places: readonly string[];
  readonly expected: readonly Expected[];
  readonly isNew: boolean;
};

/** What is asked for, but what stands otherwise: the user, his memberships, his offices. Faults as they stand in what was asked. */
function changesOf(plan: Plan, id: string, asked: InvitationAsked): Result<Made, readonly Fault[]> {
  const standing = findRecord(plan, "principal", [id]);
  if (standing?.kind === "principal" && standing.value.type !== "user")
    return { ok: false, error: [{ code: "type_mismatch", pointer: "/id", detail: "This is no user." }] };
  const { name, properties, groups = [], productAdministrator = [], developerAccess = [] } = asked;
  const isNew = standing === undefined;
  const wanted = [
    ...(isNew ? [{ kind: "principal", place: "", value: { id, type: "user", ...present({ name, properties }) } }] : []),
    ...groups.map((group, index) => ({ kind: "membership", place: `/groups/${index}`, value: { group, member: id } })),
    ...productAdministrator.map((product, index) => {
      return { kind: "product-administrator", place: `/productAdministrator/${index}`, value: { product, principal: id } };
    }),
    ...developerAccess.map((role, index) => {
      return { kind: "developer-access", place: `/developerAccess/${index}`, value: { role, principal: id } };
    }),
  ];
  const parsed = wanted.map(({ kind, place, value }) => ({ place, result: parseRecord(kind, value) }));
  const faults = parsed.flatMap(({ place, result }) => (result.ok ? [] : result.error.map((fault) => at(place, fault))));
  if (faults.length > 0) return { ok: false, error: faults };
  const missing = parsed.flatMap(({ place, result }) => (result.ok && !isThere(plan, result.value) ? [{ place, put: result.value }] : []));
  const expected: Expected[] = isNew ? [{ kind: "principal", key: [id], revision: null }] : [];
  return { ok: true, value: { changes: missing.map(({ put }) => ({ put })), places: missing.map(({ place }) => place), expected, isNew } };
}

/** Of what is asked for by its id only the whole is a place. */
const at = (place: string, fault: Fault): Fault => ({ ...fault, pointer: place === "" ? fault.pointer : place });

/** A membership that stands, whatever its time, is not this one's to alter. */
function isThere(plan: Plan, rec: Rec): boolean {
  return rec.kind === "membership" && findRecord(plan, "membership", [rec.value.group, rec.value.member]) !== undefined;
}

async function write(changes: Changes, asked: InvitationAsked, made: Made): Promise<WriteRefused | undefined> {
  if (made.changes.length === 0) return undefined;
  const { organization, actor, requestId, reason } = asked;
  const result = await changes.write({
    organization,
    changes: made.changes,
    expected: made.expected,
    actor,
    requestId,
    action: "invitations.create",
    ...(reason === undefined ? {} : { reason }),
  });
  if (result.ok) return undefined;
  const { error } = result;
  return error.code === "changes_refused" ? { ...error, faults: error.faults.map((fault) => placed(made.places, fault)) } : error;
}

/** A fault of a change, where it stands in what was asked. */
function placed(places: readonly string[], fault: Fault): Fault {
  const [, index, rest = ""] = /^\/changes\/(\d+)(.*)$/.exec(fault.pointer) ?? [];
  const place = index === undefined ? undefined : places[Number(index)];
  if (place === undefined) return fault;
  return { ...fault, pointer: place === "" ? rest.replace(/^\/put\/value/, "") : place };
}
