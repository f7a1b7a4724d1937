/**
 * What the table says in words, alike in every form of it: the sections above it, the cells of a rule, the marks.
 *
 * Everything here is plain text without markup; who renders it escapes it.
 * Invariant: what can be read off the table (profiles, permissions, counts) is read off it, so that no sentence contradicts a row.
 */
import type { PermissionTable, TableAny, TableEntry, TableMarker, TableRow, TableRule } from "./model.ts";

export type Point = { readonly term: string; readonly text: string };
export type Section = { readonly heading: string; readonly lead: string; readonly points: readonly Point[] };

export const MARKER_WORDS: Readonly<Record<TableMarker, string>> = {
  unmapped: "No rule: refused for everybody until an administrator maps it.",
  orphan: "Has a rule, but the API's description does not know it. Enforced when called.",
  "read default": "No rule of its own: the read default applies.",
  "own rule": "The organization's own rule, in place of the published one.",
};

/** The line under the title. */
export function leadWords({ title }: PermissionTable): string {
  return `Which product profiles and permissions open each operation of ${title}. Made from the rules that are enforced, row by row.`;
}

/** What is to be read above the table. */
export function sectionsOf(table: PermissionTable): readonly Section[] {
  return [twoPermissions(table), profiles(table), defaults(table)];
}

function twoPermissions({ roles }: PermissionTable): Section {
  const namesake = roles.find(({ name }) => name === "Developer");
  const even = namesake === undefined ? "" : `, even one called ${namesake.name},`;
  return {
    heading: "Two permissions to consider",
    lead: "One belongs to the account that calls, the other to the person who makes its credential. Neither stands in for the other.",
    points: [
      {
        term: "The account that calls",
        text: "A technical account may do what its own product profiles open: all of them together, looked up at each call, so that a change counts at once. The person who made its credential lends it nothing.",
      },
      {
        term: "The developer who makes the credential",
        text: `Must be an organization administrator, or have developer access to product profiles and attach those alone. Developer access opens no operation for the person; and holding a profile${even} gives no developer access.`,
      },
    ],
  };
}

const BOUNDS: Readonly<Record<PermissionTable["boundedBy"], string>> = {
  scopes: " in a scope that covers what the call is about",
  sandboxes: " and counts in the sandbox that the call is about",
  none: "",
};

function profiles({ boundedBy, prerequisite }: PermissionTable): Section {
  const points: Point[] = [
    { term: "Predefined", text: "Opens the operations whose row names it. It cannot be edited." },
    {
      term: "Custom",
      text: `Opens an operation when it holds the row's permission${BOUNDS[boundedBy]}. Where the row says “Not configurable”, no custom profile can.`,
    },
  ];
  if (prerequisite !== undefined) {
    const { action, of, permissions } = prerequisite;
    const needed = permissions.length === 0 ? `the action ${action}` : listWords(permissions, "or");
    points.push({
      term: "Besides",
      text: `A call about one of the ${of}, or about anything in it, also needs ${needed} on it, on top of what the row names.`,
    });
  }
  points.push({
    term: "Refused all the same",
    text: "A Deny rule of a policy closes an operation to those whom it meets, whatever the row opens.",
  });
  return { heading: "How a row is read", lead: "One fitting profile or permission is enough.", points };
}

function defaults({ readDefault, summary }: PermissionTable): Section {
  const reads =
    readDefault === undefined
      ? "There is none here: a GET operation without a rule is refused like any other."
      : `A GET operation without a rule of its own is open to ${sentenceOf(readDefault)}.`;
  return {
    heading: "When a row has no rule",
    lead: "Nothing is guessed: what no rule opens is refused.",
    points: [
      { term: "Read default", text: reads },
      {
        term: "Unmapped",
        text: `${readDefault === undefined ? "An" : "Any other"} operation without a rule is refused for everybody until an administrator maps it${counted(summary.unmapped)}.`,
      },
      {
        term: "Orphan",
        text: `Has a rule, but the API's description does not know it. The rule is enforced when it is called${counted(summary.orphans)}.`,
      },
    ],
  };
}

const counted = (count: number): string => (count === 0 ? "; there is none now" : `; there ${count === 1 ? "is" : "are"} ${count} now`);

function sentenceOf(rule: TableRule): string {
  const parts: string[] = [];
  if (rule.roles.length > 0) parts.push(listWords(rule.roles.map(entryWords), "and"));
  if (rule.permissions.length > 0) parts.push(`a custom profile with ${listWords(rule.permissions.map(entryWords), "or")}`);
  for (const any of rule.anyRole) parts.push(anyWords(any).toLowerCase());
  return parts.length === 0 ? "nobody" : parts.join(", and to ");
}

/** `a, b or c`. */
export function listWords(words: readonly string[], last: "and" | "or"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words[words.length - 1]}`;
}

/** What follows an entry's name: its product where it is another, that nothing is so called, its condition. */
export function extentWords({ product, unknown, when }: Partial<TableEntry>): string {
  const parts: string[] = [];
  if (product !== undefined) parts.push(`of ${product}`);
  if (unknown === true) parts.push("not in the catalogue: opens nothing");
  if (when !== undefined) parts.push(`when ${when}`);
  return parts.join(", ");
}

export function entryWords(entry: TableEntry): string {
  const extent = extentWords(entry);
  return extent === "" ? entry.name : `${entry.name} (${extent})`;
}

export function anyWords(any: TableAny): string {
  const extent = extentWords(any);
  return extent === "" ? "Any product profile" : `Any product profile (${extent})`;
}

/** What stands where there is no profile to name; `undefined`: there is one. */
export function noProfileWords(rule: TableRule | undefined): string | undefined {
  if (rule === undefined) return "Nobody";
  if (rule.roles.length + rule.anyRole.length > 0) return undefined;
  return rule.permissions.length > 0 ? "Custom profiles only" : "Nobody";
}

/** What stands where there is no permission to name; `undefined`: there is one. */
export function noPermissionWords(rule: TableRule | undefined): string | undefined {
  if (rule === undefined) return "None: unmapped";
  if (rule.permissions.length > 0) return undefined;
  return rule.anyRole.length > 0 ? "None: any product profile is enough" : "Not configurable";
}

/** What the row asks or gives besides its rule. */
export function besidesOf({ also, filter, organizationParameter }: TableRow): readonly string[] {
  const lines = also.map(({ name, from }) => `Also on: ${name}${from === undefined ? "" : ` (${from})`}`);
  if (filter !== undefined) {
    const { type, action, permissions } = filter;
    lines.push(`Lists only ${type} with ${permissions.length === 0 ? action : listWords(permissions, "or")}`);
  }
  if (organizationParameter !== undefined) lines.push(`{${organizationParameter}} must be the organization's own`);
  return lines;
}

/** How many rows are shown. */
export function countWords(shown: number, all: number): string {
  if (shown === all) return all === 1 ? "1 operation" : `${all} operations`;
  return `${shown} of ${all} operations`;
}
