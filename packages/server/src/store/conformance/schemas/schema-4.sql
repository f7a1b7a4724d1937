PRAGMA auto_vacuum = 2;
PRAGMA application_id = 1382376822;
PRAGMA user_version = 4;
CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT;
CREATE TABLE org_head (
  org_id TEXT NOT NULL PRIMARY KEY,
  rev INTEGER NOT NULL,
  epoch TEXT NOT NULL,
  audit_seq INTEGER NOT NULL,
  audit_hash BLOB NOT NULL,
  audit_period INTEGER NOT NULL,
  life_seq INTEGER NOT NULL
, object_count INTEGER NOT NULL DEFAULT 0, object_sum INTEGER NOT NULL DEFAULT 0, sum INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE object (
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  k1 TEXT NOT NULL,
  k2 TEXT NOT NULL,
  k3 TEXT NOT NULL,
  life INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  body TEXT NOT NULL, sum INTEGER NOT NULL DEFAULT 0, name TEXT, class TEXT,
  PRIMARY KEY (org_id, kind, k1, k2, k3)
) STRICT, WITHOUT ROWID;
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
, sum INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_by_principal ON api_token (org_id, principal) WHERE org_id IS NOT NULL;
CREATE TABLE server_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
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
CREATE INDEX object_by_second ON object (org_id, kind, k2, k1, k3)
WHERE kind = 'grant' OR kind = 'membership' OR kind = 'assignment' OR kind = 'product-administrator' OR kind = 'developer-access';
CREATE INDEX object_by_third ON object (org_id, kind, k3, k1, k2) WHERE kind = 'link';
CREATE INDEX object_by_class ON object (org_id, kind, class, k1, k2, k3) WHERE class IS NOT NULL;
CREATE INDEX object_by_name ON object (org_id, kind, class, name, k1, k2, k3) WHERE class IS NOT NULL;
CREATE INDEX object_by_change ON object (org_id, kind, class, rev, k1, k2, k3) WHERE class IS NOT NULL;
CREATE TABLE object_change (
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  k1 TEXT NOT NULL,
  k2 TEXT NOT NULL,
  k3 TEXT NOT NULL,
  rev INTEGER NOT NULL,
  PRIMARY KEY (org_id, kind, k1, k2, k3, rev)
) STRICT, WITHOUT ROWID;
CREATE TABLE change_set (
  org_id TEXT NOT NULL,
  rev INTEGER NOT NULL,
  id TEXT NOT NULL,
  period INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  reason TEXT,
  sum INTEGER NOT NULL,
  PRIMARY KEY (org_id, rev)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_set_by_id ON change_set (org_id, id);
CREATE TABLE "changelog" (
  org_id TEXT NOT NULL,
  rev INTEGER NOT NULL,
  change_set TEXT NOT NULL,
  ts_ms INTEGER NOT NULL,
  body TEXT NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (org_id, rev)
) STRICT, WITHOUT ROWID;
CREATE TABLE once_key (
  org_id TEXT NOT NULL,
  key BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  rev INTEGER NOT NULL,
  change_set TEXT,
  applied INTEGER NOT NULL,
  ts_ms INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (org_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX once_key_by_time ON once_key (org_id, ts_ms);
INSERT INTO schema_migration VALUES (1, 'first', 0);
INSERT INTO schema_migration VALUES (2, 'sums', 0);
INSERT INTO schema_migration VALUES (3, 'persons', 0);
INSERT INTO schema_migration VALUES (4, 'lists', 0);
INSERT INTO org_head VALUES ('a', 4, 'ce67896509995670', 4, x'cbf861671587fa428e09af6e28acf795a8f286bc6a6e7c83250d4318412a9de4', 202602, 5, 3, 1952295755, 2465264116);
INSERT INTO org_head VALUES ('b', 1, '16aca0a58268adaf', 1, x'46e0d9919e06ca0fc11fab5e7cc841aa83395842320e0f6369894b04c628723c', 202602, 1, 1, 3243586031, 3025577571);
INSERT INTO object VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 5, 4, '{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}', 3897476503, NULL, NULL);
INSERT INTO object VALUES ('a', 'label', 'core/x', '', '', 3, 2, '{"id":"core/x","name":"new \u0000 \ud800 😀"}', 527328295, 'new � � 😀', '[]');
INSERT INTO object VALUES ('a', 'principal', 'ada', '', '', 1, 1, '{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}', 2206010107, 'Ada Lovelace', '["user","true"]');
INSERT INTO object VALUES ('b', 'label', 'core/b', '', '', 1, 1, '{"id":"core/b"}', 3243586031, '', '[]');
INSERT INTO audit_event VALUES ('a', 202601, 1, 1769731200000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a201c2-9a18-7621-b5f5-d22883431e4e","changes":[{"after":{"active":true,"id":"ada","person":"9b081e2fbab9f55e98f42d7c2273315cd53291aa23a3e8f25ed86fd275558ae7","type":"user"},"before":null,"key":["ada"],"kind":"principal","life":1},{"after":{"active":true,"id":"bob","person":"6efd4c3560c3f635c551c438e62381b9dedb162fed6b412179c9ace8ae43da63","type":"user"},"before":null,"key":["bob"],"kind":"principal","life":2},{"after":{"id":"core/x"},"before":null,"key":["core/x"],"kind":"label","life":3},{"after":{"id":"core/gone"},"before":null,"key":["core/gone"],"kind":"label","life":4}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'a4933b9473e7c16257e4eebca959ddfa96b7a5a40d084432804c7c64987d2b18');
INSERT INTO audit_event VALUES ('a', 202601, 2, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 2, '{"changeSet":"01a201c2-9a1e-7b6b-9956-027b3e0fb9b4","changes":[{"after":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"before":null,"key":["ada","/spaces/a","self"],"kind":"grant","life":5},{"after":{"id":"core/x","name":"new \u0000 \ud800 😀"},"before":{"id":"core/x"},"key":["core/x"],"kind":"label","life":3}]}', x'a4933b9473e7c16257e4eebca959ddfa96b7a5a40d084432804c7c64987d2b18', x'8518234cf3c7e67c2c9506f01415f29e0bd597aeb8c5cbed405a96856594aa9c');
INSERT INTO audit_event VALUES ('a', 202601, 3, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 3, '{"changeSet":"01a201c2-9a21-7193-97da-05b9123bec97","changes":[{"after":null,"before":{"id":"core/gone"},"key":["core/gone"],"kind":"label","life":4},{"after":null,"before":{"active":true,"id":"bob","person":"de4d399493237e38f3458726bcd08b093983d4d26423fdce62199425aab1172e","type":"user"},"key":["bob"],"kind":"principal","life":2}]}', x'8518234cf3c7e67c2c9506f01415f29e0bd597aeb8c5cbed405a96856594aa9c', x'83cc9b472df36402bb37d32cc05c974f5c5003cb3c0054b2791cfc000e495f07');
INSERT INTO audit_event VALUES ('a', 202602, 4, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 4, '{"changeSet":"01a201c2-9a23-7767-ab5a-fb21a85ae866","changes":[{"after":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"},"before":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"key":["ada","/spaces/a","self"],"kind":"grant","life":5}]}', x'83cc9b472df36402bb37d32cc05c974f5c5003cb3c0054b2791cfc000e495f07', x'cbf861671587fa428e09af6e28acf795a8f286bc6a6e7c83250d4318412a9de4');
INSERT INTO audit_event VALUES ('b', 202602, 1, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a201c2-9a25-7840-98ca-47a808e5b996","changes":[{"after":{"id":"core/b"},"before":null,"key":["core/b"],"kind":"label","life":1}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'46e0d9919e06ca0fc11fab5e7cc841aa83395842320e0f6369894b04c628723c');
INSERT INTO api_token VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', 'administrator', NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, 976245702);
INSERT INTO api_token VALUES (x'0202020202020202020202020202020202020202020202020202020202020202', 'principal', 'a', 'ada', NULL, '{"actions":["read"]}', NULL, 2, 9, NULL, 2843090534);
INSERT INTO server_meta VALUES ('written_ms', '1769990400000');
INSERT INTO person VALUES ('a', '6efd4c3560c3f635c551c438e62381b9dedb162fed6b412179c9ace8ae43da63', 'bob', 2, x'322f4dd94d359757529c232201d1d58c', '{"name":"Bob"}');
INSERT INTO person VALUES ('a', '9b081e2fbab9f55e98f42d7c2273315cd53291aa23a3e8f25ed86fd275558ae7', 'ada', 1, x'a63d5478e412663e33e39cd841b04de6', '{"name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"}}');
INSERT INTO person VALUES ('a', 'de4d399493237e38f3458726bcd08b093983d4d26423fdce62199425aab1172e', 'bob', 2, x'de365da591ab7c132c18b4de8cf6f2d6', '{"name":"Bob"}');
INSERT INTO object_change VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 2);
INSERT INTO object_change VALUES ('a', 'label', 'core/gone', '', '', 1);
INSERT INTO object_change VALUES ('a', 'label', 'core/gone', '', '', 3);
INSERT INTO object_change VALUES ('a', 'label', 'core/x', '', '', 1);
INSERT INTO object_change VALUES ('a', 'principal', 'bob', '', '', 1);
INSERT INTO object_change VALUES ('a', 'principal', 'bob', '', '', 3);
INSERT INTO change_set VALUES ('a', 1, '01a201c2-9a18-7621-b5f5-d22883431e4e', 202601, 1, 4, NULL, 1531203476);
INSERT INTO change_set VALUES ('a', 2, '01a201c2-9a1e-7b6b-9956-027b3e0fb9b4', 202601, 2, 2, NULL, 2850855211);
INSERT INTO change_set VALUES ('a', 3, '01a201c2-9a21-7193-97da-05b9123bec97', 202601, 3, 2, NULL, 475433008);
INSERT INTO change_set VALUES ('a', 4, '01a201c2-9a23-7767-ab5a-fb21a85ae866', 202602, 4, 1, NULL, 3792204476);
INSERT INTO change_set VALUES ('b', 1, '01a201c2-9a25-7840-98ca-47a808e5b996', 202602, 1, 1, NULL, 2113515497);
INSERT INTO changelog VALUES ('a', 1, '01a201c2-9a18-7621-b5f5-d22883431e4e', 1769731200000, '[{"put":{"kind":"principal","value":{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}}},{"put":{"kind":"principal","value":{"active":true,"id":"bob","name":"Bob","type":"user"}}},{"put":{"kind":"label","value":{"id":"core/x"}}},{"put":{"kind":"label","value":{"id":"core/gone"}}}]', 1516832313);
INSERT INTO changelog VALUES ('a', 2, '01a201c2-9a1e-7b6b-9956-027b3e0fb9b4', 1769817600000, '[{"put":{"kind":"grant","value":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"}}},{"put":{"kind":"label","value":{"id":"core/x","name":"new \u0000 \ud800 😀"}}}]', 110178471);
INSERT INTO changelog VALUES ('a', 3, '01a201c2-9a21-7193-97da-05b9123bec97', 1769817600000, '[{"delete":{"key":["core/gone"],"kind":"label"}},{"delete":{"key":["bob"],"kind":"principal"}}]', 2887410430);
INSERT INTO changelog VALUES ('a', 4, '01a201c2-9a23-7767-ab5a-fb21a85ae866', 1769990400000, '[{"put":{"kind":"grant","value":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}}}]', 1605124634);
INSERT INTO changelog VALUES ('b', 1, '01a201c2-9a25-7840-98ca-47a808e5b996', 1769990400000, '[{"put":{"kind":"label","value":{"id":"core/b"}}}]', 3333815293);
