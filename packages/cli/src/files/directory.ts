/**
 * The directory: the files of an organization on disk, or one text on stdin or stdout (`-`).
 *
 * Every `.yaml` and `.yml` below a directory is read, but what begins with a dot.
 * Invariant: a file is replaced whole or not at all, and one that says the same already is not touched.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Result } from "@reeve/core";
import { EXIT, type Failure, fail } from "../exit.ts";
import type { TextFile } from "./write-files.ts";
import { readSource, type Source } from "./yaml-source.ts";

export const STREAM = "-";
const FILES_MAX = 10_000;
const isYaml = (name: string): boolean => /\.ya?ml$/.test(name) && !name.startsWith(".");

/** The sources at a path: of a directory its files by name, of a file that one. */
export function readAt(path: string): Result<readonly Source[], Failure> {
  try {
    if (path === STREAM) return { ok: true, value: [readSource("stdin", readFileSync(0))] };
    if (!statSync(path).isDirectory()) return { ok: true, value: [readSource(path, readFileSync(path))] };
    const names = filesBelow(path);
    if (names.length > FILES_MAX) return fail(EXIT.usage, `${path} holds more than ${FILES_MAX} YAML files.`);
    return { ok: true, value: names.map((name) => readSource(join(path, name), readFileSync(join(path, name)))) };
  } catch (error) {
    return cannot(path, "read", error);
  }
}

/** Paths of the YAML files below a directory, from there, in order of names. */
export function filesBelow(directory: string): readonly string[] {
  const found: string[] = [];
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (isYaml(entry.name) && statSync(join(directory, path)).isFile()) found.push(path);
    }
  };
  walk("");
  return found.sort();
}

/** Text of a file, or `undefined` where none is. */
export function textAt(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Writes those files whose text is another; an empty text removes the file. Gives the paths that were written. */
export function writeAt(directory: string, files: readonly TextFile[]): Result<readonly string[], Failure> {
  const written: string[] = [];
  for (const { path, text } of files) {
    const target = join(directory, path);
    try {
      if (text === "") rmSync(target);
      else if (textAt(target) !== text) replace(target, text);
      else continue;
    } catch (error) {
      return cannot(target, "written", error);
    }
    written.push(path);
  }
  return { ok: true, value: written };
}

function replace(target: string, text: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const beside = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text, { flag: "wx" });
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function cannot(path: string, what: string, error: unknown): { readonly ok: false; readonly error: Failure } {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const why = code === "ENOENT" ? "it is not there" : code === "EACCES" ? "no permission" : code;
  return fail(EXIT.usage, `${path} cannot be ${what}: ${why}.`);
}
