/**
 * The stages of reading a document, shown while they last: a bar on a terminal, a line a stage elsewhere, nothing where none is wanted.
 *
 * Invariant: it goes to stderr, and a bar is gone when it ends, so that what is told afterwards stands alone.
 */
import type { Progress } from "@reeve/openapi";
import { isTable } from "../files/told.ts";
import type { OutputOptions } from "../output.ts";
import { type Shell, visible } from "../shell.ts";

export type Stage = Progress["stage"] | "send";
export type Stages = { at(stage: Stage, fraction: number): void; end(): void };

const WORDS: { readonly [S in Stage]: string } = {
  send: "sending",
  text: "reading the text",
  structure: "checking the structure",
  references: "following references",
  operations: "reading operations",
  plan: "comparing with what stands",
};
const BAR = 24;
/** What reading has of the whole; the rest is the plan. */
const READING_SHARE = 0.9;
const SILENT: Stages = { at: () => undefined, end: () => undefined };

export type StagesOptions = OutputOptions & { readonly quiet?: true };

/** `name`: of the document. */
export function stagesOf({ stderr }: Shell, name: string, options: StagesOptions): Stages {
  if (options.quiet === true || !isTable(options)) return SILENT;
  let last: Stage | undefined;
  let drawn = 0;
  return {
    at(stage, fraction) {
      if (stderr.isTerminal) {
        const text = barLine(stage, fraction);
        stderr.write(`\r${text.padEnd(drawn)}`);
        drawn = text.length;
      } else if (stage !== last) stderr.write(`${visible(name)}: ${WORDS[stage]}\n`);
      last = stage;
    },
    end() {
      if (drawn > 0) stderr.write(`\r${" ".repeat(drawn)}\r`);
      drawn = 0;
    },
  };
}

function barLine(stage: Stage, fraction: number): string {
  const done = stage === "send" ? 0 : stage === "plan" ? READING_SHARE + (1 - READING_SHARE) * fraction : READING_SHARE * fraction;
  const full = Math.max(0, Math.min(BAR, Math.floor(BAR * done)));
  return `[${"#".repeat(full)}${".".repeat(BAR - full)}] ${String(Math.floor(100 * done)).padStart(3)} % ${WORDS[stage]}`;
}
