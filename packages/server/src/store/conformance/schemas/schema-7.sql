PRAGMA auto_vacuum = 2;
PRAGMA application_id = 1382376822;
PRAGMA user_version = 7;
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
CREATE INDEX audit_event_of_projects ON audit_event (org_id, period, seq)
WHERE substr(target, 1, 19) = 'developer-projects/' OR instr(body, '"kind":"developer-project"') > 0;
INSERT INTO schema_migration VALUES (1, 'first', 0);
INSERT INTO schema_migration VALUES (2, 'sums', 0);
INSERT INTO schema_migration VALUES (3, 'persons', 0);
INSERT INTO schema_migration VALUES (4, 'lists', 0);
INSERT INTO schema_migration VALUES (5, 'items', 0);
INSERT INTO schema_migration VALUES (6, 'origins', 0);
INSERT INTO schema_migration VALUES (7, 'activity', 0);
INSERT INTO org_head VALUES ('a', 4, 'ecd0c8bbd9dbc9b1', 4, x'45c67577389181f1507775aa2d3901b182a9266d23b399103887108cdca614fc', 202602, 5, 3, 1952295755, 3195810246);
INSERT INTO org_head VALUES ('b', 1, '57d829b6764c46d7', 1, x'848182e2d5d28063e4be4441790c357fd4fa5b46400d00840ccab27e196923f1', 202602, 1, 1, 3243586031, 4242832717);
INSERT INTO object VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 5, 4, '{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}', 3897476503, NULL, NULL);
INSERT INTO object VALUES ('a', 'label', 'core/x', '', '', 3, 2, '{"id":"core/x","name":"new \u0000 \ud800 😀"}', 527328295, 'new � � 😀', '[]');
INSERT INTO object VALUES ('a', 'principal', 'ada', '', '', 1, 1, '{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}', 2206010107, 'Ada Lovelace', '["user","true"]');
INSERT INTO object VALUES ('b', 'label', 'core/b', '', '', 1, 1, '{"id":"core/b"}', 3243586031, '', '[]');
INSERT INTO audit_event VALUES ('a', 202601, 1, 1769731200000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a202ff-0129-7af9-a8cd-3ec387760790","changes":[{"after":{"active":true,"id":"ada","person":"6b502ce3a1f4566c125029d5c954fcced137bcdd8eee19fb95b4f95045e76ce2","type":"user"},"before":null,"key":["ada"],"kind":"principal","life":1},{"after":{"active":true,"id":"bob","person":"8b0da8f44670e14ec637bc8f65bee877ecd5add04b4cebb81621fa884c693182","type":"user"},"before":null,"key":["bob"],"kind":"principal","life":2},{"after":{"id":"core/x"},"before":null,"key":["core/x"],"kind":"label","life":3},{"after":{"id":"core/gone"},"before":null,"key":["core/gone"],"kind":"label","life":4}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'adfac2abb89d276427dc51079db61a31b98e5f380c7f893fe4d0733e629af956');
INSERT INTO audit_event VALUES ('a', 202601, 2, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 2, '{"changeSet":"01a202ff-012e-7f54-b6cd-0c4f9ead9b45","changes":[{"after":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"before":null,"key":["ada","/spaces/a","self"],"kind":"grant","life":5},{"after":{"id":"core/x","name":"new \u0000 \ud800 😀"},"before":{"id":"core/x"},"key":["core/x"],"kind":"label","life":3}]}', x'adfac2abb89d276427dc51079db61a31b98e5f380c7f893fe4d0733e629af956', x'3b8d78bad9bb8d339b23119b39ee95b38793e44733efca055965ee2c21f6341b');
INSERT INTO audit_event VALUES ('a', 202601, 3, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 3, '{"changeSet":"01a202ff-012f-7ecd-9eec-0c85c15c637b","changes":[{"after":null,"before":{"id":"core/gone"},"key":["core/gone"],"kind":"label","life":4},{"after":null,"before":{"active":true,"id":"bob","person":"6439a318985e59cd5ea5613c679955d832aee3ecab1905d8c0c3f9e0fa370ad9","type":"user"},"key":["bob"],"kind":"principal","life":2}]}', x'3b8d78bad9bb8d339b23119b39ee95b38793e44733efca055965ee2c21f6341b', x'6af5a96a4341098e52b7b7ecb000a084ae890de280bfdc1bcd99f6e4fbef214d');
INSERT INTO audit_event VALUES ('a', 202602, 4, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 4, '{"changeSet":"01a202ff-0132-7eac-8f96-586aa72b8e9e","changes":[{"after":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"},"before":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"key":["ada","/spaces/a","self"],"kind":"grant","life":5}]}', x'6af5a96a4341098e52b7b7ecb000a084ae890de280bfdc1bcd99f6e4fbef214d', x'45c67577389181f1507775aa2d3901b182a9266d23b399103887108cdca614fc');
INSERT INTO audit_event VALUES ('b', 202602, 1, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a202ff-0133-7984-8112-5d904e54fde8","changes":[{"after":{"id":"core/b"},"before":null,"key":["core/b"],"kind":"label","life":1}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'848182e2d5d28063e4be4441790c357fd4fa5b46400d00840ccab27e196923f1');
INSERT INTO api_token VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', 'administrator', NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, 976245702);
INSERT INTO api_token VALUES (x'0202020202020202020202020202020202020202020202020202020202020202', 'principal', 'a', 'ada', NULL, '{"actions":["read"]}', NULL, 2, 9, NULL, 2843090534);
INSERT INTO server_meta VALUES ('written_ms', '1769990400000');
INSERT INTO person VALUES ('a', '6439a318985e59cd5ea5613c679955d832aee3ecab1905d8c0c3f9e0fa370ad9', 'bob', 2, x'6773f025dd9d084438da6659713a0025', '{"name":"Bob"}');
INSERT INTO person VALUES ('a', '6b502ce3a1f4566c125029d5c954fcced137bcdd8eee19fb95b4f95045e76ce2', 'ada', 1, x'21eb1c85175e765acc5855184aadf0d6', '{"name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"}}');
INSERT INTO person VALUES ('a', '8b0da8f44670e14ec637bc8f65bee877ecd5add04b4cebb81621fa884c693182', 'bob', 2, x'58ba463f991c141bdfe0d203b8765a49', '{"name":"Bob"}');
INSERT INTO object_change VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 2);
INSERT INTO object_change VALUES ('a', 'label', 'core/gone', '', '', 1);
INSERT INTO object_change VALUES ('a', 'label', 'core/gone', '', '', 3);
INSERT INTO object_change VALUES ('a', 'label', 'core/x', '', '', 1);
INSERT INTO object_change VALUES ('a', 'principal', 'bob', '', '', 1);
INSERT INTO object_change VALUES ('a', 'principal', 'bob', '', '', 3);
INSERT INTO change_set VALUES ('a', 1, '01a202ff-0129-7af9-a8cd-3ec387760790', 202601, 1, 4, NULL, 412907333);
INSERT INTO change_set VALUES ('a', 2, '01a202ff-012e-7f54-b6cd-0c4f9ead9b45', 202601, 2, 2, NULL, 3972727828);
INSERT INTO change_set VALUES ('a', 3, '01a202ff-012f-7ecd-9eec-0c85c15c637b', 202601, 3, 2, NULL, 3848122997);
INSERT INTO change_set VALUES ('a', 4, '01a202ff-0132-7eac-8f96-586aa72b8e9e', 202602, 4, 1, NULL, 882517288);
INSERT INTO change_set VALUES ('b', 1, '01a202ff-0133-7984-8112-5d904e54fde8', 202602, 1, 1, NULL, 2254968965);
INSERT INTO changelog VALUES ('a', 1, '01a202ff-0129-7af9-a8cd-3ec387760790', 1769731200000, '[{"put":{"kind":"principal","value":{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}}},{"put":{"kind":"principal","value":{"active":true,"id":"bob","name":"Bob","type":"user"}}},{"put":{"kind":"label","value":{"id":"core/x"}}},{"put":{"kind":"label","value":{"id":"core/gone"}}}]', 2440010708);
INSERT INTO changelog VALUES ('a', 2, '01a202ff-012e-7f54-b6cd-0c4f9ead9b45', 1769817600000, '[{"put":{"kind":"grant","value":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"}}},{"put":{"kind":"label","value":{"id":"core/x","name":"new \u0000 \ud800 😀"}}}]', 3531288825);
INSERT INTO changelog VALUES ('a', 3, '01a202ff-012f-7ecd-9eec-0c85c15c637b', 1769817600000, '[{"delete":{"key":["core/gone"],"kind":"label"}},{"delete":{"key":["bob"],"kind":"principal"}}]', 1640239420);
INSERT INTO changelog VALUES ('a', 4, '01a202ff-0132-7eac-8f96-586aa72b8e9e', 1769990400000, '[{"put":{"kind":"grant","value":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}}}]', 3955789935);
INSERT INTO changelog VALUES ('b', 1, '01a202ff-0133-7984-8112-5d904e54fde8', 1769990400000, '[{"put":{"kind":"label","value":{"id":"core/b"}}}]', 1186785208);
INSERT INTO item VALUES ('account', 'x', NULL, NULL, NULL, NULL, '{"email":"ada@example.org"}', 3156587803);
INSERT INTO item VALUES ('person', 'a
ada', 'a', 'ada', 'x', NULL, '{}', 1813245567);
INSERT INTO item VALUES ('session', 's', NULL, NULL, 'x', 9, '{"\ud800":[null,0.1,"\u0000"]}', 4228831055);
