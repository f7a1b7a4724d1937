/** Policies over this surface. Source: the reference's policy object, in the shapes of every document. Mapping only; rules: `rules.ts`. */
import { AEP_BASE, AEP_ROUTES, type AepPolicy, type AepPolicyBody, type AepRule } from "@reeve/contract";
import { type Change, type Fault, type Plan, type Policy, sandboxes } from "@reeve/core";
import { readCondition } from "../../app/index.ts";
import { type Validator, validator } from "../validate.ts";
import { type AepExchange, namesOf, paramOf } from "./exchange.ts";
import type { Wire } from "./names.ts";
import { linksOf, listed, pageAsked, pageTold } from "./pages.ts";
import { type PatchOperation, patchedList, patchOf, placeIn, textOf, unknownPath, wrong } from "./patch.ts";
import { faulty, forbidden } from "./refusals.ts";
import { keptOf, meaningOf, type RuleGround, readRules, type Written, writtenOf } from "./rules.ts";
import {
  type AepWriting,
  altered,
  audited,
  checkOrganization,
  described,
  isOurs,
  type Placing,
  PRODUCT,
  parsed,
  recordIn,
  type Standing,
  standing,
  standings,
  write,
} from "./writing.ts";

export type PolicyOptions = AepWriting & { readonly newId: () => string; readonly wire: Wire };

const validateBody: Validator<AepPolicyBody> = validator(AEP_ROUTES.createPolicy.body);
const PATHS: readonly string[] = [
  "/name",
  "/description",
  "/status",
  "/subjectCondition",
  "/rules",
  "/rules/-",
  "/rules/{index}",
  "/parameters/sandboxes",
  "/parameters/autoInclude",
];

export async function listPolicies(options: PolicyOptions, exchange: AepExchange): Promise<object> {
  const { objects } = options;
  const asked = pageAsked(exchange, ["name", "status"]);
  const page = await listed({ objects, organization: exchange.organization, kind: "policy", filter: { product: PRODUCT } }, asked);
  const found = await standings(options, exchange, { kind: "policy", found: page.objects });
  const items = found.map((one) => policyOf(options, exchange, one));
  return { items, policies: items, _page: pageTold(asked, page), _links: linksOf(`${AEP_BASE}/administration/policies`, asked, page.next) };
}

export async function getPolicy(options: PolicyOptions, exchange: AepExchange): Promise<object> {
  const policy = await shown(options, exchange, paramOf(exchange, "policyId"));
  return { ...policy, policies: [policy], items: [policy] };
}

export async function createPolicy(options: PolicyOptions, exchange: AepExchange): Promise<AepPolicy> {
  const { name, description, status = "active", parameters, ...rest } = bodyOf(exchange);
  const id = options.newId();
  const written = writtenIn(options, rest);
  await write(options, exchange, {
    action: "policies.create",
    make: (plan) => {
      const { sandboxes: listed } = boundsAfter({ plan, standing: "all" }, parameters, "/parameters");
      const base = { id, name, ...described(description), product: PRODUCT, status, sandboxes: listed };
      return [policyChange({ ...base, rules: [] }, written, groundOf(options, plan))];
    },
    place: placed,
  });
  return shown(options, exchange, id);
}

export async function putPolicy(options: PolicyOptions, exchange: AepExchange): Promise<AepPolicy> {
  const id = paramOf(exchange, "policyId");
  const { name, description, status, parameters, ...rest } = bodyOf(exchange);
  if (rest.id !== undefined && rest.id !== id) throw faulty([wrong("/id", "The path of the request names another policy.")]);
  const isBare = rest.subjectCondition === undefined;
  const written = writtenIn(options, rest);
  return alter(options, exchange, {
    action: "policies.put",
    alter: (plan, policy) => {
      const bounds = boundsAfter({ plan, standing: policy.sandboxes }, parameters, "/parameters");
      const { description: _, ...before } = policy;
      const subject = isBare ? writtenOf(policy, groundOf(options, plan)).subjectCondition : written.subjectCondition;
      const base = { ...before, name, ...described(description), status: status ?? policy.status, ...bounds };
      return [policyChange(base, { rules: written.rules, ...subjectOf(subject) }, { ...groundOf(options, plan), before: policy })];
    },
  });
}

export async function patchPolicy(options: PolicyOptions, exchange: AepExchange): Promise<AepPolicy> {
  const operations = patchOf(exchange.request.body);
  return alter(options, exchange, {
    action: "policies.patch",
    alter: (plan, policy) => {
      const before = { policy, written: writtenOf(policy, groundOf(options, plan)) };
      const after = operations.reduce((draft: Draft, operation) => patched({ plan, wire: options.wire }, draft, operation), before);
      // What was not touched stays as it is stored: the rules of what is built in are the catalogue's.
      if (after.written === before.written) return [{ put: { kind: "policy", value: parsed("policy", after.policy, placed) } }];
      return [policyChange(after.policy, after.written, { ...groundOf(options, plan), before: policy })];
    },
  });
}

