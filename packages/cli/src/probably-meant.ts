/**
 * What was probably meant, where the server knows no such thing: looked up in its own lists after the fact.
 *
 * Invariant: a suggestion costs only who was refused, a bounded number of calls, and never changes the answer or the exit code.
 */
import type { CollectionName, DecisionAnswer, RouteId } from "@reeve/contract";
import { keyOf, type Rec, SYSTEM_GROUPS } from "@reeve/core";
import type { Client } from "./client.ts";
import { collectionOf, type ObjectName } from "./collection.ts";
import { nearest } from "./did-you-mean.ts";
import type { Failure } from "./exit.ts";
import { allListed } from "./pages.ts";
import type { Question } from "./question.ts";

export type Place = { readonly client: Client; readonly org: string };
type Value = Readonly<Record<string, unknown>>;

/** More are not looked through: a suggestion is not worth it. */
const LOOKED_MAX = 5_000;

/** The failure with a line more, where an organization or product is unknown and a like one is there. */
export async function withSuggestion(failure: Failure, { client, org }: Place): Promise<Failure> {
  if (failure.problem?.code !== "organization_not_found") return failure;
  const pages = await allListed<{ readonly id: string }>(client, { route: "listOrganizations", limit: LOOKED_MAX });
  const ids = pages.ok ? pages.value.entries.map(({ id }) => id) : [];
  return added(failure, nearest(org, ids));
}

/** The same for an object that is not there. */
export async function withNearestObject(failure: Failure, object: ObjectName, place: Place): Promise<Failure> {
  return failure.problem?.code === "object_not_found" ? added(failure, await nearestObject(object, place)) : failure;
}

/** The key of a like object of the same collection, members with spaces between. */
export async function nearestObject({ kind, key }: ObjectName, place: Place): Promise<string | undefined> {
  const named = collectionOf(kind);
  if (!named.ok) return undefined;
  const { name, collection } = named.value;
  const values = await stored(place, name);
  const keys = values.map((value) =>
    collection.under === undefined
      ? keyOf({ kind: collection.kind, value } as Rec).join(" ")
      : String(value.path).slice(collection.under.path.length),
  );
  return nearest(key.join(" "), keys);
}

const added = (failure: Failure, word: string | undefined): Failure =>
  word === undefined ? failure : { ...failure, lines: [...failure.lines, `  Did you mean ${word}?`] };

async function stored(
  { client, org }: Place,
  name: CollectionName,
  filter: Readonly<Record<string, string>> = {},
): Promise<readonly Value[]> {
  const pages = await allListed<{ readonly value: Value }>(client, {
    route: `${name}.list` as RouteId,
    parameters: { org },
    limit: LOOKED_MAX,
    filter,
  });
  return pages.ok ? pages.value.entries.map(({ value }) => value) : [];
}

/** What was probably meant by what a decision calls unknown; as a sentence. */
export async function meantByDeny(answer: DecisionAnswer, question: Question, place: Place): Promise<string | undefined> {
  const code = answer.context.reasons[0]?.code ?? "";
  if (answer.decision || !code.startsWith("unknown_")) return undefined;
  const word = await meantBy(code, question, place);
  return word === undefined ? undefined : `Did you mean ${word}?`;
}

async function meantBy(code: string, { route, body }: Question, place: Place): Promise<string | undefined> {
  if (code === "unknown_principal") return nearestPrincipal(body.subject, await stored(place, "principals"));
  if (route === "checkOperation") return code === "unknown_operation" ? nearestOperation(body, place) : undefined;
  const types = typesOf(await stored(place, "products"));
  if (code === "unknown_action") {
    return nearest(
      body.action.name,
      types.flatMap(([, { actions = {} }]) => Object.keys(actions)),
    );
  }
  const path = body.resource.path;
  if (path === undefined)
    return code === "unknown_type"
      ? nearest(
          body.resource.type ?? "",
          types.map(([type]) => type),
        )
      : undefined;
  const paths = (await stored(place, "resources")).map(({ path: known }) => String(known));
  return nearest(path, paths);
}

