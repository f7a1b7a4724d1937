/**
 * The data directory: made for its owner alone, on a disk of this machine. SQLite's locks and its write-ahead log
 * do not hold across machines, so a network file system is refused rather than trusted.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statfsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StoreError } from "../store-error.ts";
import { syncPath } from "./migrate.ts";

/** Names in a data directory. A restore writes the second, and gives it the first name when it is whole. */
export const DATABASE = "reeve.db";
export const UNFINISHED_RESTORE = "reeve.db.restoring";

/** Magic numbers of Linux's statfs(2). Other systems give other numbers, which match none of these. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x517b, "SMB"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
]);

/** The network file system that a directory lies on, by name; undefined where it lies on none that is known. */
export const networkOf = (directory: string): string | undefined =>
  process.platform === "linux" ? NETWORK_FILE_SYSTEMS.get(statfsSync(directory).type >>> 0) : undefined;

/** Makes the directory (mode 0700) unless it exists. Throws `directory_unusable` or `network_file_system`. */
export const prepareDirectory = (directory: string): void => {
  usable(directory, () => {
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (made !== undefined) syncPath(dirname(resolve(made)));
  });
  const network = networkOf(directory);
  if (network !== undefined) {
    throw new StoreError("network_file_system", `${directory} lies on ${network}. Choose a data directory on a disk of this machine.`);
  }
};

/** The database file, empty if it was not there, readable by its owner alone. SQLite gives its side files the same mode. */
export const prepareFile = (directory: string): string => {
  const path = join(directory, DATABASE);
  if (existsSync(join(directory, UNFINISHED_RESTORE))) {
    throw new StoreError(
      "restore_unfinished",
      `A restore into ${directory} was cut off. Restore again into this data directory; the backup is as it was.`,
    );
  }
  usable(directory, () => {
    // Only a file that SQLite has not open yet may be opened and closed here: see syncPath.
    if (!existsSync(path)) {
      closeSync(openSync(path, "wx", 0o600));
      syncPath(directory);
    }
    chmodSync(path, 0o600);
  });
  return path;
};

/**
 * Says whether the database and its log still lie where they were opened. A program that has a file open goes on writing it after the
 * file was removed or replaced, and all of that is gone when it ends.
 */
export const watchPlace = (path: string): (() => StoreError | undefined) => {
  const files = [path, `${path}-wal`].map((file) => ({ file, was: placeOf(file) })).filter(({ was }) => was !== undefined);
  return () => {
    const gone = files.find(({ file, was }) => placeOf(file) !== was);
    if (gone === undefined) return undefined;
    return new StoreError(
      "directory_unusable",
      `${gone.file} was removed or replaced while the server ran. Stop the server, put the data directory back or restore a backup, then start again.`,
    );
  };
};

const placeOf = (file: string): string | undefined => {
  const found = statSync(file, { throwIfNoEntry: false });
  // Systems without such numbers do not let a file that is open be removed.
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
};

/** Runs what needs the directory. Throws `disk_full` or `directory_unusable`. */
export const usable = (directory: string, prepare: () => void): void => {
  try {
    prepare();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
      throw new StoreError("disk_full", `The disk is full: ${why}. Free space on the data directory's file system.`, error);
    }
    throw new StoreError(
      "directory_unusable",
      `${directory} cannot be used as data directory: ${why}. Its owner must be able to read and write it.`,
      error,
    );
  }
};
