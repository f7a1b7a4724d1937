/**
 * Lists that are questions: the options of `reeve list` → the body that is sent, for resources, principals, actions and roles.
 *
 * A list is a question where one of the asking options is given; without any it shows what is stored.
 * Invariant: an option that the list does not take is told; nothing that was given is dropped in silence.
 */
import type { RouteId } from "@reeve/contract";
import { present, type Result } from "@reeve/core";
import { EXIT, type Failure } from "./exit.ts";
import { subjectOf, treeOf } from "./question.ts";

export type AskingOptions = {
  readonly subject?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly child?: string;
  readonly type?: string;
  readonly product?: string;
  readonly below?: string;
  readonly label?: string;
  readonly sandbox?: string;
  readonly context?: readonly string[];
  readonly atLeast?: string;
};
type Asked = keyof AskingOptions;
export type ListQuestion = { readonly route: RouteId; readonly bodies: readonly Readonly<Record<string, unknown>>[] };

/** Kinds of principals, one list each. */
export const PRINCIPAL_TYPES = ["user", "service-account", "group"] as const;

type Form = { readonly route: RouteId; readonly needs: readonly Asked[]; readonly takes: readonly Asked[]; readonly says: string };
const FORMS: Readonly<Record<string, Form>> = {
  resources: {
    route: "listResources",
    needs: ["subject", "action", "type"],
    takes: ["product", "below", "context", "atLeast"],
    says: "resources on which somebody may do something",
  },
  principals: {
    route: "listPrincipals",
    needs: ["action", "resource"],
    takes: ["type", "child", "context", "atLeast"],
    says: "principals who may do something",
  },
  actions: {
    route: "listActions",
    needs: ["subject", "resource"],
    takes: ["child", "context", "atLeast"],
    says: "actions that somebody may do",
  },
  roles: {
    route: "listRoles",
    needs: [],
    takes: ["product", "type", "action", "label", "sandbox", "atLeast"],
    says: "roles by what they hold",
  },
};
/** Any of these makes the list a question. */
const ASKING: readonly Asked[] = ["subject", "action", "resource", "child", "type", "label", "sandbox", "context"];
const ALL: readonly Asked[] = [...ASKING, "product", "below", "atLeast"];

const flag = (name: Asked): string => `--${name === "atLeast" ? "at-least" : name}`;

/** Whether the options make it a question; `actions` is nothing else. */
export function isQuestion(what: string, options: AskingOptions): boolean {
  return what === "actions" || ASKING.some((name) => options[name] !== undefined);
}

export function listQuestionOf(what: string, options: AskingOptions): Result<ListQuestion, Failure> {
  const form = FORMS[what];
  if (form === undefined) {
    const asking = ASKING.filter((name) => options[name] !== undefined).map(flag);
    return usage(`${asking.join(", ")} ask about ${Object.keys(FORMS).join(", ")}; ${what} are listed with --filter.`);
  }
  const faults: string[] = [];
  const missing = form.needs.filter((name) => options[name] === undefined).map(flag);
  if (missing.length > 0) {
    faults.push(
      `A list of ${form.says} needs ${missing.join(" and ")} too. (Stored ${what} are listed with --filter, such as --filter type=…)`,
    );
  }
  const taken = [...form.needs, ...form.takes];
  const odd = ALL.filter((name) => options[name] !== undefined && !taken.includes(name)).map(flag);
  if (odd.length > 0) faults.push(`A list of ${form.says} takes no ${odd.join(", ")}.`);
  const bodies = bodiesOf(what, options, faults);
  return faults.length > 0 ? usage(...faults) : { ok: true, value: { route: form.route, bodies } };
}

const usage = (...lines: readonly string[]): { readonly ok: false; readonly error: Failure } => ({
  ok: false,
  error: { exit: EXIT.usage, lines },
});

function bodiesOf(what: string, options: AskingOptions, faults: string[]): ListQuestion["bodies"] {
  const { subject, action, resource, child, type, product, below, label, sandbox, atLeast } = options;
  const context = treeOf(options.context, "--context", faults);
  const about = {
    ...(subject === undefined ? {} : { subject: subjectOf(subject, faults) }),
    ...present({ product, below, label, sandbox, atLeast, context }),
    ...(resource === undefined ? {} : { resource: { path: resource, ...present({ child }) } }),
  };
  if (what === "roles") return [{ ...about, ...present({ type, action }) }];
  const asked = { ...about, ...(action === undefined ? {} : { action: { name: action } }) };
  if (what !== "principals") return [{ ...asked, ...present({ type }) }];
  return principalTypes(type, faults).map((one) => ({ ...asked, type: one }));
}

/** The kinds that are meant: the given one, or all three. */
export function principalTypes(type: string | undefined, faults: string[]): readonly string[] {
  if (type === undefined) return PRINCIPAL_TYPES;
  if (!PRINCIPAL_TYPES.some((known) => known === type)) {
    faults.push(`--type ${type} is not allowed: allowed is ${PRINCIPAL_TYPES.join(", ")}.`);
  }
  return [type];
}
