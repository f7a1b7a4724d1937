/**
 * Exports into a directory, or into one file: new where nothing is, edited in place where files are.
 *
 * Invariant: files that have faults are left alone, all of them; nothing is written until everything that is to be written is known.
 */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Rec, Result } from "@reeve/core";
import type { Failure } from "../exit.ts";
import { filesBelow, readAt, textAt, writeAt } from "./directory.ts";
import { editFiles } from "./edit-files.ts";
import { readSources } from "./read-files.ts";
import { faultsFailure } from "./told.ts";
import { type TextFile, writeFiles, writeStream } from "./write-files.ts";

/** Writes what differs; gives the files that were written. */
export function exportInto(path: string, records: readonly Rec[]): Result<readonly string[], Failure> {
  const isFile = existsSync(path) ? !statSync(path).isDirectory() : /\.ya?ml$/.test(path);
  const directory = isFile ? dirname(path) : path;
  const fresh = isFile ? [{ path: basename(path), text: writeStream(records) }] : writeFiles(records);
  const standing = !existsSync(path) ? [] : isFile ? [basename(path)] : filesBelow(path);
  if (standing.length === 0 || isSame(directory, standing, fresh)) return writeAt(directory, fresh);
  const sources = readAt(path);
  if (!sources.ok) return sources;
  const read = readSources(sources.value);
  if (read.faults.length > 0) return { ok: false, error: faultsFailure(read.faults) };
  const edited = editFiles(read, records, isFile ? "" : path);
  return edited.ok
    ? writeAt(
        directory,
        edited.value.map((file) => ({ ...file, path: relative(directory, file.path) })),
      )
    : edited;
}

/** Whether what stands is byte for byte what would be written, so that it need not be read. */
const isSame = (directory: string, standing: readonly string[], fresh: readonly TextFile[]): boolean =>
  standing.length === fresh.length && fresh.every((file) => textAt(join(directory, file.path)) === file.text);
