/**
 * Sums over rows, so that a damaged value is seen and not served (`../../row-sum.ts`). What is there already is taken as it is: the
 * sums begin to watch over it from this step on.
 */
import type { Kind } from "@reeve/core";
import type Database from "better-sqlite3";
import { objectSum, rowSum } from "../../row-sum.ts";
import type { Migration } from "../migrate.ts";

type ObjectColumns = [org: string, kind: Kind, k1: string, k2: string, k3: string, life: number, body: string];
type Column = string | number | Buffer | null;

const addSums = (db: Database.Database): void => {
  db.function("object_sum", { varargs: true, deterministic: true }, (...[org, kind, k1, k2, k3, life, body]: ObjectColumns) =>
    objectSum(org, { kind, key: [k1, k2, k3], stored: { life, body } }),
  );
  db.function("row_sum", { varargs: true, deterministic: true }, (...columns: Column[]) => rowSum(columns));
  db.aggregate("xor_sum", { start: 0, step: (sum: number, each: number) => (sum ^ each) >>> 0 });
  db.exec(`
UPDATE object SET sum = object_sum(org_id, kind, k1, k2, k3, life, body);
UPDATE org_head SET (object_count, object_sum) = (SELECT count(*), xor_sum(sum) FROM object WHERE object.org_id = org_head.org_id);
UPDATE org_head SET sum = row_sum(org_id, rev, epoch, audit_seq, audit_hash, audit_period, life_seq, object_count, object_sum);
UPDATE changelog SET sum = row_sum(org_id, rev, change_set, ts_ms, body);
UPDATE api_token SET sum = row_sum(hash, kind, org_id, principal, client_id, ceiling, name, created_ms, expires_ms);
`);
};

export const sums: Migration = {
  version: 2,
  name: "sums",
  sql: `
ALTER TABLE object ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE changelog ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_token ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE org_head ADD COLUMN object_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE org_head ADD COLUMN object_sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE org_head ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
`,
  run: addSums,
};
