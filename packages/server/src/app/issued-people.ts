/**
 * People whom a trusted issuer signs in: which user of its organization each is, and what his claims give him.
 *
 * Who is linked already is that user; else the one whom the claim names, or whom his address is invited to be, or, where the issuer may
 * make users, a new one. Groups and roles to which the configuration maps claims are the issuer's to give and to take: a membership or an
 * assignment to one of them goes where the claims say so no more, whoever made it; all others are left alone. What stands already, with a
 * time of its own, stays as it is.
 * Invariant: nobody is let in who is not active; the changes are one write, in the organization's history, by the issuer.
 */
import { ADMINS, type Change, findRecord, isSuspended, keyOf, type Plan, parseRecord, type Rec } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { Admit, Federation, Issuer, NoteIssuer, Proven } from "../identity/index.ts";
import type { Changes } from "./changes.ts";
import { isStoreRefusal, type StoreRefusal } from "./store-refusal.ts";

/**
 * `unknown_user`: he is none and may not become one; `inactive_user`; `user_taken`: he is another subject's; `claims_refused`: what the
 * claims say cannot be written; `suspended`: the organization is.
 */
export type NotAdmitted =
  | { readonly code: "unknown_user" | "inactive_user" | "user_taken" | "claims_refused" | "suspended" }
  | StoreRefusal;
type Given = {
  readonly feed: Feed;
  readonly changes: Changes;
  readonly identities: Federation["identities"];
  readonly note: NoteIssuer;
};
type Refused = { readonly ok: false; readonly error: NotAdmitted };
type Result<T> = { readonly ok: true; readonly value: T } | Refused;

const TRIES_MAX = 3;
const no = (code: NotAdmitted["code"]): Refused => ({ ok: false, error: { code } });

export function createIssuedPeople({ feed, changes, identities, note }: Given): Admit<NotAdmitted> {
  const link = async (proven: Proven, principal: string): Promise<Result<string>> => {
    const linked = await identities.link(proven, { principal, email: proven.email });
    if (linked.ok) return { ok: true, value: linked.account };
    return no(linked.error === "taken" ? "user_taken" : "unknown_user");
  };
  const attempt = async (proven: Proven, requestId: string): Promise<Result<string> | "moved on"> => {
    const { issuer } = proven;
    const plan = await feed.plan(issuer.organization);
    if (plan?.organization !== issuer.organization) {
      note({ issuer: issuer.name, code: "organization_not_found" });
      return no("unknown_user");
    }
    if (isSuspended(plan)) return no("suspended");
    for (const why of missing(plan, issuer)) note({ issuer: issuer.name, code: "unknown_reference", why });
    const user = await userOf(plan, proven, identities);
    if (!user.ok) return user;
    const { id, record } = user.value;
    // Whose he is, is known before anything is given to him; who is made now is nobody's yet.
    const before = record === undefined ? undefined : await link(proven, id);
    if (before?.ok === false) return before;
    const wanted = changesOf(plan, proven, { id, record });
    if (wanted === undefined) return no("claims_refused");
    const refused = await write(changes, proven, { wanted, requestId, made: record === undefined ? id : undefined });
    if (refused !== undefined) return refused;
    return before ?? link(proven, id);
  };
  return async (proven, requestId) => {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const done = await attempt(proven, requestId);
      if (done !== "moved on") return done;
    }
    return no("claims_refused");
  };
}

/** `record`: absent of who is to be made. */
type User = { readonly id: string; readonly record: Rec | undefined };

