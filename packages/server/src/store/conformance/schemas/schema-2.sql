PRAGMA auto_vacuum = 2;
PRAGMA application_id = 1382376822;
PRAGMA user_version = 2;
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
  body TEXT NOT NULL, sum INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, kind, k1, k2, k3)
) STRICT, WITHOUT ROWID;
CREATE TABLE changelog (
  org_id TEXT NOT NULL,
  rev INTEGER NOT NULL,
  change_set TEXT NOT NULL,
  ts_ms INTEGER NOT NULL,
  body TEXT NOT NULL, sum INTEGER NOT NULL DEFAULT 0,
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
INSERT INTO schema_migration VALUES (1, 'first', 0);
INSERT INTO schema_migration VALUES (2, 'sums', 0);
INSERT INTO org_head VALUES ('a', 4, 'a1141e197493e96b', 4, x'7398241eca1a5a86fa01c7b1e6c8cf46109362e0ef8c9d3f13c7470382480856', 202602, 5, 3, 1952295755, 4279725063);
INSERT INTO org_head VALUES ('b', 1, 'b22ed2fdbfe10f81', 1, x'2f62319bcc29cc63fc84b6974fa7b3d761f663473539e769050005f0a094535e', 202602, 1, 1, 3243586031, 375602718);
INSERT INTO object VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 5, 4, '{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}', 3897476503);
INSERT INTO object VALUES ('a', 'label', 'core/x', '', '', 3, 2, '{"id":"core/x","name":"new \u0000 \ud800 😀"}', 527328295);
INSERT INTO object VALUES ('a', 'principal', 'ada', '', '', 1, 1, '{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}', 2206010107);
INSERT INTO object VALUES ('b', 'label', 'core/b', '', '', 1, 1, '{"id":"core/b"}', 3243586031);
INSERT INTO changelog VALUES ('a', 1, '01a200d3-f96e-7c89-8fc6-a94afc9cccc9', 1769731200000, '[{"put":{"kind":"principal","value":{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}}},{"put":{"kind":"principal","value":{"active":true,"id":"bob","name":"Bob","type":"user"}}},{"put":{"kind":"label","value":{"id":"core/x"}}},{"put":{"kind":"label","value":{"id":"core/gone"}}}]', 2693262597);
INSERT INTO changelog VALUES ('a', 2, '01a200d3-f971-748b-be09-ff0d0dcf2475', 1769817600000, '[{"put":{"kind":"grant","value":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"}}},{"put":{"kind":"label","value":{"id":"core/x","name":"new \u0000 \ud800 😀"}}}]', 3854889008);
INSERT INTO changelog VALUES ('a', 3, '01a200d3-f972-7458-a036-29dc5a425d10', 1769817600000, '[{"delete":{"key":["core/gone"],"kind":"label"}},{"delete":{"key":["bob"],"kind":"principal"}}]', 3841394495);
INSERT INTO changelog VALUES ('a', 4, '01a200d3-f973-77d8-a591-50900b8963fc', 1769990400000, '[{"put":{"kind":"grant","value":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}}}]', 201915830);
INSERT INTO changelog VALUES ('b', 1, '01a200d3-f973-77d8-a591-5091578d31e9', 1769990400000, '[{"put":{"kind":"label","value":{"id":"core/b"}}}]', 2701111044);
INSERT INTO audit_event VALUES ('a', 202601, 1, 1769731200000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a200d3-f96e-7c89-8fc6-a94afc9cccc9","changes":[{"after":{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"},"before":null,"key":["ada"],"kind":"principal","life":1},{"after":{"active":true,"id":"bob","name":"Bob","type":"user"},"before":null,"key":["bob"],"kind":"principal","life":2},{"after":{"id":"core/x"},"before":null,"key":["core/x"],"kind":"label","life":3},{"after":{"id":"core/gone"},"before":null,"key":["core/gone"],"kind":"label","life":4}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'ed167e01999f4016293445ef9e392dae17139390ad46e9387188ed5fc490ba56');
INSERT INTO audit_event VALUES ('a', 202601, 2, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 2, '{"changeSet":"01a200d3-f971-748b-be09-ff0d0dcf2475","changes":[{"after":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"before":null,"key":["ada","/spaces/a","self"],"kind":"grant","life":5},{"after":{"id":"core/x","name":"new \u0000 \ud800 😀"},"before":{"id":"core/x"},"key":["core/x"],"kind":"label","life":3}]}', x'ed167e01999f4016293445ef9e392dae17139390ad46e9387188ed5fc490ba56', x'85534db94c08bc0493bc81c60da4effa3b88f45e78cf4423fae7d50cfd049c36');
INSERT INTO audit_event VALUES ('a', 202601, 3, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 3, '{"changeSet":"01a200d3-f972-7458-a036-29dc5a425d10","changes":[{"after":null,"before":{"id":"core/gone"},"key":["core/gone"],"kind":"label","life":4},{"after":null,"before":{"active":true,"id":"bob","name":"Bob","type":"user"},"key":["bob"],"kind":"principal","life":2}]}', x'85534db94c08bc0493bc81c60da4effa3b88f45e78cf4423fae7d50cfd049c36', x'4a8d50e142acc8d691d3d6b886d6d61a9de1073bd83df14ddca8896b5f547806');
INSERT INTO audit_event VALUES ('a', 202602, 4, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 4, '{"changeSet":"01a200d3-f973-77d8-a591-50900b8963fc","changes":[{"after":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"},"before":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"key":["ada","/spaces/a","self"],"kind":"grant","life":5}]}', x'4a8d50e142acc8d691d3d6b886d6d61a9de1073bd83df14ddca8896b5f547806', x'7398241eca1a5a86fa01c7b1e6c8cf46109362e0ef8c9d3f13c7470382480856');
INSERT INTO audit_event VALUES ('b', 202602, 1, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a200d3-f973-77d8-a591-5091578d31e9","changes":[{"after":{"id":"core/b"},"before":null,"key":["core/b"],"kind":"label","life":1}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'2f62319bcc29cc63fc84b6974fa7b3d761f663473539e769050005f0a094535e');
INSERT INTO api_token VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', 'administrator', NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, 976245702);
INSERT INTO api_token VALUES (x'0202020202020202020202020202020202020202020202020202020202020202', 'principal', 'a', 'ada', NULL, '{"actions":["read"]}', NULL, 2, 9, NULL, 2843090534);
INSERT INTO server_meta VALUES ('written_ms', '1769990400000');
