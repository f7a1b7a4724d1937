/**
 * Secrets that a server makes and shows once: to stdout alone, or into a file of their owner's; and secrets that a command is given.
 *
 * Invariant: a secret is never an argument of a process, and none is made that could not be handed over: the file is there before.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import type { Result } from "@reeve/core";
import { EXIT, type Failure, fail } from "./exit.ts";
import { type Shell, visible } from "./shell.ts";

export type SecretFileOptions = { readonly secretFile?: string };
/** `secret`: to be shown once; `value`: what else the maker tells. */
export type Secret<T> = { readonly secret: string; readonly value: T };

const STDIN = "-";
const STDIN_DESCRIPTOR = 0;

/** Makes a secret and hands it over: into the file, which must not be there yet, else to stdout. */
export async function handedOver<T>(
  shell: Shell,
  file: string | undefined,
  make: () => Promise<Result<Secret<T>, Failure>>,
): Promise<Result<T, Failure>> {
  if (file === undefined) {
    const made = await make();
    if (!made.ok) return made;
    shell.stdout.write(`${visible(made.value.secret)}\n`);
    return { ok: true, value: made.value.value };
  }
  const opened = openNew(file);
  if (!opened.ok) return opened;
  const made = await make();
  if (made.ok) writeSync(opened.value, `${made.value.secret}\n`);
  closeSync(opened.value);
  if (made.ok) return { ok: true, value: made.value.value };
  rmSync(file, { force: true });
  return made;
}

/** For a person, beside a secret. */
export const shownWhere = ({ secretFile }: SecretFileOptions): string =>
  secretFile === undefined
    ? "It is on stdout, and shown nowhere again."
    : `It is in ${secretFile}, for its owner alone, and shown nowhere again.`;

function openNew(file: string): Result<number, Failure> {
  try {
    return { ok: true, value: openSync(file, "wx", 0o600) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return fail(EXIT.usage, `${file} is there already, and is not overwritten: name another, or take it away.`);
    return fail(EXIT.usage, `${file} cannot be written: ${code ?? String(error)}.`);
  }
}

/** A secret from the file (`-`: what comes on stdin), else from the variable of the environment. */
export function givenSecret(
  shell: Shell,
  { file, variable }: { readonly file: string | undefined; readonly variable: string },
): Result<string, Failure> {
  if (file === undefined) {
    const given = shell.environment[variable];
    if (given === undefined || given === "") {
      return fail(EXIT.usage, `The secret is needed: name a file that holds it with --secret-file (- is stdin), or set ${variable}.`);
    }
    return checked(given, variable);
  }
  try {
    return checked(readFileSync(file === STDIN ? STDIN_DESCRIPTOR : file, "utf8").trim(), file === STDIN ? "stdin" : file);
  } catch (error) {
    return fail(EXIT.usage, `${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`);
  }
}

function checked(secret: string, from: string): Result<string, Failure> {
  if (/^[\x21-\x7e]{1,512}$/.test(secret)) return { ok: true, value: secret };
  return fail(EXIT.usage, `What ${from} holds is no secret: allowed are 1 to 512 visible ASCII characters without spaces.`);
}