async function userOf(plan: Plan, proven: Proven, identities: Given["identities"]): Promise<Result<User>> {
  const { issuer, principal: claimed, email } = proven;
  const recordOf = (id: string | undefined): Rec | undefined => (id === undefined ? undefined : findRecord(plan, "principal", [id]));
  const linked = await identities.linked(proven);
  const standing = linked ?? (recordOf(claimed) === undefined ? undefined : claimed);
  const invited = standing === undefined && email !== undefined ? await identities.invited(issuer, email) : undefined;
  const id = standing ?? invited ?? (issuer.people === "create" ? claimed : undefined);
  if (id === undefined) return no("unknown_user");
  const record = recordOf(id);
  if (record === undefined && (linked !== undefined || invited !== undefined)) return no("unknown_user");
  if (record?.kind === "principal" && record.value.type !== "user") return no("unknown_user");
  if (record?.kind === "principal" && !record.value.active) return no("inactive_user");
  return { ok: true, value: { id, record } };
}

/** What makes the user and his groups and roles what the claims say; `undefined`: he cannot be made. */
function changesOf(plan: Plan, proven: Proven, { id, record }: User): readonly Change[] | undefined {
  const { issuer, name } = proven;
  const made = record === undefined ? madeUser(id, name) : [];
  return (
    made && [
      ...made,
      ...given(issuer.groups, proven.groups).flatMap(({ to, isGiven }) =>
        isGroup(plan, to) ? changeOf(plan, { kind: "membership", value: { group: to, member: id } }, isGiven) : [],
      ),
      ...given(issuer.roles, proven.roles).flatMap(({ to, isGiven }) =>
        isRole(plan, to) ? changeOf(plan, { kind: "assignment", value: { role: to, principal: id } }, isGiven) : [],
      ),
    ]
  );
}

const isGroup = (plan: Plan, id: string): boolean => id === ADMINS || findRecord(plan, "principal", [id]) !== undefined;
const isRole = (plan: Plan, id: string): boolean => findRecord(plan, "role", [id]) !== undefined;

/** Mapped groups and roles that the organization does not have. */
function missing(plan: Plan, { groups = NONE, roles = NONE }: Issuer): readonly string[] {
  return [
    ...[...groups.values()].filter((id) => !isGroup(plan, id)).map((id) => `there is no group ${id}`),
    ...[...roles.values()].filter((id) => !isRole(plan, id)).map((id) => `there is no role ${id}`),
  ];
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Everything that a mapping may give, and whether one of the values gives it. */
function given(mapping = NONE, values: readonly string[]): readonly { readonly to: string; readonly isGiven: boolean }[] {
  const gives = new Set(values.map((value) => mapping.get(value)));
  return [...new Set(mapping.values())].map((to) => ({ to, isGiven: gives.has(to) }));
}

/** A name that is none is left out: it is shown, and nothing hangs on it. */
function madeUser(id: string, name: string | undefined): readonly Change[] | undefined {
  const user = { id, type: "user" };
  const named = parseRecord("principal", { ...user, name });
  const parsed = name !== undefined && named.ok ? named : parseRecord("principal", user);
  return parsed.ok ? [{ put: parsed.value }] : undefined;
}

function changeOf(plan: Plan, put: Rec, isGiven: boolean): readonly Change[] {
  const key = keyOf(put);
  const stands = findRecord(plan, put.kind, key) !== undefined;
  if (stands === isGiven) return [];
  return [isGiven ? { put } : { delete: { kind: put.kind, key } }];
}

type Writing = { readonly wanted: readonly Change[]; readonly requestId: string; readonly made: string | undefined };

async function write(changes: Changes, { issuer }: Proven, writing: Writing): Promise<Refused | "moved on" | undefined> {
  const { wanted, requestId, made } = writing;
  if (wanted.length === 0) return undefined;
  const result = await changes.write({
    organization: issuer.organization,
    changes: wanted,
    expected: made === undefined ? [] : [{ kind: "principal", key: [made], revision: null }],
    actor: { type: "issuer", id: issuer.name },
    requestId,
    action: "issuer.sign-in",
  });
  if (result.ok) return undefined;
  if (isStoreRefusal(result.error)) return { ok: false, error: result.error };
  const mayHaveMoved = result.error.code === "object_changed" || result.error.code === "changes_refused";
  return mayHaveMoved ? "moved on" : no("claims_refused");
}
