/**
 * Users of the public API, by their addresses, in the caller's organization. Source: the sheet's §3.4.
 *
 * A user is invited as in Reeve's own API: nobody is told whether the address has an account elsewhere, and nobody ends one that another
 * organization has too. A `utility` user is a service account whose id is the address. Members of answers that Reeve has nothing behind
 * are left out; what a request asks that cannot be done is refused, and not passed over.
 */
import { NewUserRequest as NewSchema, type NewUserRequest, type UserRequest, UserRequest as UserSchema } from "@reeve/contract";
import { ADMINS, findRecord, groupMembers, type JsonObject, type Plan, type Principal, parseRecord, product, type Rec } from "@reeve/core";
import type { FastifyRequest } from "fastify";
import { API_MANAGEMENT, type Assets, type Changes, type Invitations } from "../../app/index.ts";
import type { Accounts } from "../../identity/index.ts";
import { validator } from "../validate.ts";
import { answered, bodyIn, writing } from "./acl.ts";
import type { Asking } from "./caller.ts";
import { findPrincipal, type Naming, principalIn } from "./principals.ts";
import { faulty, NamedRefusal } from "./refusals.ts";

export type UserGround = Naming & {
  readonly accounts: Pick<Accounts, "persons" | "list" | "end">;
  readonly invitations: Pick<Invitations, "invite">;
  readonly changes: Pick<Changes, "write">;
  readonly assets: Pick<Assets, "depart">;
  readonly clock: () => number;
};
type At = Asking & { readonly request: FastifyRequest };
type Addressed = At & { readonly email: string };
type Names = { readonly first_name?: string; readonly last_name?: string };

const validateNew = validator<NewUserRequest>(NewSchema);
const validateUser = validator<UserRequest>(UserSchema);
const done = (map: object = {}) => ({ response_map: map, http_status_code: 200 });

export const newUserIn = (request: FastifyRequest): NewUserRequest => bodyIn(validateNew, request);

export async function postUser(ground: UserGround, at: At): Promise<object> {
  const { email, administrator = false, utility = false, ...asked } = newUserIn(at.request);
  refuse(asked.allow_password_login === utility, PASSWORDS);
  if ((await findPrincipal(ground, at, { kind: "USER", name: email })) !== undefined)
    throw new NamedRefusal(409, `${email} is a user of the organization already.`, "already_exists");
  const groups = administrator ? [ADMINS] : [];
  const user = namedBy(asked, undefined);
  if (!utility) return invite(ground, at, { email, groups, ...user });
  const id = email.trim();
  answered(
    await ground.changes.write({
      ...writing(at),
      expected: [{ kind: "principal", key: [id], revision: null }],
      changes: [
        { put: principalOf({ id, type: "service-account", active: true, ...user }) },
        ...groups.map((group) => ({ put: { kind: "membership", value: { group, member: id } } }) as const),
      ],
    }),
  );
  return done();
}

type Invited = { readonly email: string; readonly groups?: readonly string[]; readonly name?: string; readonly properties?: JsonObject };

/** With the link, where no mail is sent. */
async function invite(ground: UserGround, at: At, invited: Invited): Promise<object> {
  const result = await ground.invitations.invite({ ...writing(at), ...invited });
  if (!result.ok && result.error.code === "faulty") throw faulty(result.error.faults);
  const { link } = answered(result);
  return done(link === undefined ? {} : { invitation: link });
}

/** An address that may have an account becomes a user of the organization, once he accepts. */
export async function putInOrganization(ground: UserGround, { email, ...at }: Addressed): Promise<object> {
  const found = await findPrincipal(ground, at, { kind: "USER", name: email });
  if (found !== undefined) throw new NamedRefusal(409, `${email} is a user of the organization already.`, "already_exists");
  return invite(ground, at, { email });
}

