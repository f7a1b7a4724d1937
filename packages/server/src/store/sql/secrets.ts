/**
 * The server's secrets: 32 random bytes each, made when they are first asked for and kept in the file's notes. A backup is made without
 * them, and a restore ends those of a copy: what was signed with them is asked for again.
 */
import { randomBytes } from "node:crypto";
import type Database from "better-sqlite3";
import { isSecretName, SECRET_BYTES } from "../secret-name.ts";
import { StoreError } from "../store-error.ts";

const PREFIX = "secret.";

/** Gives the secret of a name, if there is one yet. Throws TypeError for a name that is none, and `damaged`. */
export const secretReader = (db: Database.Database): ((name: string) => Uint8Array | undefined) => {
  const get = db.prepare<[string], string>("SELECT value FROM server_meta WHERE name = ?").pluck();
  return (name) => {
    if (!isSecretName(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a secret`);
    const text = get.get(PREFIX + name);
    if (text === undefined) return undefined;
    if (!/^[0-9a-f]{64}$/.test(text)) {
      throw new StoreError("damaged", "A secret of the server is damaged on the disk. Stop the server and restore a backup.");
    }
    return Uint8Array.from(Buffer.from(text, "hex"));
  };
};

/** Makes the secret of a name unless there is one. To be called in a write. */
export const secretMaker = (writer: Database.Database): ((name: string) => Uint8Array) => {
  const read = secretReader(writer);
  const add = writer.prepare("INSERT INTO server_meta (name, value) VALUES (?, ?)");
  return (name) => {
    const known = read(name);
    if (known !== undefined) return known;
    const secret = randomBytes(SECRET_BYTES);
    add.run(PREFIX + name, secret.toString("hex"));
    return Uint8Array.from(secret);
  };
};

/** Removes all of them from a file, bytes and all. */
export const removeSecrets = (db: Database.Database): void => {
  db.pragma("secure_delete = ON");
  db.prepare("DELETE FROM server_meta WHERE substr(name, 1, ?) = ?").run(PREFIX.length, PREFIX);
};
