PRAGMA auto_vacuum = 2;
PRAGMA application_id = 1382376822;
PRAGMA user_version = 6;
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
CREATE INDEX object_by_life ON object (org_id, kind, class, life, k1, k2, k3)
WHERE class IS NOT NULL AND (kind = 'role' OR kind = 'policy');
INSERT INTO schema_migration VALUES (1, 'first', 0);
INSERT INTO schema_migration VALUES (2, 'sums', 0);
INSERT INTO schema_migration VALUES (3, 'persons', 0);
INSERT INTO schema_migration VALUES (4, 'lists', 0);
INSERT INTO schema_migration VALUES (5, 'items', 0);
INSERT INTO schema_migration VALUES (6, 'origins', 0);
INSERT INTO org_head VALUES ('a', 4, '4b98056a626943d5', 4, x'a3980730c89e03049ee83e725d6c41b976ecb83f4c87fafab8043a4eece31f6e', 202602, 5, 3, 1952295755, 3553034256);
INSERT INTO org_head VALUES ('b', 1, '5d766181bde6783c', 1, x'6258d1ddc6f49fe388d0e9b4ee9e0ee6ef734945be03f2ee66efc3f73ab9bdff', 202602, 1, 1, 3243586031, 2879505833);
INSERT INTO object VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 5, 4, '{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}', 3897476503, NULL, NULL);
INSERT INTO object VALUES ('a', 'label', 'core/x', '', '', 3, 2, '{"id":"core/x","name":"new \u0000 \ud800 😀"}', 527328295, 'new � � 😀', '[]');
INSERT INTO object VALUES ('a', 'principal', 'ada', '', '', 1, 1, '{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}', 2206010107, 'Ada Lovelace', '["user","true"]');
INSERT INTO object VALUES ('b', 'label', 'core/b', '', '', 1, 1, '{"id":"core/b"}', 3243586031, '', '[]');
INSERT INTO audit_event VALUES ('a', 202601, 1, 1769731200000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a202cb-8e96-7042-8fd1-fe106a688673","changes":[{"after":{"active":true,"id":"ada","person":"5bb26ed8ef04bea79c5c44587e98f492beeefe134e1350315e4e286ad1537e72","type":"user"},"before":null,"key":["ada"],"kind":"principal","life":1},{"after":{"active":true,"id":"bob","person":"2fe5b8912ef861752dc4e0179b7683ad6406c66a184744d484442d356408d996","type":"user"},"before":null,"key":["bob"],"kind":"principal","life":2},{"after":{"id":"core/x"},"before":null,"key":["core/x"],"kind":"label","life":3},{"after":{"id":"core/gone"},"before":null,"key":["core/gone"],"kind":"label","life":4}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'629f314992d52e2a69cb49954219ba8000cf8eead3c8458de7e381e200cf83e4');
INSERT INTO audit_event VALUES ('a', 202601, 2, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 2, '{"changeSet":"01a202cb-8e99-73a2-bd0a-20ef065fce1f","changes":[{"after":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"before":null,"key":["ada","/spaces/a","self"],"kind":"grant","life":5},{"after":{"id":"core/x","name":"new \u0000 \ud800 😀"},"before":{"id":"core/x"},"key":["core/x"],"kind":"label","life":3}]}', x'629f314992d52e2a69cb49954219ba8000cf8eead3c8458de7e381e200cf83e4', x'3deb881cf98dd11fc45355f0c42f799ee6abb6998934d06f31ecfaa4f6a0426d');
INSERT INTO audit_event VALUES ('a', 202601, 3, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 3, '{"changeSet":"01a202cb-8e9a-7e0d-9e43-1b5f8296ad63","changes":[{"after":null,"before":{"id":"core/gone"},"key":["core/gone"],"kind":"label","life":4},{"after":null,"before":{"active":true,"id":"bob","person":"cccd7d6c0f15f654538628069d514a9614dfc643e688d73fe151e2e530647124","type":"user"},"key":["bob"],"kind":"principal","life":2}]}', x'3deb881cf98dd11fc45355f0c42f799ee6abb6998934d06f31ecfaa4f6a0426d', x'ac2a1f3e3ce0de2a743e8d922626c642bf1ee7467a734db6bb90370c9b914576');
INSERT INTO audit_event VALUES ('a', 202602, 4, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 4, '{"changeSet":"01a202cb-8e9c-7489-8463-d31e091b5a91","changes":[{"after":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"},"before":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"key":["ada","/spaces/a","self"],"kind":"grant","life":5}]}', x'ac2a1f3e3ce0de2a743e8d922626c642bf1ee7467a734db6bb90370c9b914576', x'a3980730c89e03049ee83e725d6c41b976ecb83f4c87fafab8043a4eece31f6e');
INSERT INTO audit_event VALUES ('b', 202602, 1, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a202cb-8e9d-7423-a425-b98a6ed8c003","changes":[{"after":{"id":"core/b"},"before":null,"key":["core/b"],"kind":"label","life":1}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'6258d1ddc6f49fe388d0e9b4ee9e0ee6ef734945be03f2ee66efc3f73ab9bdff');
INSERT INTO api_token VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', 'administrator', NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, 976245702);
INSERT INTO api_token VALUES (x'0202020202020202020202020202020202020202020202020202020202020202', 'principal', 'a', 'ada', NULL, '{"actions":["read"]}', NULL, 2, 9, NULL, 2843090534);
INSERT INTO server_meta VALUES ('written_ms', '1769990400000');
INSERT INTO person VALUES ('a', '2fe5b8912ef861752dc4e0179b7683ad6406c66a184744d484442d356408d996', 'bob', 2, x'cdb95843056510bf1afbfa4f8e5791cd', '{"name":"Bob"}');
INSERT INTO person VALUES ('a', '5bb26ed8ef04bea79c5c44587e98f492beeefe134e1350315e4e286ad1537e72', 'ada', 1, x'e6718d95cc8768b8158011da1e7fe271', '{"name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"}}');
INSERT INTO person VALUES ('a', 'cccd7d6c0f15f654538628069d514a9614dfc643e688d73fe151e2e530647124', 'bob', 2, x'eb663f7255a8d86c18efae41b2891940', '{"name":"Bob"}');
INSERT INTO object_change VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 2);
INSERT INTO object_change VALUES ('a', 'label', 'core/gone', '', '', 1);
INSERT INTO object_change VALUES ('a', 'label', 'core/gone', '', '', 3);
INSERT INTO object_change VALUES ('a', 'label', 'core/x', '', '', 1);
INSERT INTO object_change VALUES ('a', 'principal', 'bob', '', '', 1);
INSERT INTO object_change VALUES ('a', 'principal', 'bob', '', '', 3);
INSERT INTO change_set VALUES ('a', 1, '01a202cb-8e96-7042-8fd1-fe106a688673', 202601, 1, 4, NULL, 3282202809);
INSERT INTO change_set VALUES ('a', 2, '01a202cb-8e99-73a2-bd0a-20ef065fce1f', 202601, 2, 2, NULL, 3118300198);
INSERT INTO change_set VALUES ('a', 3, '01a202cb-8e9a-7e0d-9e43-1b5f8296ad63', 202601, 3, 2, NULL, 131377644);
INSERT INTO change_set VALUES ('a', 4, '01a202cb-8e9c-7489-8463-d31e091b5a91', 202602, 4, 1, NULL, 2290524624);
INSERT INTO change_set VALUES ('b', 1, '01a202cb-8e9d-7423-a425-b98a6ed8c003', 202602, 1, 1, NULL, 3260401018);
INSERT INTO changelog VALUES ('a', 1, '01a202cb-8e96-7042-8fd1-fe106a688673', 1769731200000, '[{"put":{"kind":"principal","value":{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}}},{"put":{"kind":"principal","value":{"active":true,"id":"bob","name":"Bob","type":"user"}}},{"put":{"kind":"label","value":{"id":"core/x"}}},{"put":{"kind":"label","value":{"id":"core/gone"}}}]', 1066432533);
INSERT INTO changelog VALUES ('a', 2, '01a202cb-8e99-73a2-bd0a-20ef065fce1f', 1769817600000, '[{"put":{"kind":"grant","value":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"}}},{"put":{"kind":"label","value":{"id":"core/x","name":"new \u0000 \ud800 😀"}}}]', 4244081995);
INSERT INTO changelog VALUES ('a', 3, '01a202cb-8e9a-7e0d-9e43-1b5f8296ad63', 1769817600000, '[{"delete":{"key":["core/gone"],"kind":"label"}},{"delete":{"key":["bob"],"kind":"principal"}}]', 513599778);
INSERT INTO changelog VALUES ('a', 4, '01a202cb-8e9c-7489-8463-d31e091b5a91', 1769990400000, '[{"put":{"kind":"grant","value":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}}}]', 2559665148);
INSERT INTO changelog VALUES ('b', 1, '01a202cb-8e9d-7423-a425-b98a6ed8c003', 1769990400000, '[{"put":{"kind":"label","value":{"id":"core/b"}}}]', 64077743);
INSERT INTO item VALUES ('account', 'x', NULL, NULL, NULL, NULL, '{"email":"ada@example.org"}', 3156587803);
INSERT INTO item VALUES ('person', 'a
ada', 'a', 'ada', 'x', NULL, '{}', 1813245567);
INSERT INTO item VALUES ('session', 's', NULL, NULL, 'x', 9, '{"\ud800":[null,0.1,"\u0000"]}', 4228831055);
