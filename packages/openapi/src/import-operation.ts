/**
 * One operation of a document → the record that it becomes.
 *
 * The document says what the operation is called and how its path is written; what stands says how it is mapped, unless the extension
 * does. When parameters were renamed, the target that stands is renamed with them, by their places in the template.
 */
import { LIMITS, type Operation, type Product, parseTemplate } from "@reeve/core";
import type { DescribedOperation } from "./described.ts";
import type { Place } from "./faults.ts";
import { resolveAlternatives, resolveScope } from "./import-rule.ts";
import type { Names, Problems } from "./names.ts";

export type ImportedOperation = { readonly before: Operation | undefined; readonly after: Operation; readonly at: Place };
type Given = { readonly operation: DescribedOperation; readonly path: string; readonly id: string; readonly before: Operation | undefined };
type Context = { readonly product: Product; readonly names: Names; readonly problems: Problems; readonly source: string | undefined };

export function importOperation({ operation, path, id, before }: Given, context: Context): ImportedOperation {
  const mapping = { ...standingMapping(before, path), ...saidMapping(operation, context) };
  const tag = plainText(operation.tags[0], LIMITS.nameCharactersMax);
  const summary = plainText(operation.summary, LIMITS.textCharactersMax);
  const source = before === undefined ? context.source : before.source;
  const after: Operation = {
    product: context.product.id,
    id,
    method: operation.method,
    path,
    names: namesOf(operation, before),
    ...mapping,
    ...(tag === undefined ? {} : { tag }),
    ...(summary === undefined ? {} : { summary }),
    ...(before?.note === undefined ? {} : { note: before.note }),
    ...(source === undefined ? {} : { source }),
  };
  return { before, after, at: operation.at };
}

type Mapping = Pick<Operation, "target" | "alternatives" | "also" | "organizationParameter" | "filter">;

function standingMapping(before: Operation | undefined, path: string): Mapping {
  if (before === undefined) return { target: "/" };
  const { target, alternatives, also, organizationParameter, filter } = before;
  const from = parseTemplate(before.path)?.parameters ?? [];
  const to = parseTemplate(path)?.parameters ?? [];
  const renamed = (name: string): string => to[from.indexOf(name)] ?? name;
  return {
    target: target.replaceAll(/\{([^{}/]+)\}/g, (_whole, name: string) => `{${renamed(name)}}`),
    ...(alternatives === undefined ? {} : { alternatives }),
    ...(also === undefined ? {} : { also }),
    ...(organizationParameter === undefined ? {} : { organizationParameter: renamed(organizationParameter) }),
    ...(filter === undefined ? {} : { filter }),
  };
}

function saidMapping({ rule, scope, also, filter }: DescribedOperation, { product, names, problems }: Context): Partial<Mapping> {
  const target = scope === undefined ? undefined : resolveScope(scope, { product, names, problems });
  const further = also?.flatMap(({ name, type, from }) => {
    const known = names.type(type);
    return known === undefined ? [] : [{ name, type: known, ...(from === undefined ? {} : { from }) }];
  });
  const filtered = filter === undefined ? undefined : names.type(filter.type);
  return {
    ...(rule === undefined ? {} : { alternatives: resolveAlternatives(rule, names) }),
    ...(target === undefined ? {} : target),
    ...(further === undefined ? {} : { also: further }),
    ...(filter === undefined || filtered === undefined ? {} : { filter: { type: filtered, action: filter.action } }),
  };
}

/** Names that clients may know stay; a new operationId comes after them. */
function namesOf({ operationId }: DescribedOperation, before: Operation | undefined): readonly string[] {
  const name = plainText(operationId, LIMITS.nameCharactersMax);
  const names = before?.names ?? [];
  return name === undefined || names.includes(name) ? names : [...names.slice(0, LIMITS.aliasesMax - 1), name];
}

/** Text without control characters and of a length that the model takes. */
function plainText(text: string | undefined, charactersMax: number): string | undefined {
  if (text === undefined) return undefined;
  const plain = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
  const points = [...plain.slice(0, 2 * charactersMax + 2)];
  const short = points.length > charactersMax ? `${points.slice(0, charactersMax - 1).join("")}…` : plain;
  return short === "" ? undefined : short;
}
