/**
 * Questions: the arguments of `check` and `why` → the body that is sent.
 *
 * A call of an API is asked about with `--product`, method and target; anything else is a question about a resource.
 * Invariant: what does not fit is told, all of it together; nothing that was given is dropped in silence.
 */
import type { CheckRequest, OperationCheckRequest } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { EXIT, type Failure } from "./exit.ts";

export type QuestionOptions = {
  readonly subject: string;
  readonly action?: string;
  readonly resource?: string;
  readonly type?: string;
  readonly id?: string;
  readonly child?: string;
  readonly product?: string;
  readonly target?: readonly string[];
  readonly attribute?: readonly string[];
  readonly context?: readonly string[];
  readonly atLeast?: string;
};
/** Method and target, as on the request line. */
export type RequestLine = { readonly method: string | undefined; readonly target: string | undefined };
export type Question =
  | { readonly route: "check"; readonly body: CheckRequest }
  | { readonly route: "checkOperation"; readonly body: OperationCheckRequest };

type Tree = { [member: string]: unknown };

export function questionOf(options: QuestionOptions, line: RequestLine): Result<Question, Failure> {
  const faults: string[] = [];
  const subject = subjectOf(options.subject, faults);
  const context = treeOf(options.context, "--context", faults);
  const about = {
    subject,
    ...(context === undefined ? {} : { context }),
    ...(options.atLeast === undefined ? {} : { atLeast: options.atLeast }),
  };
  const question: Question = isOperation(options, line)
    ? { route: "checkOperation", body: { ...about, ...operationOf(options, line, faults) } }
    : { route: "check", body: { ...about, ...resourceOf(options, faults) } };
  return faults.length === 0 ? { ok: true, value: question } : { ok: false, error: { exit: EXIT.usage, lines: faults } };
}

const isOperation = ({ product }: QuestionOptions, { method }: RequestLine): boolean => product !== undefined || method !== undefined;

function operationOf(
  options: QuestionOptions,
  { method = "", target = "" }: RequestLine,
  faults: string[],
): Pick<OperationCheckRequest, "product" | "method" | "target" | "attributes" | "targets"> {
  const { product = "" } = options;
  if (product === "") faults.push("A question about a call of an API needs --product, such as --product cloud-manager.");
  if (method === "" || target === "") faults.push("A question about a call needs method and target, such as: GET /api/program/4");
  for (const name of ["action", "resource", "type", "id", "child"] as const) {
    if (options[name] !== undefined) faults.push(`--${name} is about a resource and does not go with a call of an API.`);
  }
  const attributes = treeOf(options.attribute, "--attribute", faults);
  const targets = targetsOf(options.target, faults);
  return { product, method, target, ...(attributes === undefined ? {} : { attributes }), ...(targets === undefined ? {} : { targets }) };
}

function resourceOf(options: QuestionOptions, faults: string[]): Pick<CheckRequest, "action" | "resource"> {
  const { action = "", resource: path, type, id, child } = options;
  if (action === "")
    faults.push("A question about a resource needs --action; one about a call of an API needs --product, method and target.");
  if (path === undefined && (type === undefined || id === undefined)) {
    faults.push("A resource is named by --resource PATH, or by --type and --id.");
  }
  if (path !== undefined && (type !== undefined || id !== undefined)) faults.push("Either --resource, or --type and --id: not both.");
  if (child !== undefined && path === undefined) faults.push("--child goes with --resource, the path of its parent.");
  if (options.target !== undefined) faults.push("--target goes with a call of an API.");
  if (options.attribute !== undefined) faults.push("--attribute goes with a call of an API; for a resource there is --context.");
  const resource = { ...(path === undefined ? { type: type ?? "", id: id ?? "" } : { path }), ...(child === undefined ? {} : { child }) };
  return { action: { name: action }, resource };
}

/** `type:id` → both. `option`: what the fault calls it. */
export function subjectOf(text: string, faults: string[], option = "--subject "): CheckRequest["subject"] {
  const at = text.indexOf(":");
  if (at < 1 || at === text.length - 1) {
    faults.push(`${option}${text} is not allowed: allowed is type:id, such as user:ada or service-account:demo-developer.`);
  }
  return { type: text.slice(0, Math.max(at, 0)), id: text.slice(at + 1) };
}

export function targetsOf(pairs: readonly string[] | undefined, faults: string[]): Record<string, string | null> | undefined {
  if (pairs === undefined) return undefined;
  const targets: Record<string, string | null> = Object.create(null);
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(at, 0));
    if (name === "") faults.push(`--target ${pair} is not allowed: allowed is name=path, or name=none where the request names none.`);
    else if (name in targets) faults.push(`--target ${name} is given twice.`);
    else targets[name] = pair.slice(at + 1) === "none" ? null : pair.slice(at + 1);
  }
  return targets;
}

/** `step.action=approval` → {"step":{"action":"approval"}}; after `:=` comes JSON, for numbers, booleans and lists. */
export function treeOf(pairs: readonly string[] | undefined, option: string, faults: string[]): Tree | undefined {
  if (pairs === undefined) return undefined;
  const root: Tree = Object.create(null);
  for (const pair of pairs) {
    const [, name = "", sign = "", text = ""] = /^([^=]*?)(:?=)(.*)$/s.exec(pair) ?? [];
    const value = sign === ":=" ? jsonOf(text) : text;
    if (name === "" || name.split(".").includes("") || value === undefined) {
      faults.push(`${option} ${pair} is not allowed: allowed is name=text or name:=json; dots in the name lead deeper.`);
    } else if (!put(root, name.split("."), value)) faults.push(`${option} ${name} is given twice, or below another value.`);
  }
  return root;
}

/** False where something else stands there. Objects without a prototype: a member may have any name. */
function put(root: Tree, names: readonly string[], value: unknown): boolean {
  let tree = root;
  for (const name of names.slice(0, -1)) {
    tree[name] ??= Object.create(null);
    const next = tree[name];
    if (typeof next !== "object" || next === null || Object.getPrototypeOf(next) !== null) return false;
    tree = next as Tree;
  }
  const last = names.at(-1) as string;
  if (last in tree) return false;
  tree[last] = value;
  return true;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
