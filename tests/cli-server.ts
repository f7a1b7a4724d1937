/**
 * The command line as processes: what a person types, and the server that they started by it.
 *
 * Invariant: no variable of the machine that runs the tests reaches them but PATH and HOME, and every server that was started is ended.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const COMMAND = [join(ROOT, "tools/node.mjs"), join(ROOT, "packages/cli/src/main.ts")];
const STARTED = "stops it.";

export type Environment = Readonly<Record<string, string>>;
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly out: string; readonly err: string };
type Running = { readonly child: ChildProcess; readonly ended: Promise<Ended>; readonly printed: { out: string; err: string } };

export type Started = {
  readonly url: string;
  /** What it printed for people. */
  readonly words: string;
  readonly ended: Promise<Ended>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and what it ended with. */
  stop(): Promise<Ended>;
};

const started = new Set<ChildProcess>();

function launch(command: string, words: readonly string[], { environment = {}, directory = ROOT, input }: Where): Running {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(command, words, {
    cwd: directory,
    env: { PATH, HOME, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const printed = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed.err += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...printed }));
  });
  return { child, ended, printed };
}

/** `input`: what comes on stdin; absent: nothing is there. */
export type Where = { readonly environment?: Environment; readonly directory?: string; readonly input?: Buffer };

/** Runs `reeve …` to its end. */
export const reeve = (words: readonly string[], where: Where = {}): Promise<Ended> =>
  launch(process.execPath, [...COMMAND, ...words], where).ended;

/** Runs a line as a shell in the top folder would. */
export const shell = (line: string, where: Where = {}): Promise<Ended> => launch("sh", ["-c", line], where).ended;

/** Starts a server and waits until it says that it listens; throws what it said when it ended instead. `byNpm`: as a person does. */
export async function startReeve(where: Where & { readonly byNpm?: true } = {}): Promise<Started> {
  const asked = { ...where, environment: { REEVE_PORT: "0", ...where.environment } };
  const words = where.byNpm === true ? (["npm", ["start"]] as const) : ([process.execPath, [...COMMAND, "start"]] as const);
  const { child, ended, printed } = launch(...words, asked);
  started.add(child);
  void ended.finally(() => started.delete(child));
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on("data", () => printed.err.includes(STARTED) && resolve());
    ended.then(({ code, out, err }) => reject(new Error(`reeve start ended with ${code}:\n${out}${err}`)), reject);
  });
  const stop = (): Promise<Ended> => {
    child.kill("SIGTERM");
    return ended;
  };
  const url = / listens on (\S+)/.exec(printed.err)?.[1] ?? "";
  return { url, words: printed.err, ended, signal: (name) => void child.kill(name), stop };
}

/** Ends every server that a test left running. For `afterEach`. */
export async function stopAll(): Promise<void> {
  await Promise.all(
    [...started].map((child) => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      return ended;
    }),
  );
}

/** The lines of the welcome that are to be pasted. */
export const commandsOf = (words: string): string[] =>
  words
    .split("\n")
    .filter((line) => line.startsWith("  npm run "))
    .map((line) => line.trim());
