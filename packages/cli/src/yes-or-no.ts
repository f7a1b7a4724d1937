/**
 * Questions to the person at the terminal.
 *
 * Invariant: silence is a no; without a terminal nobody is asked and nothing is assumed.
 */
import type { Answers } from "./shell.ts";

export type Said = "yes" | "no" | "stop";

const WORDS: Readonly<Record<string, Said>> = {
  y: "yes",
  yes: "yes",
  n: "no",
  no: "no",
  s: "no",
  skip: "no",
  "": "no",
  q: "stop",
  quit: "stop",
};

/** Asks until it understands; the end of the input stops. */
export async function askYesOrNo(answers: Answers, question: string): Promise<Said> {
  for (;;) {
    const line = await answers.ask(question);
    const said = line === undefined ? "stop" : WORDS[line.trim().toLowerCase()];
    if (said !== undefined) return said;
  }
}
