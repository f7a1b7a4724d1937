/**
 * The data directory: made for its owner alone, on a disk of this machine. SQLite's locks and its write-ahead log
 * do not hold across machines, so a network file system is refused rather than trusted.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statfsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StoreError } from "../store-error.ts";
import { syncPath } from "./migrate.ts";

const DATABASE = "reeve.db";

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

/** Makes the directory (mode 0700) unless it exists. Throws `directory_unusable` or `network_file_system`. */
export const prepareDirectory = (directory: string): void => {
  usable(directory, () => {
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (made !== undefined) syncPath(dirname(resolve(made)));
  });
  const network = process.platform === "linux" ? NETWORK_FILE_SYSTEMS.get(statfsSync(directory).type >>> 0) : undefined;
  if (network !== undefined) {
    throw new StoreError("network_file_system", `${directory} lies on ${network}. Choose a data directory on a disk of this machine.`);
  }
};

/** The database file, empty if it was not there, readable by its owner alone. SQLite gives its side files the same mode. */
export const prepareFile = (directory: string): string => {
  const path = join(directory, DATABASE);
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

const usable = (directory: string, prepare: () => void): void => {
  try {
    prepare();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError(
      "directory_unusable",
      `${directory} cannot be used as data directory: ${why}. Its owner must be able to read and write it.`,
      error,
    );
  }
};
