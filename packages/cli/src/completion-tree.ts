/**
 * What can be completed, read from the grammar itself: every command with its subcommands, options and arguments.
 *
 * Invariant: a command or option that the program has is completed, without a list kept beside it.
 */
import type { Argument, Command, Option } from "commander";

export type Values = { readonly choices: readonly string[]; readonly isFile: boolean };
export type CompletedOption = {
  /** `--output`, and `-o` where there is one. */
  readonly flags: readonly string[];
  readonly says: string;
  /** Absent: it takes none. */
  readonly values?: Values;
};
export type CompletedCommand = {
  /** Its words after the program's name; empty: the program. */
  readonly words: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly says: string }[];
  readonly options: readonly CompletedOption[];
  /** By position; the last one stands for all further ones where `isRepeated`. */
  readonly values: readonly (Values & { readonly isRepeated: boolean })[];
};

const FILES = /<?(path|(newer-)?file|files|dir|directory)(\.\.\.)?>?$/;

/** `--resource <path>` names no file. */
const FILE_OPTIONS = ["--token-file", "--secret-file", "--to", "--against"];

export function completionTree(command: Command, words: readonly string[] = []): readonly CompletedCommand[] {
  const own = {
    words,
    subcommands: command.commands.map((one) => ({ name: one.name(), says: one.description() })),
    options: [...command.options.map(optionOf), { flags: ["--help", "-h"], says: "display help for command" }],
    values: command.registeredArguments.map((argument) => ({ ...valuesOf(argument, argument.name()), isRepeated: argument.variadic })),
  };
  return [own, ...command.commands.flatMap((one) => completionTree(one, [...words, one.name()]))];
}

function optionOf(option: Option): CompletedOption {
  const flags = [option.long, option.short].filter((flag) => typeof flag === "string");
  const takes = option.required || option.optional;
  const isFile = takes && FILE_OPTIONS.includes(option.long ?? "");
  return { flags, says: option.description, ...(takes ? { values: { choices: option.argChoices ?? [], isFile } } : {}) };
}

function valuesOf(argument: Argument, name: string): Values {
  return { choices: argument.argChoices ?? [], isFile: FILES.test(name) };
}
