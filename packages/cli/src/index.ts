/** The door of the command line: to run it with another shell than the process's own, what it ends with, and what `doctor` can find. */
export { FINDINGS } from "./doctor/findings.ts";
export { EXIT, type Exit } from "./exit.ts";
export { run } from "./program.ts";
export type { Output, Shell } from "./shell.ts";
