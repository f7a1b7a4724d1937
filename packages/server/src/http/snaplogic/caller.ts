/**
 * Who asks the public API: by a bearer token, or by a name and a password in the Basic scheme: a person's address and password, or a
 * client id and its secret, which is a service account's password.
 *
 * Invariant: a wrong password is an attempt like any other, and who is not known is told no more than that.
 */
import { findRecord, type Plan } from "@reeve/core";
import type { FastifyRequest } from "fastify";
import type { Guard, Questions } from "../../app/index.ts";
import type { Accounts, Authenticate, Caller, Clients, SignIn } from "../../identity/index.ts";
import { NamedRefusal } from "./refusals.ts";

export type CallerGround = {
  readonly authenticate: Authenticate;
  readonly guard: Guard;
  readonly questions: Pick<Questions, "plan">;
  readonly clock: () => number;
  readonly accounts: Pick<Accounts, "persons" | "principalOf">;
  readonly clients: Pick<Clients, "authenticateClient">;
  readonly signIn: Pick<SignIn, "signIn">;
};
export type Asking = { readonly caller: Caller; readonly organization: string; readonly plan: Plan };

const BASIC = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i;
/** As some documents print it. */
const PRINTED = /^Bearer +Token +/i;

/**
 * Who asks of which organization, by the name that the request has for it, or of his own; he administers it. Throws where he does not.
 */
export async function askingOf(ground: CallerGround, request: FastifyRequest, named: string | undefined): Promise<Asking> {
  const { authorization } = request.headers;
  const basic = BASIC.exec(authorization ?? "")?.[1];
  const caller =
    basic === undefined
      ? await ground.authenticate({ authorization: authorization?.replace(PRINTED, "Bearer ") }, ground.clock())
      : await byPassword(ground, { encoded: basic, named, address: request.ip });
  if (caller === undefined) throw new NamedRefusal(401, "The credentials are missing or wrong.");
  const organization = caller.principal?.organization ?? named;
  if (organization === undefined) throw new NamedRefusal(403, "This is for administrators of one organization: nothing here names it.");
  const verdict = await ground.guard(caller, { organization, needs: "admin" });
  if (verdict !== "permitted" && verdict.code !== "not_permitted") throw noOrganization(named ?? organization);
  const plan = await ground.questions.plan(organization, undefined);
  if ("code" in plan || !namesOf(plan).includes(named ?? organization)) throw noOrganization(named ?? organization);
  if (verdict !== "permitted") throw new NamedRefusal(403, "This is for administrators of the organization.");
  return { caller, organization, plan };
}

const noOrganization = (named: string): NamedRefusal => new NamedRefusal(404, `There is no organization ${named}.`);

/** By its id, by one of its tenant ids, by its name. */
function namesOf(plan: Plan): readonly string[] {
  const rec = findRecord(plan, "organization", []);
  return rec?.kind === "organization" ? [plan.organization, ...rec.value.tenantIds, rec.value.name] : [plan.organization];
}

type Shown = { readonly encoded: string; readonly named: string | undefined; readonly address: string };

async function byPassword(ground: CallerGround, { encoded, named, address }: Shown): Promise<Caller | undefined> {
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const at = decoded.indexOf(":");
  if (at < 1) return undefined;
  const [name, password] = [decoded.slice(0, at), decoded.slice(at + 1)];
  if (!name.includes("@")) {
    const client = await ground.clients.authenticateClient(name, password);
    return client && callerOf(client.org, { type: "service-account", id: client.principal });
  }
  const signed = await ground.signIn.signIn({ email: name, password, address });
  if (!signed.ok) return undefined;
  // The organization that is named, by its id, where he is in several.
  const persons = await ground.accounts.persons(signed.value.id);
  const person = persons.find(({ org }) => org === named) ?? (persons.length === 1 ? persons[0] : undefined);
  return person && callerOf(person.org, { type: "user", id: person.principal });
}

const callerOf = (organization: string, { type, id }: { readonly type: "user" | "service-account"; readonly id: string }): Caller => ({
  principal: { organization, type, id },
  organizations: [organization],
  ceiling: "admin",
  how: "token",
});
