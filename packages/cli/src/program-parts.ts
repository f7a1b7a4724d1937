/**
 * What the grammar of several commands shares: options by which a server is found, lists are bounded, and help with examples.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { thisCaller } from "./caller.ts";
import { DEFAULT_URL } from "./connection.ts";
import { EXIT_CODES, type Exit } from "./exit.ts";
import { outputOption } from "./output.ts";

export type End = (exit: Exit) => void;

/** The end of a command's help: examples that can be pasted, more about it, and the exit codes. */
export function after(example: string | readonly string[], more = ""): string {
  const examples = [example].flat().map((one) => `  ${one.replace(/(^| )reeve /, `$1${thisCaller().command} `)}\n`);
  const heading = examples.length === 1 ? "Example" : "Examples";
  return `\n${heading}:\n${examples.join("")}${more === "" ? "" : `\n${more}\n`}\n${EXIT_CODES}`;
}

export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export const SERVER = ["--url <url>", `the server (default: REEVE_URL, else ${DEFAULT_URL})`] as const;
export const ORGANIZATION = ["--org <id>", "the organization (default: REEVE_ORG)"] as const;
export const REASON = ["--reason <text>", "why; kept in the audit"] as const;

export function connecting(command: Command): Command {
  return command
    .option(...SERVER)
    .option("--token-file <path>", "file with the token (default: REEVE_TOKEN, else admin-token in REEVE_DATA_DIR or ./.reeve)");
}

/** A command that asks a server about an organization, and answers in one of the forms. */
export function asking(command: Command): Command {
  return connecting(command.option(...ORGANIZATION)).addOption(outputOption());
}

export const limitOption = (says = "how many at most (default: all)"): Option =>
  new Option("--limit <number>", says).argParser((text) => {
    const limit = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
    if (limit === undefined) throw new InvalidArgumentError("Allowed is a whole number from 1.");
    return limit;
  });
export const contextOption = (): Option =>
  new Option("--context <name=value>", "what conditions may read of the circumstances").argParser(collect);
export const AT_LEAST = ["--at-least <revision>", "answer at this revision or a later one"] as const;
export const SECRET_FILE = ["--secret-file <path>", "write the secret there, mode 0600, instead of to stdout; overwrites nothing"] as const;
