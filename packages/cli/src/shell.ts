/**
 * The shell: what a command sees of the process that runs it, so that tests can give it another.
 *
 * Invariant: text of a server or a person never moves the cursor: control characters are shown, not sent.
 */
import { styleText } from "node:util";

export type Output = {
  readonly isTerminal: boolean;
  /** A terminal, and its user has not said otherwise (https://no-color.org). */
  readonly hasColour: boolean;
  write(text: string): void;
};
export type Shell = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
};

/** Writes lines; control characters in them as `\x1b`. */
export function writeLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map((line) => `${visible(line)}\n`).join(""));
}

/** Text as a terminal may have it: line feeds and tabs stay. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}

export function paint(output: Output, style: "green" | "red" | "bold", text: string): string {
  return output.hasColour ? styleText(style, text, { validateStream: false }) : text;
}
