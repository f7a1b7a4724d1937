/**
 * Where the log's lines go: to a file descriptor, one write at a time, in their order, beside everything else that the server does.
 *
 * A log is worth less than the answers of the server. Who reads it may stop reading, and its disk may fill up: then lines are dropped,
 * beyond a bound or where the system refuses them, and nothing else waits or fails.
 * Invariant: no line keeps a request waiting, and no failure to write one ends the process or holds up its end.
 */
import { write, writeSync } from "node:fs";

export type LogSink = { write(line: string): void };

const WAITING_CHARACTERS_MAX = 4 * 1_024 * 1_024;
/** A descriptor that takes nothing just now is asked again. */
const AGAIN_MS = 50;
/** A write that takes longer will not end before the process does. */
const STUCK_MS = 1_000;

export function logSink(descriptor: number): LogSink {
  let waiting = "";
  let begunMs: number | undefined;
  const writeNext = (): void => {
    begunMs = undefined;
    if (waiting === "") return;
    const bytes = Buffer.from(waiting);
    waiting = "";
    begunMs = performance.now();
    writeRest(bytes);
  };
  const writeRest = (bytes: Buffer): void => {
    write(descriptor, bytes, (error, count) => {
      if (error?.code === "EAGAIN") return void setTimeout(writeRest, AGAIN_MS, bytes).unref();
      if (error === null && count < bytes.length) return writeRest(bytes.subarray(count));
      // What was cut off ends here, so that the next line is one.
      if (error !== null && waiting !== "") waiting = `\n${waiting}`;
      writeNext();
    });
  };
  process.on("exit", () => {
    const isStuck = begunMs !== undefined && performance.now() - begunMs > STUCK_MS;
    if (waiting === "" || isStuck) return;
    try {
      writeSync(descriptor, waiting);
    } catch {
      // Nobody is left to be told.
    }
  });
  return {
    write(line) {
      if (waiting.length + line.length > WAITING_CHARACTERS_MAX) return;
      waiting += line;
      if (begunMs === undefined) writeNext();
    },
  };
}
