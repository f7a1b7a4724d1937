/**
 * `reeve who-can`: the principals to whom check allows an action on a resource, or a call of an API.
 */
import { present, type Result } from "@reeve/core";
import { type AskOptions, askPlace } from "../asked.ts";
import { askEntries, type Entry, hintsOf, toldEntries } from "../entries.ts";
import { EXIT, type Exit, type Failure } from "../exit.ts";
import { principalTypes } from "../list-question.ts";
import { targetsOf, treeOf } from "../question.ts";
import type { Shell } from "../shell.ts";

export type WhoCanOptions = AskOptions & {
  readonly product?: string;
  readonly child?: string;
  readonly type?: string;
  readonly target?: readonly string[];
  readonly attribute?: readonly string[];
  readonly context?: readonly string[];
  readonly atLeast?: string;
  readonly limit?: number;
};
/** Action and resource, or method and target. */
export type Pair = { readonly first: string; readonly second: string };

export function whoCan(shell: Shell, pair: Pair, options: WhoCanOptions): Promise<Exit> {
  return askPlace(shell, options, async (place) => {
    const bodies = whoBodies(pair, options);
    if (!bodies.ok) return bodies;
    const asked = { route: "listPrincipals", bodies: bodies.value, limit: options.limit } as const;
    const found = await askEntries<Entry>(place, asked);
    if (!found.ok) return found;
    return { ok: true, value: toldEntries(found.value, { title: "ID", hints: await hintsOf(place, found.value, asked) }) };
  });
}

/** A body for each kind of principal that is asked about. */
export function whoBodies(pair: Pair, options: WhoCanOptions): Result<readonly Record<string, unknown>[], Failure> {
  const faults: string[] = [];
  const types = principalTypes(options.type, faults);
  const context = treeOf(options.context, "--context", faults);
  const about = options.product === undefined ? aboutResource(pair, options, faults) : aboutOperation(pair, options, faults);
  if (faults.length > 0) return { ok: false, error: { exit: EXIT.usage, lines: faults } };
  return { ok: true, value: types.map((type) => ({ type, ...about, ...present({ context, atLeast: options.atLeast }) })) };
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function aboutResource({ first, second }: Pair, { child, target, attribute }: WhoCanOptions, faults: string[]): object {
  if (target !== undefined || attribute !== undefined)
    faults.push("--target and --attribute go with a call of an API, and so with --product.");
  if (METHODS.includes(first))
    faults.push(`${first} looks like the method of a call: that needs --product, such as --product cloud-manager.`);
  return { action: { name: first }, resource: { path: second, ...present({ child }) } };
}

function aboutOperation({ first, second }: Pair, { product, child, target, attribute }: WhoCanOptions, faults: string[]): object {
  if (child !== undefined) faults.push("--child is about a resource and does not go with a call of an API.");
  const attributes = treeOf(attribute, "--attribute", faults);
  const targets = targetsOf(target, faults);
  return { operation: { product, method: first, target: second, ...present({ attributes, targets }) } };
}
