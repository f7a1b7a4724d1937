/**
 * The file of an OpenAPI document: its text and the name under which its places are told.
 *
 * Invariant: bytes that are no UTF-8 are refused, never repaired, so that lines and columns are those of the file.
 */
import { readFileSync } from "node:fs";
import type { Result } from "@reeve/core";
import { EXIT, type Failure, fail } from "../exit.ts";

export type DocumentFile = { readonly name: string; readonly text: string };

/** `-` is what comes on stdin. */
const STREAM = "-";
const WHY: Readonly<Record<string, string>> = {
  ENOENT: "it is not there",
  EACCES: "no permission",
  EISDIR: "it is a directory",
  ERR_FS_FILE_TOO_LARGE: "it is too large",
};

export function readDocumentFile(path: string): Result<DocumentFile, Failure> {
  const name = path === STREAM ? "stdin" : path;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path === STREAM ? 0 : path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return fail(EXIT.usage, `${name} cannot be read: ${WHY[code] ?? code}.`);
  }
  try {
    return { ok: true, value: { name, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) } };
  } catch {
    return fail(EXIT.usage, `${name} cannot be read: it is not UTF-8.`);
  }
}
