/**
 * The end of an organization: every row that it has in any table, in one transaction.
 *
 * Invariant: afterwards no table has a row of it, so that another organization of the same id finds nothing; a test holds the list of
 * tables against the schema.
 */
import type Database from "better-sqlite3";

/** The head goes last: what is there without one belongs to nobody. */
const TABLES = [
  "object",
  "object_change",
  "changelog",
  "change_set",
  "once_key",
  "audit_event",
  "audit_anchor",
  "person",
  "api_token",
  "item",
  "org_head",
] as const;

/** Removes an organization. To be called in a write. */
export const organizationRemover = (db: Database.Database): ((org: string) => void) => {
  const removes = TABLES.map((table) => db.prepare(`DELETE FROM ${table} WHERE org_id = ?`));
  // The audit's lines are guarded by a trigger, which this lifts for as long as the transaction that nobody else sees.
  const lift = db.prepare("INSERT OR REPLACE INTO server_meta (name, value) VALUES ('audit_retention_runs', 'removal')");
  const guard = db.prepare("DELETE FROM server_meta WHERE name = 'audit_retention_runs'");
  return (org) => {
    lift.run();
    for (const remove of removes) remove.run(org);
    guard.run();
  };
};
