/**
 * What identity keeps (`../../items.ts`). An index leads to items by what they belong to, by their organization, by the principal whose
 * life they share, and by when they expire; an item that has no such thing has no row there. Rows carry their sums from the first on.
 */
import type { Migration } from "../migrate.ts";

export const items: Migration = {
  version: 5,
  name: "items",
  sql: `
CREATE TABLE item (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  org_id TEXT,
  principal TEXT,
  owner TEXT,
  expires_ms INTEGER,
  value TEXT NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_by_owner ON item (kind, owner, id) WHERE owner IS NOT NULL;
CREATE INDEX item_by_organization ON item (kind, org_id, id) WHERE org_id IS NOT NULL;
CREATE INDEX item_by_principal ON item (org_id, principal, kind, id) WHERE org_id IS NOT NULL;
CREATE INDEX item_by_expiry ON item (expires_ms) WHERE expires_ms IS NOT NULL;
`,
};
