/**
 * The command `reeve` as a program: the process's own shell, the arguments it was given, and its exit code.
 *
 * Invariant: the exit code is set and the process left to end by itself, so that nothing that was printed is cut off.
 */
import { run } from "./program.ts";
import { processShell } from "./start-shell.ts";

process.exitCode = await run(process.argv.slice(2), processShell());