export async function deletePolicy(options: PolicyOptions, exchange: AepExchange): Promise<undefined> {
  const id = paramOf(exchange, "policyId");
  await write(options, exchange, {
    action: "policies.delete",
    of: { kind: "policy", key: [id] },
    make: (plan) => {
      if (recordIn(plan, "policy", id).builtIn === true) throw forbidden("The default policy is never deleted.");
      return [{ delete: { kind: "policy", key: [id] } }];
    },
  });
  return undefined;
}

type Altering = { readonly action: string; readonly alter: (plan: Plan, policy: Policy) => readonly Change[] };

async function alter(options: PolicyOptions, exchange: AepExchange, asked: Altering): Promise<AepPolicy> {
  const id = paramOf(exchange, "policyId");
  return policyOf(options, exchange, await altered(options, exchange, { kind: "policy", id, ...asked, place: placed }));
}

async function shown(options: PolicyOptions, exchange: AepExchange, id: string): Promise<AepPolicy> {
  return policyOf(options, exchange, await standing(options, exchange, { kind: "policy", id, isOurs }));
}

const groundOf = ({ wire }: PolicyOptions, plan: Plan): RuleGround => ({ names: namesOf(plan), wire });

function policyOf(options: PolicyOptions, { asked, plan }: AepExchange, { value, etag, origin }: Standing<"policy">): AepPolicy {
  const { rules, subjectCondition = null } = writtenOf(value, groundOf(options, plan));
  return {
    id: value.id,
    recordType: "policy",
    imsOrgId: asked,
    imsOrgID: asked,
    ...audited(origin),
    name: value.name,
    description: value.description ?? null,
    status: value.status,
    subjectCondition,
    rules: [...rules],
    parameters: {
      sandboxes: [...(value.sandboxes === "all" ? sandboxes(plan) : value.sandboxes)],
      autoInclude: value.sandboxes === "all",
    },
    isDefault: value.builtIn === true,
    _etag: etag,
    etag,
  };
}

const subjectOf = (text: string | null | undefined): Pick<Written, "subjectCondition"> =>
  text === null || text === undefined ? {} : { subjectCondition: text };

type Base = Omit<Policy, "written" | "subjectCondition">;

/** The policy with these rules, as core reads it. `before`: as it stands, of which some of them may be. */
function policyChange(base: Base, written: Written, ground: RuleGround & { readonly before?: Policy }): Change {
  const { subjectCondition: _, ...rest } = base as Policy;
  const value = { ...rest, ...meaningOf(written, ground, ground.before), written: keptOf(written) };
  return { put: { kind: "policy", value: parsed("policy", value, placed) } };
}

const placed: Placing = (pointer) => pointer.replace(/^\/sandboxes/, "/parameters/sandboxes").replace(/^\/written/, "");

/** Body, organization and rules, read. Throws with every fault. */
function bodyOf(exchange: AepExchange): AepPolicyBody {
  const { body } = exchange.request;
  const { rules } = (typeof body === "object" && body !== null ? body : {}) as { readonly rules?: unknown };
  const asList = { ...(body as object), rules: rulesAsList(rules) };
  const validated = validateBody(Array.isArray(body) || typeof body !== "object" ? body : asList);
  if (!validated.ok) throw faulty(validated.error);
  checkOrganization(exchange, validated.value);
  return validated.value;
}

/** One rule alone is a list of it, and `{}` is none: documents of one kind have them. */
function rulesAsList(rules: unknown): unknown {
  if (typeof rules !== "object" || rules === null || Array.isArray(rules)) return rules;
  return Object.keys(rules).length === 0 ? [] : [rules];
}

function writtenIn({ wire }: PolicyOptions, { rules, subjectCondition }: Pick<AepPolicyBody, "rules" | "subjectCondition">): Written {
  const faults: Fault[] = [];
  const read = readRules(rules, { pointer: "/rules", wire, faults });
  readCondition(subjectCondition, "/subjectCondition", faults);
  if (faults.length > 0) throw faulty(faults);
  return { rules: read, ...subjectOf(subjectCondition) };
}

type Bounds = { readonly plan: Plan; readonly standing: Policy["sandboxes"] };

