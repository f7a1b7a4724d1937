/**
 * The first schema. `org_id` leads every key, so that organizations can later be spread over machines; keys of objects are columns of
 * their own (k1 to k3, empty where the kind has fewer members), so that no joined string can confuse two of them.
 * Tables are STRICT; text compares by bytes. What an organization's object table holds is clustered by key, because loading reads it in that order.
 */
import type { Migration } from "../migrate.ts";

export const first: Migration = {
  version: 1,
  name: "first",
  sql: `
CREATE TABLE org_head (
  org_id TEXT NOT NULL PRIMARY KEY,
  rev INTEGER NOT NULL,
  epoch TEXT NOT NULL,
  audit_seq INTEGER NOT NULL,
  audit_hash BLOB NOT NULL,
  audit_period INTEGER NOT NULL,
  life_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE object (
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  k1 TEXT NOT NULL,
  k2 TEXT NOT NULL,
  k3 TEXT NOT NULL,
  life INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (org_id, kind, k1, k2, k3)
) STRICT, WITHOUT ROWID;

CREATE TABLE changelog (
  org_id TEXT NOT NULL,
  rev INTEGER NOT NULL,
  change_set TEXT NOT NULL,
  ts_ms INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (org_id, rev)
) STRICT;

CREATE TABLE audit_event (
  org_id TEXT NOT NULL,
  period INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ts_ms INTEGER NOT NULL,
  actor_type TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  request_id TEXT NOT NULL,
  ip TEXT,
  rev INTEGER,
  body TEXT NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (org_id, period, seq)
) STRICT;
CREATE INDEX audit_event_by_actor ON audit_event (org_id, actor_id, period, seq);
CREATE INDEX audit_event_by_target ON audit_event (org_id, target, period, seq);

-- The retention job alone lifts the guard on deletion, by a row in server_meta inside its own transaction.
CREATE TRIGGER audit_event_keeps_rows BEFORE DELETE ON audit_event
WHEN NOT EXISTS (SELECT 1 FROM server_meta WHERE name = 'audit_retention_runs')
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
CREATE TRIGGER audit_event_keeps_content BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;

CREATE TABLE audit_anchor (
  org_id TEXT NOT NULL,
  period INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  head_hash BLOB NOT NULL,
  signature BLOB,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (org_id, period, last_seq)
) STRICT;

CREATE TABLE api_token (
  hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  kind TEXT NOT NULL,
  org_id TEXT,
  principal TEXT,
  client_id TEXT,
  ceiling TEXT,
  name TEXT,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  last_used_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_by_principal ON api_token (org_id, principal) WHERE org_id IS NOT NULL;

CREATE TABLE server_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
`,
};
