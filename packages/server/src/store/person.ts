/**
 * Personal data apart from the audit: what a principal is called and its properties stand in rows of their own, and the audit's lines
 * name them by a salted hash. The chain covers the hash; erasing a person removes the rows, and the chain still holds.
 *
 * The salt goes with the row: without it nobody can try names against the hash that stays. Ids are no personal data here: they are what
 * the audit is about. Invariant: a line of the audit that is written holds no name and no property of a principal.
 */
import { hash, randomBytes } from "node:crypto";
import type { Json, JsonObject } from "@reeve/core";
import { canonical } from "./canonical.ts";
import type { Step } from "./delta.ts";
import type { AuditedChange } from "./index.ts";

/** `digest`: hexadecimal SHA-256 of the salt and the body, which is canonical JSON of `name` and `properties`. */
export type PersonRow = {
  readonly digest: string;
  readonly principal: string;
  readonly life: number;
  readonly salt: Uint8Array;
  readonly body: string;
};
export type FindPerson = (digest: string) => PersonRow | undefined;

const SALT_BYTES = 16;

/** The steps as the audit may have them, and the rows that they name. */
export const withoutPersons = (steps: readonly Step[]): { readonly steps: readonly Step[]; readonly persons: readonly PersonRow[] } => {
  const persons: PersonRow[] = [];
  const audited = steps.map((step) => {
    if (step.kind !== "principal") return step;
    const part = (text: string | undefined): string | undefined => (text === undefined ? undefined : separated(text, step, persons));
    return { ...step, before: part(step.before), after: part(step.after) };
  });
  return { steps: audited, persons };
};

const separated = (text: string, { key, life }: Step, persons: PersonRow[]): string => {
  const { name, properties, ...rest } = JSON.parse(text) as JsonObject;
  if (name === undefined && properties === undefined) return text;
  const salt = randomBytes(SALT_BYTES);
  const body = canonical({ name, properties });
  const digest = digestOfPerson(salt, body);
  persons.push({ digest, principal: key[0] ?? "", life, salt, body });
  return canonical({ ...rest, person: digest });
};

const digestOfPerson = (salt: Uint8Array, body: string): string => hash("sha256", Buffer.concat([salt, Buffer.from(body)]), "hex");

/** An audited change as it is shown: personal data back in its place, or `person` saying that it was `erased` or `altered`. */
export const withPersons = (change: AuditedChange, find: FindPerson): AuditedChange => {
  if (change.kind !== "principal") return change;
  return { ...change, before: joined(change.before, find), after: joined(change.after, find) };
};

const joined = (side: Json, find: FindPerson): Json => {
  const digest = digestIn(side);
  if (digest === undefined) return side;
  const { person: _, ...rest } = side as JsonObject;
  const row = find(digest);
  if (row === undefined) return { ...rest, person: "erased" };
  return holds(row) ? { ...rest, ...(JSON.parse(row.body) as JsonObject) } : { ...rest, person: "altered" };
};

/** Whether every row that these changes name is as it was written, or erased. */
export const personsHold = (changes: readonly AuditedChange[], find: FindPerson): boolean =>
  changes.every(({ kind, before, after }) => {
    const digests = kind === "principal" ? [before, after].flatMap((side) => digestIn(side) ?? []) : [];
    return digests.every((digest) => {
      const row = find(digest);
      return row === undefined || holds(row);
    });
  });

const holds = ({ digest, salt, body }: PersonRow): boolean => digestOfPerson(salt, body) === digest;

const digestIn = (side: Json): string | undefined => {
  const person = side !== null && typeof side === "object" && !Array.isArray(side) ? (side as JsonObject)["person"] : undefined;
  return typeof person === "string" ? person : undefined;
};
