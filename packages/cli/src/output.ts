/**
 * Output: an answer as a table for people, or as JSON or YAML for programs.
 *
 * Invariant: all forms tell the same answer; on a terminal none of them moves the cursor.
 */
import { Option } from "commander";
import { stringify } from "yaml";
import { type Output, type Shell, visible, writeLines } from "./shell.ts";

export const FORMS = ["table", "json", "yaml"] as const;
export type OutputOptions = { readonly output?: (typeof FORMS)[number]; readonly json?: true };
export type Told = {
  readonly value: unknown;
  /** The value as it came over the wire. */
  readonly text?: string;
  /** What else a person should know; to stderr, with a table. */
  readonly notes?: readonly string[];
  table(output: Output): void;
};

export const outputOption = (): Option =>
  new Option("-o, --output <form>", "form of the answer").choices(FORMS).default(undefined, "table");
/** The older word for `--output json`. */
export const jsonOption = (): Option => new Option("--json", "the same as --output json").conflicts("output");

export function print({ stdout, stderr }: Shell, { output, json }: OutputOptions, { value, text, notes = [], table }: Told): void {
  const form = json === true ? "json" : (output ?? "table");
  if (form === "table") {
    table(stdout);
    writeLines(stderr, notes);
    return;
  }
  const written = form === "yaml" ? yamlText(value) : `${text ?? JSON.stringify(value, null, 2)}\n`;
  stdout.write(stdout.isTerminal ? visible(written) : written);
}

/** Long texts stay on their line: a folded one is hard to search for. */
export const yamlText = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
