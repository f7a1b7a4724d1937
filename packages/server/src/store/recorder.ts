/**
 * The transaction that work sees: a list of what it asked for, in order, and the note for the audit.
 * Invariant: after `finish` nothing can be added, so that work which kept the transaction cannot reach into a later write.
 */
import { KEY_MEMBERS, type Key, type Kind, keyOf, type Rec } from "@reeve/core";
import { isStorable } from "./canonical.ts";
import type { Expectation, Once } from "./expectation.ts";
import type { AuditNote, Head, Transaction } from "./index.ts";

export type Asked = { readonly kind: Kind; readonly key: Key; readonly rec?: Rec };
export type Recorded<T> = {
  readonly value: T;
  readonly asked: readonly Asked[];
  readonly note: AuditNote | undefined;
  readonly expected: readonly Expectation[];
  readonly once: Once | undefined;
};

const SHA256_BYTES = 32;

/** Runs `work` on a recorder. Throws what `work` throws, and TypeError when work is asynchronous. */
export const record = <T>(head: Head, work: (tx: Transaction) => T): Recorded<T> => {
  const recorder = new Recorder(head);
  try {
    const value = work(recorder);
    if (value instanceof Promise) throw new TypeError("the work of a write must be synchronous");
    const { asked, note, expected, onlyOnce } = recorder;
    return { value, asked, note, expected, once: onlyOnce };
  } finally {
    recorder.finish();
  }
};

class Recorder implements Transaction {
  readonly head: Head;
  readonly asked: Asked[] = [];
  readonly expected: Expectation[] = [];
  note: AuditNote | undefined;
  onlyOnce: Once | undefined;
  #finished = false;

  constructor(head: Head) {
    this.head = head;
  }

  put(rec: Rec): void {
    const key = keyOf(rec);
    this.#check(rec.kind, key);
    this.asked.push({ kind: rec.kind, key, rec });
  }

  delete(kind: Kind, key: Key): void {
    this.#check(kind, key);
    this.asked.push({ kind, key });
  }

  audit(note: AuditNote): void {
    this.#checkOpen();
    if (this.note !== undefined) throw new TypeError("a write has one audit event");
    this.note = note;
  }

  expect(kind: Kind, key: Key, revision: number | null): void {
    this.#check(kind, key);
    if (revision !== null) checkRevision(revision);
    this.expected.push({ kind, key, revision, last: false });
  }

  expectLast(kind: Kind, key: Key, revision: number): void {
    this.#check(kind, key);
    checkRevision(revision);
    this.expected.push({ kind, key, revision, last: true });
  }

  once(key: Uint8Array, fingerprint: Uint8Array): void {
    this.#checkOpen();
    if (this.onlyOnce !== undefined) throw new TypeError("a write has one key");
    if (!isSha256(key) || !isSha256(fingerprint)) throw new TypeError("a key and its fingerprint are SHA-256, 32 bytes each");
    this.onlyOnce = { key: Uint8Array.from(key), fingerprint: Uint8Array.from(fingerprint) };
  }

  finish(): void {
    this.#finished = true;
  }

  #checkOpen(): void {
    if (this.#finished) throw new TypeError("the transaction is over");
  }

  #check(kind: Kind, key: Key): void {
    this.#checkOpen();
    if (!Object.hasOwn(KEY_MEMBERS, kind)) throw new TypeError(`no kind ${kind}`);
    if (key.length !== KEY_MEMBERS[kind].length) throw new TypeError(`a key of ${kind} has ${KEY_MEMBERS[kind].length} members`);
    if (!key.every(isStorable)) throw new TypeError(`a key of ${kind} holds NUL or a lone surrogate`);
  }
}

const checkRevision = (revision: number): void => {
  if (!Number.isSafeInteger(revision) || revision < 0) throw new TypeError("a revision is an integer from 0 on");
};

const isSha256 = (bytes: Uint8Array): boolean => bytes instanceof Uint8Array && bytes.length === SHA256_BYTES;
