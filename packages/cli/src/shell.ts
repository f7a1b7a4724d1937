/**
 * The shell: what a command sees of the process that runs it, so that tests can give it another.
 *
 * Invariant: text of a server or a person never moves the cursor: control characters are shown, not sent.
 */
import { styleText } from "node:util";

/** Of a terminal that does not say how wide it is, and of help that goes to none. */
export const USUAL_COLUMNS = 80;

export type Output = {
  readonly isTerminal: boolean;
  /** A terminal, and its user has not said otherwise (https://no-color.org). */
  readonly hasColour: boolean;
  /** How wide the terminal is; absent: as wide as a line gets. */
  readonly columns?: number;
  write(text: string): void;
};
/** Answers of a person, a line each; `undefined`: there are no more. */
export type Answers = { ask(question: string): Promise<string | undefined>; close(): void };
export type Shell = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Absent: nobody is there to answer. */
  answers?(): Answers;
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
