/**
 * `reeve list`: what is stored, by collection, or what check allows: resources, principals, actions, and roles by what they hold.
 */
import type { RouteId } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { tell } from "../answer.ts";
import { type AskOptions, askPlace, askServer, type Place } from "../asked.ts";
import { collectionOf, type Named, objectTable } from "../collection.ts";
import { didYouMean } from "../did-you-mean.ts";
import { askEntries, type Entry, hintsOf, toldEntries, toldTable } from "../entries.ts";
import { EXIT, type Exit, type Failure } from "../exit.ts";
import { type AskingOptions, isQuestion, listQuestionOf } from "../list-question.ts";
import type { Told } from "../output.ts";
import { allListed, cutNotes } from "../pages.ts";
import type { Shell } from "../shell.ts";

export type ListOptions = AskOptions &
  AskingOptions & {
    readonly filter?: readonly string[];
    readonly sort?: string;
    readonly name?: string;
    readonly limit?: number;
  };
type Stored = { readonly revision: string; readonly value: Readonly<Record<string, unknown>> };

/** What is listed beside collections. */
export const OTHER_LISTS = ["organizations", "actions"] as const;
const TITLES: Readonly<Record<string, string>> = { resources: "PATH", principals: "ID", actions: "ACTION", roles: "ROLE" };

export function list(shell: Shell, what: string, options: ListOptions): Promise<Exit> {
  if (what === "organizations") return listOrganizations(shell, options);
  return askPlace(shell, options, async (place) => {
    if (what === "actions") return listAnswers(place, what, options);
    const named = collectionOf(what, OTHER_LISTS);
    if (!named.ok) return named;
    return isQuestion(named.value.name, options) ? listAnswers(place, named.value.name, options) : listObjects(place, named.value, options);
  });
}

async function listAnswers(place: Place, what: string, options: ListOptions): Promise<Result<Told, Failure>> {
  const faults = onlyStored(options).map((option) => `${option} goes with a list of what is stored, not with a question.`);
  if (faults.length > 0) return { ok: false, error: { exit: EXIT.usage, lines: faults } };
  const question = listQuestionOf(what, options);
  if (!question.ok) return question;
  const asked = { ...question.value, limit: options.limit };
  const found = await askEntries<Entry>(place, asked);
  if (!found.ok) return found;
  // Of roles, `action` and `type` are what they hold: an empty list says so.
  const hints = what === "roles" ? [] : await hintsOf(place, found.value, asked);
  return { ok: true, value: toldEntries(found.value, { title: TITLES[what] as string, hints }) };
}

const onlyStored = ({ filter, sort, name }: ListOptions): readonly string[] =>
  Object.entries({ "--filter": filter, "--sort": sort, "--name": name }).flatMap(([option, value]) =>
    value === undefined ? [] : [option],
  );

async function listObjects({ client, org }: Place, named: Named, options: ListOptions): Promise<Result<Told, Failure>> {
  const query = storedQuery(named, options);
  if (!query.ok) return query;
  const pages = await allListed<Stored>(client, {
    route: `${named.name}.list` as RouteId,
    parameters: { org },
    filter: query.value,
    limit: options.limit,
  });
  if (!pages.ok) return pages;
  const items = pages.value.entries;
  const table = objectTable(
    named,
    items.map(({ value }) => value),
  );
  return { ok: true, value: toldTable({ value: { items }, table, notes: cutNotes(pages.value) }) };
}

/** The filters as the server takes them; one that the collection has not is told with those that it has. */
function storedQuery({ name: of, collection }: Named, options: ListOptions): Result<Record<string, string>, Failure> {
  const { filter = [], sort, name, below, product } = options;
  const query: Record<string, string> = Object.create(null);
  const faults: string[] = [];
  for (const pair of [...filter, ...(product === undefined ? [] : [`product=${product}`])]) {
    const [, field = "", value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (value === undefined) faults.push(`--filter ${pair} is not allowed: allowed is field=value.`);
    else if (!collection.filters.includes(field)) {
      const known = collection.filters.length === 0 ? "none" : collection.filters.join(", ");
      faults.push(`${of} cannot be filtered by ${field}.${didYouMean(field, collection.filters)} Allowed: ${known}.`);
    } else query[field] = value;
  }
  const sorts = collection.sorts.flatMap((one) => [one, `-${one}`]);
  if (sort !== undefined && !sorts.includes(sort)) {
    faults.push(`${of} cannot be sorted by ${sort}.${didYouMean(sort, sorts)} Allowed: ${sorts.join(", ")}.`);
  }
  if (name !== undefined && collection.byName !== true) faults.push(`${of} cannot be listed by --name: they have none.`);
  if (below !== undefined && collection.below !== true) faults.push(`${of} cannot be listed --below a path.`);
  if (faults.length > 0) return { ok: false, error: { exit: EXIT.usage, lines: faults } };
  for (const [member, value] of Object.entries({ sort, name, below })) if (value !== undefined) query[member] = value;
  return { ok: true, value: query };
}

function listOrganizations(shell: Shell, options: ListOptions): Promise<Exit> {
  if (isQuestion("organizations", options) || onlyStored(options).length > 0) {
    return Promise.resolve(tell(shell, { exit: EXIT.usage, lines: ["A list of organizations takes only --limit."] }));
  }
  return askServer(shell, options, async (client) => {
    const pages = await allListed<{ readonly id: string }>(client, { route: "listOrganizations", limit: options.limit });
    if (!pages.ok) return pages;
    const items = pages.value.entries;
    const table = { titles: ["ID"], rows: items.map(({ id }) => [id]) };
    return { ok: true, value: toldTable({ value: { items }, table, notes: cutNotes(pages.value) }) };
  });
}
