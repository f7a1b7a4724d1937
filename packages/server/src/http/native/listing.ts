/** Questions whose answers are lists: what check allows, what is held, effective permissions. Bodies → queries of the engine. Mapping only. */
import {
  EffectiveRequest,
  HeldRequest,
  ListActionsRequest,
  ListPrincipalsRequest,
  ListResourcesRequest,
  ListRolesRequest,
  PAGE_USUAL,
} from "@reeve/contract";
import { type JsonObject, type ListQuery, type Plan, present, type Subject } from "@reeve/core";
import { type Cursors, type Questions, writeRevision } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyBody } from "../problem.ts";
import { type Validator, validator, validBody } from "../validate.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { boundFaults } from "./bounds.ts";
import { positionOf } from "./paging.ts";
import { type ResourceBody, resourceOf } from "./questions.ts";

type Paged = { readonly limit?: number; readonly cursor?: string; readonly atLeast?: string; readonly context?: JsonObject };
type Named = { readonly name: string; readonly properties?: JsonObject };
type ResourcesBody = Paged & {
  readonly subject: Subject;
  readonly action: Named;
  readonly type: string;
  readonly product?: string;
  readonly below?: string;
};
type PrincipalsBody = Paged & {
  readonly type: string;
  readonly action?: Named;
  readonly resource?: ResourceBody;
  readonly operation?: OperationBody;
};
type OperationBody = {
  readonly product: string;
  readonly method: string;
  readonly target: string;
  readonly attributes?: JsonObject;
  readonly targets?: Readonly<Record<string, string | null>>;
};
type ActionsBody = Paged & { readonly subject: Subject; readonly resource: ResourceBody };
type RolesBody = Paged & {
  readonly product?: string;
  readonly type?: string;
  readonly action?: string;
  readonly label?: string;
  readonly sandbox?: string;
};
type HeldBody = { readonly subject: Subject; readonly place: string; readonly product?: string; readonly atLeast?: string };
type EffectiveBody = Paged & { readonly subject: Subject; readonly below?: string };

const validate = {
  resources: validator<ResourcesBody>(ListResourcesRequest),
  principals: validator<PrincipalsBody>(ListPrincipalsRequest),
  actions: validator<ActionsBody>(ListActionsRequest),
  roles: validator<RolesBody>(ListRolesRequest),
  held: validator<HeldBody>(HeldRequest),
  effective: validator<EffectiveBody>(EffectiveRequest),
};

export type ListingOptions = { readonly questions: Questions; readonly cursors: Cursors };
type ListingRoute = "listResources" | "listPrincipals" | "listActions" | "listRoles" | "held" | "effective";

export function listingHandlers(options: ListingOptions): Pick<Handlers, ListingRoute> {
  const { questions } = options;
  const listing =
    <T extends Paged>(read: Validator<T>, queryOf: (body: T) => DistributiveOmit<ListQuery, "max" | "after">) =>
    async (exchange: Exchange): Promise<unknown> => {
      const body = accept(read, exchange);
      const query = queryOf(body);
      return paged(options, { exchange, body, query }, (plan, page) => questions.list(plan, { ...query, ...page } as ListQuery));
    };
  return {
    listResources: listing(validate.resources, ({ subject, action, type, product, below, context }) => ({
      list: "resources",
      principal: subject,
      action,
      type,
      ...present({ product, below, context }),
    })),
    listPrincipals: listing(validate.principals, (body) => ({
      list: "principals",
      type: body.type,
      ask: askOf(body),
      ...present({ context: body.context }),
    })),
    listActions: listing(validate.actions, ({ subject, resource, context }) => ({
      list: "actions",
      principal: subject,
      resource: resourceOf(resource),
      ...present({ context }),
    })),
    listRoles: listing(validate.roles, ({ product, type, action, label, sandbox }) => ({
      list: "roles",
      ...present({ product, type, action, label, sandbox }),
    })),
    async held(exchange) {
      const { subject, place, product } = accept(validate.held, exchange);
      const plan = await planOf(options, exchange);
      return { revision: writeRevision(plan.at), entries: questions.held(plan, { principal: subject, place, ...present({ product }) }) };
    },
    async effective(exchange) {
      const body = accept(validate.effective, exchange);
      const query = { principal: body.subject, ...present({ below: body.below, context: body.context }) };
      return paged(options, { exchange, body, query }, (plan, page) => questions.effective(plan, { ...query, ...page }));
    },
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type PageOf = { readonly entries: readonly unknown[]; readonly next?: string };
type Asked = { readonly exchange: Exchange; readonly body: Paged; readonly query: unknown };

/** One page of a list; the next one begins after its last entry. */
async function paged(
  options: ListingOptions,
  { exchange, body, query }: Asked,
  page: (plan: Plan, part: { readonly max: number; readonly after?: string }) => PageOf,
): Promise<unknown> {
  const question = [exchange.request.routeOptions.url, exchange.request.params, query];
  const position = positionOf(options.cursors, question, { cursor: body.cursor, pointer: "/cursor" });
  const max = body.limit ?? PAGE_USUAL;
  const plan = await planOf(options, exchange);
  const { entries, next } = page(plan, position === undefined ? { max } : { max, after: position[0] as string });
  const told = { revision: writeRevision(plan.at), entries };
  return next === undefined ? told : { ...told, next: options.cursors.write(question, [next]) };
}

async function planOf({ questions }: ListingOptions, { request, reply }: Exchange): Promise<Plan> {
  const { org } = request.params as { readonly org: string };
  const plan = await questions.plan(org, atLeastOf(request.body, request.headers[AT_LEAST]));
  if ("code" in plan) throw unanswered(plan);
  reply.header(REVISION_HEADER, writeRevision(plan.at));
  return plan;
}

function accept<T>(read: Validator<T>, { request }: Exchange): T {
  const value = validBody(read, { request });
  const faults = boundFaults(request.body as object, "");
  if (faults.length > 0) throw faultyBody(faults);
  return value;
}

/** Whom a list of principals is about: an operation, or an action and a resource. */
function askOf({ action, resource, operation }: PrincipalsBody): Extract<ListQuery, { readonly list: "principals" }>["ask"] {
  if (operation !== undefined && action === undefined && resource === undefined) return { operation };
  if (operation === undefined && action !== undefined && resource !== undefined) return { action, resource: resourceOf(resource) };
  const detail = "Give either an action and a resource, or an operation.";
  throw faultyBody([{ code: "required", pointer: "", detail, allowed: ["action", "resource", "operation"] }]);
}