/** What a question names. */
export type Asked = {
  readonly subject?: { readonly type: string; readonly id: string };
  readonly action?: { readonly name: string };
  readonly type?: string;
  readonly operation?: Call;
};

/** Where a list is empty: what of the question is unknown, and what was probably meant. A list does not say so itself. */
export async function meantByNothing(place: Place, asked: Asked): Promise<readonly string[]> {
  const { subject, action, type, operation } = asked;
  const lines: string[] = [];
  if (subject !== undefined && !(await isKnown(subject, place))) {
    const meant = nearestPrincipal(subject, await stored(place, "principals"));
    lines.push(`There is no ${subject.type}:${subject.id}.${question(meant)}`);
  }
  const types = action === undefined ? [] : typesOf(await stored(place, "products"));
  // Without any type the products could not be read, and nothing is known.
  if (action !== undefined && types.length > 0 && !types.some(([, { actions = {} }]) => action.name in actions)) {
    const actions = types.flatMap(([, one]) => Object.keys(one.actions ?? {}));
    lines.push(`No type has the action ${action.name}.${question(nearest(action.name, actions))}`);
  }
  // Of principals it is their kind.
  if (subject !== undefined && type !== undefined && types.length > 0 && !types.some(([known]) => known === type)) {
    lines.push(
      `There is no type ${type}.${question(
        nearest(
          type,
          types.map(([known]) => known),
        ),
      )}`,
    );
  }
  const call = operation === undefined ? undefined : await nearestOperation(operation, place);
  return call === undefined ? lines : [...lines, `Did you mean ${call}?`];
}

/** Unknown only where the server says so; who may not look is told nothing. */
async function isKnown({ type, id }: { readonly type: string; readonly id: string }, { client, org }: Place): Promise<boolean> {
  if (type === "group" && SYSTEM_GROUPS.includes(id)) return true;
  const answer = await client.askJson({ route: "principals.get", parameters: { org, id } });
  if (!answer.ok) return answer.error.problem?.code !== "object_not_found";
  return (answer.value.value as { readonly type?: unknown } | null)?.type === type;
}

const question = (word: string | undefined): string => (word === undefined ? "" : ` Did you mean ${word}?`);

type Type = { readonly actions?: Readonly<Record<string, unknown>> };
const typesOf = (products: readonly Value[]): readonly (readonly [string, Type])[] =>
  products.flatMap(({ types }) => Object.entries((types ?? {}) as Record<string, Type>));

/** By its id, or by another kind with the same id. */
function nearestPrincipal({ type, id }: { readonly type: string; readonly id: string }, known: readonly Value[]): string | undefined {
  const names = known.map((one) => `${one.type}:${one.id}`);
  return names.find((name) => name.endsWith(`:${id}`) && name !== `${type}:${id}`) ?? nearest(`${type}:${id}`, names);
}

type Call = { readonly product: string; readonly method: string; readonly target: string };

/** A template is compared with the call's own segments where it has parameters. */
async function nearestOperation({ product, method, target }: Call, place: Place): Promise<string | undefined> {
  const operations = await stored(place, "operations", { product });
  if (operations.length === 0) {
    return nearest(
      product,
      (await stored(place, "products")).map(({ id }) => String(id)),
    );
  }
  const segments = (target.split("?")[0] ?? "").split("/");
  const filled = new Map(
    operations.map((one) => {
      const path = String(one.path).split("/");
      const like = path.map((segment, at) => (/^\{.*\}$/.test(segment) ? (segments[at] ?? segment) : segment)).join("/");
      return [`${one.method} ${like}`, `${one.method} ${one.path}`];
    }),
  );
  const call = `${method} ${segments.join("/")}`;
  if (filled.has(call)) return undefined;
  return filled.get(nearest(call, filled.keys()) ?? "");
}