export async function getUser(ground: UserGround, at: Addressed): Promise<object> {
  const { id, type, name, active, properties = {} } = await userOf(ground, at);
  const { organization, plan } = at;
  const [email = at.email, account] = await accountOf(ground, at, id);
  const [first, ...last] = (name ?? "").split(" ");
  const textOf = (member: string, other: string): string => (typeof properties[member] === "string" ? properties[member] : other);
  const rec = findRecord(plan, "organization", []);
  return {
    email,
    first_name: textOf("first_name", first ?? ""),
    last_name: textOf("last_name", last.join(" ")),
    allow_password_login: type === "user",
    password_expired: false,
    organizations: [
      {
        id: organization,
        name: rec?.kind === "organization" ? rec.value.name : organization,
        administrator: active && groupMembers(plan, { group: ADMINS }, ground.clock()).ids.includes(id),
      },
    ],
    ui_access: account !== undefined,
    service_account: type === "service-account",
  };
}

export async function putUser(ground: UserGround, at: Addressed): Promise<object> {
  const body = bodyIn(validateUser, at.request);
  const { id, type } = await userOf(ground, at);
  refuse(body.allow_password_login === (type === "service-account"), PASSWORDS);
  refuse(body.utility !== undefined && body.utility !== (type === "service-account"), "A user stays a user, and a service account one.");
  refuse(body.revoke_old_password === true, "Passwords are not revoked here: who has an account changes or resets his own.");
  const changes = (plan: Plan) => {
    const standing = principalIn(plan, id);
    if (standing === undefined) throw noUser(at.email);
    return [{ put: principalOf({ ...standing, ...namedBy(body, standing) }) }];
  };
  answered(await ground.changes.write({ ...writing(at), changes }));
  return done();
}

/** Out of the caller's organization; the account goes with the last that it is in. */
export async function deleteUser(ground: UserGround, at: Addressed): Promise<object> {
  const { id } = await userOf(ground, at);
  const [, account] = await accountOf(ground, at, id);
  // What he owns is whose who takes him out; where there are no assets, nobody owns any.
  const hasAssets = product(at.plan, API_MANAGEMENT) !== undefined;
  const changes = [{ delete: { kind: "principal", key: [id] } }] as const;
  answered(await (hasAssets ? ground.assets.depart({ ...writing(at), principal: id }) : ground.changes.write({ ...writing(at), changes })));
  const { actor, requestId } = writing(at);
  if (account !== undefined && (await ground.accounts.persons(account)).length === 0)
    await ground.accounts.end(account, { actor, requestId });
  return done();
}

const PASSWORDS =
  "Whether somebody signs in by a password is not said here: users may, programs have credentials of their developer project.";

function refuse(isRefused: boolean, message: string): void {
  if (isRefused) throw new NamedRefusal(400, message);
}

const noUser = (email: string): NamedRefusal => new NamedRefusal(404, `The organization has no user ${email}.`);

async function userOf(ground: UserGround, at: Addressed): Promise<Principal> {
  const found = await findPrincipal(ground, at, { kind: "USER", name: at.email });
  const user = found && principalIn(at.plan, found.id);
  if (user === undefined) throw noUser(at.email);
  return user;
}

/** The address of a user, and his account, if he accepted. */
async function accountOf({ accounts }: UserGround, { organization: org }: Asking, principal: string) {
  const email = await accounts.addressOf({ org, principal });
  const [found] = email === undefined ? [] : await accounts.list({ email, max: 1 });
  const isTheirs = found?.persons.some((one) => one.org === org && one.principal === principal) === true;
  return [email, isTheirs ? found?.id : undefined] as const;
}

/** As the model has it; 400 where it cannot. */
function principalOf(value: Principal): Rec {
  const parsed = parseRecord("principal", value);
  if (!parsed.ok) throw faulty(parsed.error);
  return parsed.value;
}

function namedBy({ first_name, last_name }: Names, standing: Principal | undefined): Pick<Principal, "name" | "properties"> {
  if (first_name === undefined && last_name === undefined) return {};
  const properties: JsonObject = {
    ...standing?.properties,
    ...(first_name === undefined ? {} : { first_name }),
    ...(last_name === undefined ? {} : { last_name }),
  };
  const name = [properties["first_name"], properties["last_name"]].filter((part) => typeof part === "string").join(" ");
  return { name, properties };
}
