/**
 * Lists of roles and policies in the order in which they were made, and of one product's policies (`../../listed.ts`).
 */
import type { Kind } from "@reeve/core";
import type Database from "better-sqlite3";
import { columnsOfBody } from "../../listed.ts";
import type { Migration } from "../migrate.ts";

const fill = (db: Database.Database): void => {
  db.function("object_class", { deterministic: true }, (kind: Kind, body: string) => {
    try {
      return columnsOfBody(kind, body).class;
    } catch {
      // A damaged body: whoever reads the row is told.
      return "[]";
    }
  });
  db.exec("UPDATE object SET class = object_class(kind, body) WHERE kind = 'policy'");
};

export const origins: Migration = {
  version: 6,
  name: "origins",
  sql: `
CREATE INDEX object_by_life ON object (org_id, kind, class, life, k1, k2, k3)
WHERE class IS NOT NULL AND (kind = 'role' OR kind = 'policy');
`,
  run: fill,
};
