/**
 * What can go wrong with a store for reasons outside the program: disks, files, other processes, the operator.
 * Each code stands for one remedy, which the message names. Bugs of callers are TypeErrors and no part of this.
 */
import { type Key, type Kind, objectName } from "@reeve/core";

export type StoreErrorCode =
  /** The organization of a write does not exist. */
  | "organization_unknown"
  /** An object is not as the write expected it: an `ObjectChangedError`. Read again. */
  | "object_changed"
  /** The key of a write that commits once was used for another write. Choose another key. */
  | "key_reused"
  /** More writes wait than the queue takes, or another process holds the database's write lock. Try again. */
  | "busy"
  /** Nothing of the write was kept. Free space; writes go on by themselves. */
  | "disk_full"
  /** The commit broke: whether the write is durable is known only after the next start. */
  | "commit_failed"
  /** An earlier write broke on the disk, so that no further one is taken until the next start. */
  | "writes_stopped"
  | "store_closed"
  /** Another server runs on the directory. */
  | "locked"
  | "newer_database"
  /** The file is a database of another program, or none. */
  | "not_a_store"
  /** What is on the disk is not what was written: restore a backup. Of one organization, or of the file. */
  | "damaged"
  /** The directory cannot be made, read or written, or was taken away while the server ran. */
  | "directory_unusable"
  | "network_file_system"
  /** The machine's clock stands before what was written: expired access would count again. */
  | "clock_behind"
  /** A restore into the directory was cut off. */
  | "restore_unfinished"
  /** What a backup or a restore would write lies there already. */
  | "target_exists"
  /** The database refused a statement for another reason; the cause says why. */
  | "store_failed"
  /** No answer came in time; what was asked for may happen all the same. */
  | "not_answered"
  /** What was answered is no answer to what was asked. Whether a write was kept the organization's changes will say. */
  | "wrong_answer";

/** A store's operational failure; `cause` holds what the system said. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "StoreError";
    this.code = code;
  }
}

/** What a write expected of an object and what was found: the revision that last changed it, null where there is none such. */
export type ChangedObject = {
  readonly kind: Kind;
  readonly key: Key;
  readonly expected: number | null;
  readonly found: number | null;
};

/** Objects that a message names; the error has them all. */
const SHOWN_MAX = 3;

/** Code `object_changed`: nothing was written; `objects` are all that are not as they were expected. */
export class ObjectChangedError extends StoreError {
  readonly objects: readonly ChangedObject[];

  constructor(objects: readonly ChangedObject[]) {
    const shown = objects.slice(0, SHOWN_MAX).map(objectName);
    const more = objects.length > SHOWN_MAX ? ` and ${objects.length - SHOWN_MAX} more` : "";
    super("object_changed", `Not as the write expected: ${shown.join(", ")}${more}. Nothing was written; read again.`);
    this.objects = objects;
  }
}
