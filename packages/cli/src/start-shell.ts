/**
 * The shell of this process: the only place of the command line that reads the environment.
 *
 * Invariant: colours only on a terminal, and not where NO_COLOR or TERM=dumb asks for none.
 */
import { createInterface } from "node:readline";
import { type Answers, type Output, type Shell, USUAL_COLUMNS, visible } from "./shell.ts";

export function processShell(): Shell {
  const environment = process.env;
  const wantsColour = (environment.NO_COLOR ?? "") === "" && environment.TERM !== "dumb";
  const output = (stream: NodeJS.WriteStream): Output => {
    // A reader that went away (`reeve catalogue table | head`) is no failure.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
    return {
      isTerminal: stream.isTTY === true,
      hasColour: stream.isTTY === true && wantsColour,
      ...(stream.isTTY === true ? { columns: stream.columns > 0 ? stream.columns : USUAL_COLUMNS } : {}),
      write: (text) => void stream.write(text),
    };
  };
  const [stdout, stderr] = [output(process.stdout), output(process.stderr)];
  // Where nobody reads the question nobody is asked.
  const isAsked = process.stdin.isTTY === true && stderr.isTerminal;
  return { environment, stdout, stderr, ...(isAsked ? { answers: () => answersOf(stderr) } : {}) };
}

/** Lines as the terminal gives them, so that its own keys (Ctrl+C, Ctrl+D) do what they always do. */
function answersOf(stderr: Output): Answers {
  const reading = createInterface({ input: process.stdin, terminal: false });
  const lines = reading[Symbol.asyncIterator]();
  return {
    async ask(question) {
      stderr.write(visible(question));
      const line = await lines.next();
      return line.done === true ? undefined : line.value;
    },
    close: () => reading.close(),
  };
}
