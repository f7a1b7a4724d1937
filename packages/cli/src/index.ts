/** The door of the command line: to run it with another shell than the process's own, and what it ends with. */
export { EXIT, type Exit } from "./exit.ts";
export { run } from "./program.ts";
export type { Output, Shell } from "./shell.ts";
