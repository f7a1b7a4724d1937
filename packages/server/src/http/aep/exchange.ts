/**
 * Who asks this surface, of which organization: headers that a gateway would have looked at.
 *
 * The organization is named by its own id or by one of its tenant ids; an API key is the client id of the credential that is shown.
 * Invariant: a header that counts comes once; nobody learns of an organization that is not his, not even whether it is there.
 */
import type { AepRoute } from "@reeve/contract";
import { findRecord, isId, type Plan } from "@reeve/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Guard, Questions } from "../../app/index.ts";
import type { Authenticate, Caller } from "../../identity/index.ts";
import { AepRefusal, forbidden, malformed } from "./refusals.ts";

export type AepExchange = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller;
  /** Its id, and what the request calls it. */
  readonly organization: string;
  readonly asked: string;
  readonly plan: Plan;
};

export type AepGround = {
  readonly authenticate: Authenticate;
  readonly guard: Guard;
  readonly questions: Pick<Questions, "plan" | "held" | "check">;
  readonly clock: () => number;
};

const ONCE: readonly string[] = [
  "authorization",
  "x-api-key",
  "x-gw-ims-org-id",
  "x-sandbox-name",
  "content-type",
  "if-match",
  "reeve-at-least",
];

/** A header that is sent once; Node joins or drops what is sent twice. */
function checkTwice({ raw: { rawHeaders } }: FastifyRequest): void {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    if (!ONCE.includes(name)) continue;
    if (seen.has(name)) throw malformed(`The header ${name} is sent twice.`);
    seen.add(name);
  }
}

export function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Who asks, and the organization as it stands. Throws where he may not. */
export async function exchangeOf(
  ground: AepGround,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  route: AepRoute,
): Promise<AepExchange> {
  checkTwice(request);
  const authorization = headerOf(request, "authorization");
  if (authorization === undefined) throw new AepRefusal("403010");
  const caller = await ground.authenticate({ authorization }, ground.clock());
  if (caller === undefined) throw new AepRefusal("401013");
  const key = headerOf(request, "x-api-key");
  if (key === undefined) throw new AepRefusal("403000");
  if (key !== caller.clientId) throw new AepRefusal("403003");
  const asked = headerOf(request, "x-gw-ims-org-id");
  if (asked === undefined) throw new AepRefusal("400003");
  if (!isId(asked)) throw new AepRefusal("403027");
  const organization = caller.principal?.organization ?? asked;
  const verdict = await ground.guard(caller, { organization, needs: route.for === "self" ? "read" : "admin" });
  const isRefused = verdict !== "permitted" && (verdict.code !== "not_permitted" || !mayNevertheless(caller, route));
  if (isRefused && verdict.code !== "not_permitted") throw new AepRefusal("403025");
  const plan = await ground.questions.plan(organization, route.writes === true ? undefined : headerOf(request, "reeve-at-least"));
  if ("code" in plan) throw unanswered(plan.code);
  if (!namesOf(plan).includes(asked)) throw new AepRefusal("403025");
  if (isRefused) throw forbidden("Who asks does not administer the organization.");
  return { request, reply, caller, organization, asked, plan };
}

/** Who does not administer the organization asks about himself, and does what a permission of his own allows: that is asked at the write. */
function mayNevertheless({ ceiling }: Caller, { for: whom }: AepRoute): boolean {
  return whom === "self" || (whom === "holders" && ceiling === "admin");
}

/** All ids by which an organization is known. */
export function namesOf(plan: Plan): readonly string[] {
  const record = findRecord(plan, "organization", []);
  return [plan.organization, ...(record?.kind === "organization" ? record.value.tenantIds : [])];
}

function unanswered(
  code: "organization_not_found" | "malformed_revision" | "revision_of_another_history" | "revision_not_reached",
): AepRefusal {
  if (code === "organization_not_found") return new AepRefusal("403025");
  if (code === "malformed_revision") return malformed("Reeve-At-Least is no revision that this server gave out.");
  const [status, detail] =
    code === "revision_not_reached"
      ? [504, "The revision was not reached in time."]
      : [409, "The revision is of another history of this organization."];
  return new AepRefusal({ status: status as number, code, detail: detail as string });
}

/** The member of a path. */
export function paramOf({ request }: AepExchange, name: string): string {
  return (request.params as Readonly<Record<string, string>>)[name] as string;
}
