PRAGMA auto_vacuum = 2;
PRAGMA application_id = 1382376822;
PRAGMA user_version = 1;
CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT;
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
INSERT INTO schema_migration VALUES (1, 'first', 0);
INSERT INTO org_head VALUES ('a', 4, '3feefb62c5ecfb54', 4, x'8a87a7bda5414a813899a59b8f38faff7b68b8f7f8901c67f09d8d33b956108e', 202602, 5);
INSERT INTO org_head VALUES ('b', 1, '7e395d93a20d64a0', 1, x'9f3082668b1ec9a77aadfebadf0ba7a2f26e6179b488a8365fdbdd3dff3f66df', 202602, 1);
INSERT INTO object VALUES ('a', 'grant', 'ada', '/spaces/a', 'self', 5, 4, '{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}');
INSERT INTO object VALUES ('a', 'label', 'core/x', '', '', 3, 2, '{"id":"core/x","name":"new \u0000 \ud800 😀"}');
INSERT INTO object VALUES ('a', 'principal', 'ada', '', '', 1, 1, '{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}');
INSERT INTO object VALUES ('b', 'label', 'core/b', '', '', 1, 1, '{"id":"core/b"}');
INSERT INTO changelog VALUES ('a', 1, '01a200c7-a96f-7acb-aca4-656c4c311756', 1769731200000, '[{"put":{"kind":"principal","value":{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"}}},{"put":{"kind":"principal","value":{"active":true,"id":"bob","name":"Bob","type":"user"}}},{"put":{"kind":"label","value":{"id":"core/x"}}},{"put":{"kind":"label","value":{"id":"core/gone"}}}]');
INSERT INTO changelog VALUES ('a', 2, '01a200c7-a972-7649-a00c-7ff43589130f', 1769817600000, '[{"put":{"kind":"grant","value":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"}}},{"put":{"kind":"label","value":{"id":"core/x","name":"new \u0000 \ud800 😀"}}}]');
INSERT INTO changelog VALUES ('a', 3, '01a200c7-a973-76ef-acc0-938734e7025d', 1769817600000, '[{"delete":{"key":["core/gone"],"kind":"label"}},{"delete":{"key":["bob"],"kind":"principal"}}]');
INSERT INTO changelog VALUES ('a', 4, '01a200c7-a974-7ea9-a68b-01d3fd5fdb53', 1769990400000, '[{"put":{"kind":"grant","value":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"}}}]');
INSERT INTO changelog VALUES ('b', 1, '01a200c7-a974-7ea9-a68b-01d474a20b2e', 1769990400000, '[{"put":{"kind":"label","value":{"id":"core/b"}}}]');
INSERT INTO audit_event VALUES ('a', 202601, 1, 1769731200000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a200c7-a96f-7acb-aca4-656c4c311756","changes":[{"after":{"active":true,"id":"ada","name":"Ada Lovelace","properties":{"email":"ada@example.org","team":"x"},"type":"user"},"before":null,"key":["ada"],"kind":"principal","life":1},{"after":{"active":true,"id":"bob","name":"Bob","type":"user"},"before":null,"key":["bob"],"kind":"principal","life":2},{"after":{"id":"core/x"},"before":null,"key":["core/x"],"kind":"label","life":3},{"after":{"id":"core/gone"},"before":null,"key":["core/gone"],"kind":"label","life":4}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'37c41bc0dc69f6572acc8b53e6dede9956ce407d435e818b10cc6e53558ccc3a');
INSERT INTO audit_event VALUES ('a', 202601, 2, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 2, '{"changeSet":"01a200c7-a972-7649-a00c-7ff43589130f","changes":[{"after":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"before":null,"key":["ada","/spaces/a","self"],"kind":"grant","life":5},{"after":{"id":"core/x","name":"new \u0000 \ud800 😀"},"before":{"id":"core/x"},"key":["core/x"],"kind":"label","life":3}]}', x'37c41bc0dc69f6572acc8b53e6dede9956ce407d435e818b10cc6e53558ccc3a', x'790c9dae9bdfb465078b12a1380a8b450661c6b20e1d4dcdba8b588be2a3273e');
INSERT INTO audit_event VALUES ('a', 202601, 3, 1769817600000, 'user', 'ada', 'test', '/', 'r-1', NULL, 3, '{"changeSet":"01a200c7-a973-76ef-acc0-938734e7025d","changes":[{"after":null,"before":{"id":"core/gone"},"key":["core/gone"],"kind":"label","life":4},{"after":null,"before":{"active":true,"id":"bob","name":"Bob","type":"user"},"key":["bob"],"kind":"principal","life":2}]}', x'790c9dae9bdfb465078b12a1380a8b450661c6b20e1d4dcdba8b588be2a3273e', x'dcc1a45f51dde2e1f177e3125f81285f1ab6968573b936fd626e6d72562f44f0');
INSERT INTO audit_event VALUES ('a', 202602, 4, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 4, '{"changeSet":"01a200c7-a974-7ea9-a68b-01d3fd5fdb53","changes":[{"after":{"access":"RWX","principal":"ada","reach":"self","resource":"/spaces/a"},"before":{"access":"R","principal":"ada","reach":"self","resource":"/spaces/a"},"key":["ada","/spaces/a","self"],"kind":"grant","life":5}]}', x'dcc1a45f51dde2e1f177e3125f81285f1ab6968573b936fd626e6d72562f44f0', x'8a87a7bda5414a813899a59b8f38faff7b68b8f7f8901c67f09d8d33b956108e');
INSERT INTO audit_event VALUES ('b', 202602, 1, 1769990400000, 'user', 'ada', 'test', '/', 'r-1', NULL, 1, '{"changeSet":"01a200c7-a974-7ea9-a68b-01d474a20b2e","changes":[{"after":{"id":"core/b"},"before":null,"key":["core/b"],"kind":"label","life":1}]}', x'0000000000000000000000000000000000000000000000000000000000000000', x'9f3082668b1ec9a77aadfebadf0ba7a2f26e6179b488a8365fdbdd3dff3f66df');
INSERT INTO api_token VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', 'administrator', NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL);
INSERT INTO api_token VALUES (x'0202020202020202020202020202020202020202020202020202020202020202', 'principal', 'a', 'ada', NULL, '{"actions":["read"]}', NULL, 2, 9, NULL);
