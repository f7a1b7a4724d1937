/**
 * What an operation and a permission set speak of, taken from their names alone.
 *
 * An *operation* has a chain of nouns (its literal segments from the outside in), of which some are types of the product, a head
 * (the last), and a verb: a last segment that is a verb, else the first word of its name, else its method. A permission set has *readings*:
 * object and verb, from its name, its aliases, its id and the actions that it gives.
 */
import { type Operation, ORGANIZATION_TYPE, type PermissionSet, type Product, parseTemplate } from "@reeve/core";
import { sameWords, singular, wordsOf } from "./nouns.ts";
import { isFrameWord, LIGHT_NOUNS, methodClass, ORGANIZATION_NOUNS, verbClass } from "./verbs.ts";

export type Link = { readonly words: readonly string[]; readonly parameter?: string; readonly type?: string };
export type OperationReading = {
  readonly operation: Operation;
  /** Without segments that say nothing, and without the verb. */
  readonly chain: readonly Link[];
  readonly verb: string | undefined;
  /** All words that may name its object: of the chain, the tag and the names. */
  readonly words: ReadonlySet<string>;
  readonly nameWords: ReadonlySet<string>;
  readonly target: string;
  readonly organizationParameter?: string;
  readonly read: boolean;
};
export type SetReading = { readonly object: readonly string[]; readonly verbs: readonly string[] };

export function readOperation(operation: Operation, types: Product["types"]): OperationReading {
  const links = linksOf(operation.path, types);
  const { chain, verb: said } = withoutVerb(links, operation.method);
  const names = operation.names.map(wordsOf);
  const nameVerb = names.map(([first]) => (first === undefined ? undefined : verbClass(first))).find((verb) => verb !== undefined);
  const read = operation.method === "GET" || operation.method === "HEAD";
  const byMethod = methodClass(operation.method, chain.at(-1)?.parameter !== undefined);
  const nameWords = new Set(names.flat());
  const { target, organizationParameter } = targetOf(operation, links);
  return {
    operation,
    chain,
    verb: read ? "read" : agreed(said ?? nameVerb, byMethod, operation.method),
    words: new Set([...chain.flatMap(({ words }) => words), ...wordsOf(operation.tag ?? ""), ...nameWords]),
    nameWords,
    target,
    ...(organizationParameter === undefined ? {} : { organizationParameter }),
    read,
  };
}

/** A name that contradicts the method tells nothing, and nothing is read into it. */
function agreed(said: string | undefined, byMethod: string | undefined, method: string): string | undefined {
  if (said === undefined) return byMethod;
  if (said === "read") return undefined;
  return method === "DELETE" && ["create", "edit"].includes(said) ? undefined : said;
}

function linksOf(path: string, types: Product["types"]): readonly Link[] {
  const links: Link[] = [];
  let above: string | undefined;
  for (const segment of parseTemplate(path)?.segments ?? []) {
    const [part] = segment;
    const last = links.at(-1);
    if (segment.length === 1 && part !== undefined && "parameter" in part && last !== undefined && last.parameter === undefined) {
      const type = typeAt(types, last.words, above);
      above = type ?? above;
      links[links.length - 1] = { ...last, parameter: part.parameter, ...(type === undefined ? {} : { type }) };
      continue;
    }
    const literal = segment.flatMap((each) => ("literal" in each ? [each.literal] : [])).join(" ");
    const words = literal.split(" ").flatMap(wordsOf);
    if (words.length > 0 && !words.every(isFrameWord)) links.push({ words });
  }
  return links;
}

function typeAt(types: Product["types"], words: readonly string[], above: string | undefined): string | undefined {
  return Object.keys(types).find((type) => {
    const parents = types[type]?.parents;
    const placed = above === undefined ? parents === undefined : (parents?.includes(above) ?? false);
    return placed && type !== ORGANIZATION_TYPE && sameWords(type, words.join(" "));
  });
}

/** A last segment that begins with a verb is what is done, not what it is done to. */
function withoutVerb(links: readonly Link[], method: string): { readonly chain: readonly Link[]; readonly verb?: string } {
  const last = links.at(-1);
  const [first, ...others] = last?.words ?? [];
  const verb = first === undefined || last?.parameter !== undefined || links.length < 2 ? undefined : verbClass(first);
  if (verb === undefined || (verb === "read") !== (method === "GET" || method === "HEAD")) return { chain: links };
  const left = others.filter((word) => !LIGHT_NOUNS.has(word));
  return { chain: left.length === 0 ? links.slice(0, -1) : [...links.slice(0, -1), { words: left }], verb };
}

/** The innermost resource that the path names, of those that are types. A target that somebody chose is kept. */
function targetOf(
  { target, organizationParameter }: Operation,
  links: readonly Link[],
): Pick<OperationReading, "target" | "organizationParameter"> {
  const kept = organizationParameter === undefined ? {} : { organizationParameter };
  if (target !== "/") return { target, ...kept };
  const path = links
    .flatMap(({ type, parameter }) => (type === undefined || parameter === undefined ? [] : [`/${type}/{${parameter}}`]))
    .join("");
  if (path !== "") return { target: path, ...kept };
  const tenant = links.find(
    ({ words, parameter }) => parameter !== undefined && words.length === 1 && ORGANIZATION_NOUNS.has(words[0] as string),
  );
  return { target: "/", ...(tenant?.parameter === undefined ? kept : { organizationParameter: tenant.parameter }) };
}

export function readingsOf({ id, name, aliases = [], pairs }: PermissionSet): readonly SetReading[] {
  const readings = [name, ...aliases, id].flatMap((text) => readingOf(text) ?? []);
  for (const { type, actions } of pairs) {
    for (const action of actions) readings.push(...actionReading(action, type));
  }
  return readings;
}

/** "Pipeline Delete", "Manage users", "Approve/Reject": verbs at one end, joined by a slash or a word; the rest is the object. */
function readingOf(text: string): SetReading | undefined {
  const parts = text.split(/[^\p{L}\p{N}/&,-]+|[-_.:]+/u).map((part) => part.split(/[/&,]/).flatMap(wordsOf));
  const words = parts.filter(
    (part) => part.length > 0 && !(part.length === 1 && ["and", "or", "of", "the", "all"].includes(part[0] as string)),
  );
  for (const end of [words.at(-1), words[0]]) {
    const verbs = (end ?? []).map(verbClass);
    if (end === undefined || verbs.length === 0 || !verbs.every((verb) => verb !== undefined)) continue;
    const object = words.filter((part) => part !== end).flat();
    if (object.length > 0) return { object, verbs };
  }
  return undefined;
}

function actionReading(action: string, type: string): readonly SetReading[] {
  const words = wordsOf(action);
  const typeWords =
    type === ORGANIZATION_TYPE
      ? []
      : type
          .split(/[-_.:]/)
          .map(singular)
          .flatMap(wordsOf);
  const [first, ...object] = words;
  const verb = first === undefined ? undefined : verbClass(first);
  if (verb === undefined) return [];
  if (object.length > 0) return [{ object, verbs: [verb] }];
  return typeWords.length > 0 ? [{ object: typeWords, verbs: [verb] }] : [];
}
