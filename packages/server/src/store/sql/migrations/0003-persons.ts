/**
 * Personal data of principals apart from the audit's lines (`../../person.ts`). Lines of before this step stay as they are: their hashes
 * cover what they say.
 */
import type { Migration } from "../migrate.ts";

export const persons: Migration = {
  version: 3,
  name: "persons",
  sql: `
CREATE TABLE person (
  org_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  principal TEXT NOT NULL,
  life INTEGER NOT NULL,
  salt BLOB NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (org_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_by_principal ON person (org_id, principal, life);
`,
};
