/** What a store says when it reads what it did not write. */
import { StoreError } from "../store-error.ts";

/** What was read is not what was written: no part of the organization may be served. */
export const damaged = (org: string): StoreError =>
  new StoreError(
    "damaged",
    `The data of organization ${JSON.stringify(org)} is damaged on the disk: what is there is not what was written. Stop the server and restore a backup.`,
  );