/** Where a policy holds after `parameters`: all sandboxes as long as auto-include is on; a list begins as all of that moment. */
function boundsAfter(
  { plan, standing: before }: Bounds,
  parameters: AepPolicyBody["parameters"],
  pointer: string,
): Pick<Policy, "sandboxes"> {
  if (parameters === undefined) return { sandboxes: before };
  const { sandboxes: given, autoInclude = given === undefined ? before === "all" : false } = parameters;
  if (!autoInclude) return { sandboxes: given ?? (before === "all" ? sandboxes(plan) : before) };
  const all = sandboxes(plan);
  const isWhole = given === undefined || (given.length === all.length && all.every((name) => given.includes(name)));
  if (isWhole) return { sandboxes: "all" };
  throw faulty([wrong(`${pointer}/sandboxes`, "Sandboxes are listed while autoInclude is off; it is on.")]);
}

type Draft = { readonly policy: Policy; readonly written: Written };

type Patching = { readonly plan: Plan; readonly wire: Wire };

function patched({ plan, wire }: Patching, draft: Draft, operation: PatchOperation): Draft {
  const { policy, written } = draft;
  const { op, path, value, pointer } = operation;
  const isEmpty = op === "remove" || value === null;
  const [, index] = /^\/rules(?:\/(-|\d+))?$/.exec(path) ?? [];
  if (path === "/rules" || index !== undefined)
    return { policy, written: { ...written, rules: patchedRules(written.rules, operation, { index, wire }) } };
  if (path === "/subjectCondition") {
    const { subjectCondition: _, ...rest } = written;
    const text = isEmpty ? undefined : textOf(operation);
    const faults: Fault[] = [];
    readCondition(text, `${pointer}/value`, faults);
    if (faults.length > 0) throw faulty(faults);
    return { policy, written: { ...rest, ...subjectOf(text) } };
  }
  if (path === "/description") {
    const { description: _, ...rest } = policy;
    return { policy: { ...rest, ...described(isEmpty ? null : textOf(operation)) }, written };
  }
  if (path.startsWith("/parameters")) return { policy: { ...policy, ...patchedBounds(plan, policy, operation) }, written };
  if (path !== "/name" && path !== "/status") throw unknownPath(operation, PATHS);
  if (isEmpty) throw faulty([wrong(`${pointer}/op`, `A policy is never without ${path.slice(1)}.`)]);
  return { policy: { ...policy, [path.slice(1)]: textOf(operation) }, written };
}

function patchedBounds(plan: Plan, { sandboxes: standing }: Policy, operation: PatchOperation): Pick<Policy, "sandboxes"> {
  const { op, path, value, pointer } = operation;
  if (path === "/parameters/autoInclude") {
    if (op === "remove" || typeof value !== "boolean")
      throw faulty([{ ...wrong(`${pointer}/value`, "This is true or false."), code: "wrong_type" }]);
    return boundsAfter({ plan, standing }, { autoInclude: value }, `${pointer}/value`);
  }
  const [, index] = /^\/parameters\/sandboxes(?:\/(-|\d+))?$/.exec(path) ?? [];
  if (path !== "/parameters/sandboxes" && index === undefined) throw unknownPath(operation, PATHS);
  if (standing === "all") throw faulty([wrong(`${pointer}/path`, "Sandboxes are added and removed while autoInclude is off; it is on.")]);
  return { sandboxes: patchedList(standing, operation, index) };
}

type RulePlace = { readonly index: string | undefined; readonly wire: Wire };

function patchedRules(rules: readonly AepRule[], operation: PatchOperation, { index, wire }: RulePlace): readonly AepRule[] {
  const { op, pointer } = operation;
  if (index === undefined) {
    if (op === "remove") return [];
    const given = rulesIn(operation, wire);
    return op === "add" ? [...rules, ...given] : given;
  }
  const at = placeIn(rules.length, op, index);
  if (at === undefined) throw faulty([wrong(`${pointer}/path`, `There is no rule ${index}.`)]);
  if (op === "remove") return rules.toSpliced(at, 1);
  const [given, ...more] = Array.isArray(operation.value) ? [] : rulesIn(operation, wire);
  if (given === undefined || more.length > 0)
    throw faulty([{ ...wrong(`${pointer}/value`, "This is one rule: a place of the list holds one."), code: "wrong_type" }]);
  return rules.toSpliced(at, op === "add" ? 0 : 1, given);
}

/** The rule or the rules that an operation gives. */
function rulesIn({ value, pointer }: PatchOperation, wire: Wire): readonly AepRule[] {
  const validated = validateBody({ name: "rules", rules: rulesAsList(value) });
  const moved = (fault: Fault): Fault => ({ ...fault, pointer: `${pointer}/value${fault.pointer.replace(/^\/rules/, "")}` });
  if (!validated.ok) throw faulty(validated.error.map(moved));
  const faults: Fault[] = [];
  const read = readRules(validated.value.rules, { pointer: `${pointer}/value`, wire, faults });
  if (faults.length > 0) throw faulty(faults);
  return read;
}
