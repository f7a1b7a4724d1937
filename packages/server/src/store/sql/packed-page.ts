/**
 * A page of rows as one text, for the way between two threads: texts are copied as they are, objects one by one.
 *
 * The text is a JSON list of pieces: of a *plain grant* an empty one, its key and its access, of every other row its kind and its body.
 * (Pieces cut out of a joined text would hold all of it in memory.) Invariant: unpacking gives the records that the rows stand for.
 */
import type { AccessType, Kind, Reach, Rec } from "@reeve/core";
import type { ObjectRow } from "./object-rows.ts";

/** Where the access of a grant's body begins: it is the first of its members. */
const ACCESS_AT = '{"access":"'.length;

/**
 * The access of a grant that says nothing but its key and its access, as most do: it need not be parsed. Canonical members stand in
 * their order: who gave it, when, and its window would stand between its access and its principal. Only of rows that fit their sums.
 */
const plainAccess = (kind: Kind, body: string): string | undefined => {
  if (kind !== "grant") return undefined;
  const end = body.indexOf('"', ACCESS_AT);
  return body.startsWith('","principal":', end) ? body.slice(ACCESS_AT, end) : undefined;
};

export const recordOfRow = ([kind, k1, k2, k3, body]: ObjectRow): Rec => {
  const access = plainAccess(kind, body);
  return access === undefined ? parsed(kind, body) : plainGrant(k1, k2, { reach: k3, access });
};

export const pack = (rows: readonly ObjectRow[]): string => {
  const pieces: string[] = [];
  for (const [kind, k1, k2, k3, body] of rows) {
    const access = plainAccess(kind, body);
    if (access === undefined) pieces.push(kind, body);
    else pieces.push("", k1, k2, k3, access);
  }
  return JSON.stringify(pieces);
};

export const unpack = (text: string): Rec[] => {
  const pieces = JSON.parse(text) as readonly string[];
  const records: Rec[] = [];
  for (let at = 0; at + 1 < pieces.length; ) {
    const [kind, second] = [pieces[at] as string, pieces[at + 1] as string];
    if (kind !== "") {
      records.push(parsed(kind as Kind, second));
      at += 2;
      continue;
    }
    const [resource, reach, access] = [pieces[at + 2] as string, pieces[at + 3] as string, pieces[at + 4] as string];
    records.push(plainGrant(second, resource, { reach, access }));
    at += 5;
  }
  return records;
};

const parsed = (kind: Kind, body: string): Rec => ({ kind, value: JSON.parse(body) }) as Rec;

/** Members in the order of the body. */
const plainGrant = (principal: string, resource: string, { reach, access }: { readonly reach: string; readonly access: string }): Rec => ({
  kind: "grant",
  value: { access: access as AccessType, principal, reach: reach as Reach, resource },
});
