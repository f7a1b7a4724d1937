/**
 * The transaction that work sees: a list of what it asked for, in order, and the note for the audit.
 * Invariant: after `finish` nothing can be added, so that work which kept the transaction cannot reach into a later write.
 */
import { KEY_MEMBERS, type Key, type Kind, keyOf, type Rec } from "@reeve/core";
import { isStorable } from "./canonical.ts";
import type { AuditNote, Head, Transaction } from "./index.ts";

export type Asked = { readonly kind: Kind; readonly key: Key; readonly rec?: Rec };
export type Recorded<T> = { readonly value: T; readonly asked: readonly Asked[]; readonly note: AuditNote | undefined };

/** Runs `work` on a recorder. Throws what `work` throws, and TypeError when work is asynchronous. */
export const record = <T>(head: Head, work: (tx: Transaction) => T): Recorded<T> => {
  const recorder = new Recorder(head);
  try {
    const value = work(recorder);
    if (value instanceof Promise) throw new TypeError("the work of a write must be synchronous");
    return { value, asked: recorder.asked, note: recorder.note };
  } finally {
    recorder.finish();
  }
};

class Recorder implements Transaction {
  readonly head: Head;
  readonly asked: Asked[] = [];
  note: AuditNote | undefined;
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
