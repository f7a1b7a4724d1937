/**
 * Administration of the native surface: bodies → changes, results → answers. Mapping only.
 *
 * Invariant: every fault of a body is told at once, each with its place; what was refused left nothing.
 */
import { type ChangesAnswer, ChangesRequest, type Me, OrganizationRequest } from "@reeve/contract";
import { type Change, type Fault, type Organization, parseChange, parseRecord } from "@reeve/core";
import type { Changes, WriteRefused } from "../../app/index.ts";
import type { Caller } from "../../identity/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { validator } from "../validate.ts";

type Body = { readonly reason?: string; readonly ifRevision?: string; readonly changes: readonly unknown[] };
type OrganizationBody = { readonly id: string; readonly name: string; readonly tenantIds?: readonly string[] };
const validateChanges = validator<Body>(ChangesRequest);
const validateOrganization = validator<OrganizationBody>(OrganizationRequest);

export function administrationHandlers(changes: Changes): Pick<Handlers, "writeChanges" | "createOrganization" | "me"> {
  return {
    async writeChanges(exchange): Promise<ChangesAnswer> {
      const { reason, ifRevision, ...body } = readChanges(exchange.request.body);
      const result = await changes.write({
        organization: (exchange.request.params as { readonly org: string }).org,
        changes: body.changes,
        ...(reason === undefined ? {} : { reason }),
        ...(ifRevision === undefined ? {} : { ifRevision }),
        ...askedBy(exchange),
      });
      if (!result.ok) throw refused(result.error);
      exchange.reply.header("reeve-revision", result.value.revision);
      return result.value;
    },
    async createOrganization(exchange) {
      const { id, ...organization } = readOrganization(exchange.request.body);
      const result = await changes.create({ organization: id, ...organization, changes: [], ...askedBy(exchange) });
      if (!result.ok) throw refused(result.error);
      exchange.reply
        .status(CREATED)
        .header("location", `/v1/orgs/${encodeURIComponent(id)}`)
        .header("reeve-revision", result.value.revision);
      return { id, revision: result.value.revision };
    },
    me: ({ caller }) => meOf(caller as Caller),
  };
}

const CREATED = 201;

/** Reads the body of a write; all faults of its form and of every change's value together. */
function readChanges(value: unknown): { readonly reason?: string; readonly ifRevision?: string; readonly changes: readonly Change[] } {
  const validated = validateChanges(value);
  // What the schema says of a change, its parser says better.
  const faults: Fault[] = validated.ok ? [] : validated.error.filter(({ pointer }) => !pointer.startsWith("/changes/"));
  if (!isListed(value) || faults.some(({ pointer }) => pointer === "/changes")) throw faultyBody(faults);
  const parsed: Change[] = [];
  for (const [index, change] of value.changes.entries()) {
    const result = parseChange(change, `/changes/${index}`);
    if (result.ok) parsed.push(result.value);
    else faults.push(...result.error);
  }
  if (faults.length > 0) throw faultyBody(faults);
  return { ...(value as Body), changes: parsed };
}

function isListed(value: unknown): value is { readonly changes: readonly unknown[] } {
  return typeof value === "object" && value !== null && Array.isArray((value as { readonly changes?: unknown }).changes);
}

/** Reads the body of a creation: its id, and the organization as the model's own parser reads it. */
function readOrganization(value: unknown): { readonly id: string } & Organization {
  const validated = validateOrganization(value);
  if (!validated.ok && (typeof value !== "object" || value === null || Array.isArray(value))) throw faultyBody(validated.error);
  const { id, ...organization } = value as OrganizationBody;
  const parsed = parseRecord("organization", organization);
  const faults = validated.ok ? [] : validated.error.filter(({ pointer }) => pointer === "/id");
  if (!parsed.ok) throw faultyBody([...faults, ...parsed.error]);
  if (faults.length > 0) throw faultyBody(faults);
  return { id, ...(parsed.value.value as Organization) };
}

function askedBy({ caller, request }: Exchange): {
  readonly actor: { readonly type: string; readonly id: string };
  readonly requestId: string;
} {
  const principal = caller?.principal;
  return { actor: principal === undefined ? { type: "administrator", id: "administrator" } : principal, requestId: request.id };
}

function refused(error: WriteRefused): HttpProblem {
  switch (error.code) {
    case "changes_refused":
      return new HttpProblem("changes_refused", { errors: error.faults as never });
    case "malformed_revision":
      return new HttpProblem("malformed_request", {
        errors: [
          { code: "not_allowed", pointer: "/ifRevision", detail: "This must be a revision that this server gave out: <epoch>.<number>." },
        ],
      });
    default:
      return new HttpProblem(error.code, "detail" in error ? { detail: error.detail } : {});
  }
}

function meOf({ principal, organizations, ceiling, how, clientId }: Caller): Me {
  return {
    administrator: principal === undefined,
    principal: principal ?? null,
    organizations: organizations === "all" ? "all" : [...organizations],
    ceiling,
    how,
    clientId: clientId ?? null,
  };
}
