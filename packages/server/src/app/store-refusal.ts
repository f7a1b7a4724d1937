/**
 * What a failure of the store means to whoever asked: a code of our own, and words that tell nothing of the database.
 *
 * The store's own message names files, statements and remedies: it goes into the log, for the operator.
 * Invariant: every code of the store stands here once; one that is missing does not compile.
 */
import { StoreError } from "../store/index.ts";

type StoreErrorCode = StoreError["code"];
/** `bug`: only a start, a backup or a restore may meet it. */
type Meaning = { readonly code: StoreRefusalCode; readonly detail?: string } | "bug";
export type StoreRefusalCode =
  | "organization_not_found"
  | "store_busy"
  | "disk_full"
  | "write_uncertain"
  | "store_stopped"
  | "store_failed"
  | "store_damaged"
  | "answer_timeout"
  | "draining";
export type StoreRefusal = { readonly code: StoreRefusalCode; readonly detail?: string };

export const STORE_REFUSALS = {
  organization_unknown: { code: "organization_not_found" },
  busy: { code: "store_busy", detail: "Nothing of this was written. Try again." },
  disk_full: { code: "disk_full", detail: "Nothing of this was written. Writes are taken again when there is space." },
  commit_failed: { code: "write_uncertain", detail: "Whether this was written is known after the server's next start." },
  writes_stopped: {
    code: "store_stopped",
    detail: "Nothing of this was written. An earlier write broke on the disk; the server's log says how.",
  },
  store_closed: { code: "draining" },
  damaged: { code: "store_damaged", detail: "The operator must restore a backup; the server's log says of what." },
  store_failed: { code: "store_failed" },
  not_answered: { code: "answer_timeout" },
  wrong_answer: { code: "store_failed" },
  // Whoever expects something of a write answers these himself.
  object_changed: "bug",
  key_reused: "bug",
  locked: "bug",
  newer_database: "bug",
  not_a_store: "bug",
  directory_unusable: "bug",
  network_file_system: "bug",
  clock_behind: "bug",
  restore_unfinished: "bug",
  target_exists: "bug",
} as const satisfies Record<StoreErrorCode, Meaning>;

/** `undefined`: the error is none of the store's, or one that no request can meet: a bug, which crashes the request. */
export function storeRefusal(error: unknown): StoreRefusal | undefined {
  if (!(error instanceof StoreError)) return undefined;
  const meaning: Meaning = STORE_REFUSALS[error.code];
  return meaning === "bug" ? undefined : meaning;
}

/** Whether a refusal, of whatever is asked for, is the store's. */
export function isStoreRefusal(refused: { readonly code: string }): refused is StoreRefusal {
  return Object.values<Meaning>(STORE_REFUSALS).some((meaning) => meaning !== "bug" && meaning.code === refused.code);
}
