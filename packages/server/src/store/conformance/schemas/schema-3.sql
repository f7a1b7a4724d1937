PRAGMA auto_vacuum = 2;
PRAGMA application_id = 1382376822;
PRAGMA user_version = 3;
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
INSERT INTO schema_migration VALUES (1, 'first', 0);
INSERT INTO schema_migration VALUES (2, 'sums', 0);
INSERT INTO schema_migration VALUES (3, 'persons', 0);
INSERT INTO org_head VALUES ('a', 4, 'bc42040dabac60d5', 4, x'c3e561a93f721bca6283444d9e70e6c8c004027e352b2b034f7bc5d77cf8cbc9', 202602, 5, 3, 1952295755, 1652078669);
INSERT INTO org_head VALUES ('b', 1, '4220508764d54e5d', 1, x'e9ad2914609a8bcadf67e89b97b7ddeb311a399fb74536c6ed027cca74f45e83', 202602, 1, 1, 3243586031, 2731697286);
INSERT INTO object VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 5, 4, '{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}', 3897476503);
INSERT INTO object VALUES ('a', 'label', 'core/x', '', '', 3, 2, '{"id":"core/x","name":"new \u0000 \ud800 😀"}', 527328295);
INSERT INTO object VALUES ('a', 'principal', 'ada', '', '', 1, 1, '{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}', 2206010107);
INSERT INTO object VALUES ('b', 'label', 'core/b', '', '', 1, 1, '{"id":"core/b"}', 3243586031);
INSERT INTO changelog VALUES ('a', 1, '01a200ea-8b22-7eba-974f-182dcee8b28c', 1769731200000, '[{"put":{"kind":"principal","value":{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}}},{"put":{"kind":"principal","value":{"active":true,"id":"bob","name":"Bob","type":"user"}}},{"put":{"kind":"label","value":{"id":"core/x"}}},{"put":{"kind":"label","value":{"id":"core/gone"}}}]', 2824326209);
INSERT INTO changelog VALUES ('a', 2, '01a200ea-8b25-775f-95ae-3c821fea557c', 1769817600000, '[{"put":{"kind":"grant","value":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"}}},{"put":{"kind":"label","value":{"id":"core/x","name":"new \u0000 \ud800 😀"}}}]', 227234284);
INSERT INTO changelog VALUES ('a', 3, '01a200ea-8b26-78f4-80bb-fe38b514998c', 1769817600000, '[{"delete":{"key":["core/gone"],"kind":"label"}},{"delete":{"key":["bob"],"kind":"principal"}}]', 236343573);
INSERT INTO changelog VALUES ('a', 4, '01a200ea-8b27-78cb-9c92-bb6005293ca9', 1769990400000, '[{"put":{"kind":"grant","value":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}}}]', 350659318);
INSERT INTO changelog VALUES ('b', 1, '01a200ea-8b28-7bf4-b091-08073990ff9b', 1769990400000, '[{"put":{"kind":"label","value":{"id":"core/b"}}}]', 4050147233);
INSERT INTO audit_event VALUES ('a', 202601, 1, 1769731200000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a200ea-8b22-7eba-974f-182dcee8b28c","changes":[{"after":{"active":true,"id":"ada","person":"8016f5db78ca00a4d6c1261fad2680f479fe017d97ddc3a71200a76d187e8e81","type":"user"},"before":null,"key":["ada"],"kind":"principal","life":1},{"after":{"active":true,"id":"bob","person":"0e3ee7bbe8a35db9d3245b2aab8c756f8bffbb66ee5a89db734b95777d535d23","type":"user"},"before":null,"key":["bob"],"kind":"principal","life":2},{"after":{"id":"core/x"},"before":null,"key":["core/x"],"kind":"label","life":3},{"after":{"id":"core/gone"},"before":null,"key":["core/gone"],"kind":"label","life":4}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'892c622e4ff972cb5b355aa324fb3d1c447a6e8392f9032f2aaa61fc23323512');
INSERT INTO audit_event VALUES ('a', 202601, 2, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 2, '{"changeSet":"01a200ea-8b25-775f-95ae-3c821fea557c","changes":[{"after":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"before":null,"key":["ada","/spaces/a","self"],"kind":"grant","life":5},{"after":{"id":"core/x","name":"new \u0000 \ud800 😀"},"before":{"id":"core/x"},"key":["core/x"],"kind":"label","life":3}]}', x'892c622e4ff972cb5b355aa324fb3d1c447a6e8392f9032f2aaa61fc23323512', x'310a065ddc6efb1968e0fb4653c09642452d9df83f85223f7c167260b1e59d78');
INSERT INTO audit_event VALUES ('a', 202601, 3, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 3, '{"changeSet":"01a200ea-8b26-78f4-80bb-fe38b514998c","changes":[{"after":null,"before":{"id":"core/gone"},"key":["core/gone"],"kind":"label","life":4},{"after":null,"before":{"active":true,"id":"bob","person":"ea07f7ce0eed538d13c67fc8a348f834e610297c76682b1e85d9efd17b37fa81","type":"user"},"key":["bob"],"kind":"principal","life":2}]}', x'310a065ddc6efb1968e0fb4653c09642452d9df83f85223f7c167260b1e59d78', x'41178b7e8c8ca6974e980289a5737c8d79c6e396e2f3759e26a8a480c3774628');
INSERT INTO audit_event VALUES ('a', 202602, 4, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 4, '{"changeSet":"01a200ea-8b27-78cb-9c92-bb6005293ca9","changes":[{"after":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"},"before":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"key":["ada","/spaces/a","self"],"kind":"grant","life":5}]}', x'41178b7e8c8ca6974e980289a5737c8d79c6e396e2f3759e26a8a480c3774628', x'c3e561a93f721bca6283444d9e70e6c8c004027e352b2b034f7bc5d77cf8cbc9');
INSERT INTO audit_event VALUES ('b', 202602, 1, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a200ea-8b28-7bf4-b091-08073990ff9b","changes":[{"after":{"id":"core/b"},"before":null,"key":["core/b"],"kind":"label","life":1}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'e9ad2914609a8bcadf67e89b97b7ddeb311a399fb74536c6ed027cca74f45e83');
INSERT INTO api_token VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', 'administrator', NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, 976245702);
INSERT INTO api_token VALUES (x'0202020202020202020202020202020202020202020202020202020202020202', 'principal', 'a', 'ada', NULL, '{"actions":["read"]}', NULL, 2, 9, NULL, 2843090534);
INSERT INTO server_meta VALUES ('written_ms', '1769990400000');
INSERT INTO person VALUES ('a', '0e3ee7bbe8a35db9d3245b2aab8c756f8bffbb66ee5a89db734b95777d535d23', 'bob', 2, x'b61208d524467345c8666ff6a00355d6', '{"name":"Bob"}');
INSERT INTO person VALUES ('a', '8016f5db78ca00a4d6c1261fad2680f479fe017d97ddc3a71200a76d187e8e81', 'ada', 1, x'c49b641bf9bdf47b2bf08d1a9c0ca5f2', '{"name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"}}');
INSERT INTO person VALUES ('a', 'ea07f7ce0eed538d13c67fc8a348f834e610297c76682b1e85d9efd17b37fa81', 'bob', 2, x'f8a407fb6ce91c91bec57329a2343ff3', '{"name":"Bob"}');
