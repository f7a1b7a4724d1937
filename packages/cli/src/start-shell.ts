/**
 * The shell of this process: the only place of the command line that reads the environment.
 *
 * Invariant: colours only on a terminal, and not where NO_COLOR or TERM=dumb asks for none.
 */
import type { Output, Shell } from "./shell.ts";

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
      write: (text) => void stream.write(text),
    };
  };
  return { environment, stdout: output(process.stdout), stderr: output(process.stderr) };
}
