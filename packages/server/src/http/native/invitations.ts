/** Invitations of the native surface. A link is in the answer that made it and nowhere else. Mapping only. */
import { type InvitationAnswer, type InvitationMade, InvitationRequest } from "@reeve/contract";
import type { Cursors, Invitations } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { queryOf } from "../query.ts";
import { validator, validBody } from "../validate.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";
import { askedBy, reasonOf, refused } from "./writing.ts";

const validateInvitation = validator<InvitationRequest>(InvitationRequest);
const CREATED = 201;
const NO_CONTENT = 204;

export type InvitationOptions = { readonly invitations: Invitations; readonly cursors: Cursors };
type InvitationRoute = "listInvitations" | "createInvitation" | "deleteInvitation";
type Answered = Awaited<ReturnType<Invitations["invite"]>>;
type Told = NonNullable<Extract<Answered, { readonly ok: true }>["value"]["told"]>;
type InvitationRefused = Extract<Answered, { readonly ok: false }>["error"];

export function invitationHandlers(options: InvitationOptions): Pick<Handlers, InvitationRoute> {
  return {
    listInvitations: (exchange) => list(options, exchange),
    createInvitation: (exchange) => invite(options, exchange),
    deleteInvitation: (exchange) => withdraw(options, exchange),
  };
}

const orgOf = ({ request }: Exchange): string => (request.params as { readonly org: string }).org;

async function list({ invitations, cursors }: InvitationOptions, exchange: Exchange): Promise<object> {
  const org = orgOf(exchange);
  const { limit, cursor } = queryOf(exchange.request.url, ["limit", "cursor"]);
  const question = ["invitations", org];
  const position = positionOf(cursors, question, { cursor });
  const max = limitOf(limit);
  const found = await invitations.list({ org, max, ...(position === undefined ? {} : { after: position[0] as string }) });
  if (found === undefined) throw new HttpProblem("organization_not_found");
  const last = found.length < max ? undefined : found.at(-1);
  return pageOf(found.map(told), last === undefined ? undefined : [last.id], { cursors, question });
}

async function invite({ invitations }: InvitationOptions, exchange: Exchange): Promise<InvitationMade> {
  const asked = validBody(validateInvitation, exchange);
  const organization = orgOf(exchange);
  const { byOffice } = exchange;
  const result = await invitations.invite({
    ...asked,
    organization,
    ...(byOffice === undefined ? {} : { byOffice }),
    ...askedBy(exchange),
    ...reasonOf(exchange),
  });
  if (!result.ok) throw problemOf(result.error);
  const { principal, email, told: made, link } = result.value;
  exchange.reply.status(CREATED).header("cache-control", "no-store");
  if (made === undefined) return { principal, email };
  exchange.reply.header("location", `/v1/orgs/${encodeURIComponent(organization)}/invitations/${made.id}`);
  return { ...told(made), ...(link === undefined ? {} : { link }) };
}

function problemOf(error: InvitationRefused): HttpProblem {
  if (error.code === "faulty") return faultyBody(error.faults);
  if (error.code === "mail_failed") return new HttpProblem(error.code, { detail: NOT_SENT });
  return refused(error, () => "/id");
}

const NOT_SENT = "The invitation was withdrawn; its user stays. Ask again once mail works: the server's log says what failed.";

const told = ({ id, principal, email, createdMs, expiresMs }: Told): InvitationAnswer => ({
  id,
  principal,
  email,
  created: createdMs,
  expires: expiresMs,
});

async function withdraw({ invitations }: InvitationOptions, exchange: Exchange): Promise<undefined> {
  const { id } = exchange.request.params as { readonly id: string };
  if (!(await invitations.withdraw(orgOf(exchange), id, askedBy(exchange)))) {
    throw new HttpProblem("object_not_found", { detail: "There is no such invitation." });
  }
  exchange.reply.status(NO_CONTENT);
  return undefined;
}
