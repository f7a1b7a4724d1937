/**
 * The digest of a database: a SHA-256 over everything that an organization is, by which the original, a backup and what was restored are
 * known to be equal. It covers every object with its life, every line of the audit, and the head with its epoch; over all organizations,
 * the tokens and those items that a backup holds too. Not covered: change sets, which are a copy for followers, when a token was last
 * used, and the file's own notes. All other items are held against their sums.
 *
 * Reads every schema that has shipped. Invariant: equal contents have equal digests, on every machine and at every schema.
 */
import { createHash } from "node:crypto";
import type Database from "better-sqlite3";
import { type AuditAnchor, type AuditRow, ChainWalk } from "../audit-chain.ts";
import type { AuditVerdict } from "../index.ts";
import { LASTING_KINDS } from "../items.ts";
import { rowSum } from "../row-sum.ts";
import { ObjectReading, type ObjectRow, standingReader } from "./object-rows.ts";
import { personFinder } from "./sqlite-audit.ts";
import { ITEM_COLUMNS, itemDamaged } from "./sqlite-items.ts";
import { tokenDamaged } from "./sqlite-tokens.ts";

export type OrganizationDigest = {
  readonly organization: string;
  readonly revision: number;
  readonly records: number;
  readonly auditEvents: number;
  /** A broken chain is told, not refused: it may be all that the operator has. */
  readonly audit: AuditVerdict;
  /** Hexadecimal. */
  readonly sha256: string;
};
/** `items`: those that a backup holds. */
export type StoreDigest = {
  readonly organizations: readonly OrganizationDigest[];
  readonly tokens: number;
  readonly items: number;
  readonly sha256: string;
};

/** Rows carry sums from the first on, personal data stands apart from the second on, and there are items from the third on. */
const SCHEMA_WITH_SUMS = 2;
const SCHEMA_WITH_PERSONS = 3;
const SCHEMA_WITH_ITEMS = 5;

type Value = string | number | Uint8Array | null;

const lineOf = (row: readonly Value[]): string =>
  `${JSON.stringify(row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value)))}\n`;

const schemaOf = (db: Database.Database): number => db.pragma("user_version", { simple: true }) as number;
const hasSums = (db: Database.Database): boolean => schemaOf(db) >= SCHEMA_WITH_SUMS;
const hasPersons = (db: Database.Database): boolean => schemaOf(db) >= SCHEMA_WITH_PERSONS;
const hasItems = (db: Database.Database): boolean => schemaOf(db) >= SCHEMA_WITH_ITEMS;

/** To be called inside one read transaction of the caller. Throws `damaged`. */
export const digestOf = (db: Database.Database): StoreDigest => {
  const total = createHash("sha256");
  const ids = db.prepare("SELECT org_id FROM org_head ORDER BY org_id").pluck().all() as string[];
  const organizations = ids.map((org) => digestOfOrganization(db, org));
  for (const { organization, sha256 } of organizations) total.update(lineOf([organization, sha256]));
  const tokens = hashTokens(db, (row) => void total.update(lineOf(row)));
  const items = hasItems(db) ? hashItems(db, (row) => void total.update(lineOf(row))) : 0;
  return { organizations, tokens, items, sha256: total.digest("hex") };
};

const TOKEN_COLUMNS = ["hash", "kind", "org_id", "principal", "client_id", "ceiling", "name", "created_ms", "expires_ms"];

const hashTokens = (db: Database.Database, put: (row: readonly Value[]) => void): number => {
  const columns = hasSums(db) ? [...TOKEN_COLUMNS, "sum"] : TOKEN_COLUMNS;
  const rows = db.prepare(`SELECT ${columns.join(", ")} FROM api_token ORDER BY hash`).raw();
  let tokens = 0;
  for (const row of rows.iterate() as Iterable<Value[]>) {
    const own = row.slice(0, TOKEN_COLUMNS.length);
    if (row.length > own.length && rowSum(own) !== row.at(-1)) throw tokenDamaged();
    put(own);
    tokens += 1;
  }
  return tokens;
};

const hashItems = (db: Database.Database, put: (row: readonly Value[]) => void): number => {
  const rows = db.prepare(`SELECT ${ITEM_COLUMNS.join(", ")}, sum FROM item ORDER BY kind, id`).raw();
  let items = 0;
  for (const row of rows.iterate() as Iterable<Value[]>) {
    const own = row.slice(0, -1);
    if (rowSum(own) !== row.at(-1)) throw itemDamaged();
    if (!LASTING_KINDS.includes(row[0] as string)) continue;
    put(own);
    items += 1;
  }
  return items;
};

const digestOfOrganization = (db: Database.Database, org: string): OrganizationDigest => {
  const hash = createHash("sha256");
  const put = (row: readonly Value[]): void => void hash.update(lineOf(row));
  const [head = []] = db
    .prepare("SELECT rev, epoch, audit_seq, audit_hash, audit_period, life_seq FROM org_head WHERE org_id = ?")
    .raw()
    .all(org) as Value[][];
  put(head);
  const records = hashObjects(db, org, put);
  const { audit, auditEvents } = hashAudit(db, org, put);
  return { organization: org, revision: head[0] as number, records, auditEvents, audit, sha256: hash.digest("hex") };
};

const hashObjects = (db: Database.Database, org: string, put: (row: readonly Value[]) => void): number => {
  const standing = hasSums(db) ? standingReader(db)(org) : undefined;
  const reading = standing === undefined ? undefined : new ObjectReading(standing);
  const columns = hasSums(db) ? "kind, k1, k2, k3, body, life, sum" : "kind, k1, k2, k3, body, life";
  const rows = db.prepare(`SELECT ${columns} FROM object WHERE org_id = ? ORDER BY kind, k1, k2, k3`).raw();
  let records = 0;
  for (const row of rows.iterate(org) as Iterable<ObjectRow>) {
    reading?.check(row);
    put(row.slice(0, 6));
    records += 1;
  }
  reading?.end();
  return records;
};

const hashAudit = (
  db: Database.Database,
  org: string,
  put: (row: readonly Value[]) => void,
): { audit: AuditVerdict; auditEvents: number } => {
  const anchors = db
    .prepare<[string], AuditAnchor>("SELECT last_seq, head_hash FROM audit_anchor WHERE org_id = ? ORDER BY last_seq")
    .all(org);
  const [end] = db.prepare("SELECT audit_seq, audit_hash, audit_period FROM org_head WHERE org_id = ?").raw().all(org) as [
    number,
    Buffer,
    number,
  ][];
  const walk = new ChainWalk(anchors, hasPersons(db) ? personFinder(db)(org) : () => undefined);
  let [auditEvents, holds] = [0, true];
  const rows = db.prepare<[string], AuditRow & Record<string, Value>>(
    `SELECT org_id, period, seq, ts_ms, actor_type, actor_id, action, target, request_id, ip, rev, body, prev_hash, hash
     FROM audit_event WHERE org_id = ? ORDER BY period, seq`,
  );
  for (const row of rows.iterate(org)) {
    if (holds) holds = walk.step(row);
    put(Object.values(row));
    auditEvents += 1;
  }
  const persons = hasPersons(db)
    ? db.prepare("SELECT digest, principal, life, salt, body FROM person WHERE org_id = ? ORDER BY digest").raw().iterate(org)
    : [];
  for (const row of persons as Iterable<Value[]>) put(row);
  return { audit: walk.verdict(end === undefined ? undefined : { seq: end[0], hash: end[1], period: end[2] }), auditEvents };
};
