/**
 * `reeve start`: the server, until a signal ends it.
 *
 * Words for people go to a terminal, where the log keeps quiet unless it is asked for; where stdout is no terminal it carries the
 * log alone, JSON lines for a collector, and the words go to stderr.
 * Invariant: whoever reads the welcome can get in; a server that nobody can enter is stopped again.
 */
import { type Config, type Running, startServer } from "@reeve/server";
import { tell } from "../answer.ts";
import { thisCaller } from "../caller.ts";
import { EXIT, type Exit } from "../exit.ts";
import { type Shell, writeLines } from "../shell.ts";
import { type Configuration, configured, startFailure, systemFailure } from "../start-faults.ts";
import { welcomeLines } from "../start-welcome.ts";
import { type Handed, handOver } from "../token-secret.ts";

const CLOSE_MS = 10_000;
/** One key press reaches a process several times: by the terminal's group, by npm, by the launcher. */
const SAME_SIGNAL_MS = 1_000;
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;
type Signal = keyof typeof SIGNALS;

export async function start(shell: Shell): Promise<Exit> {
  const { stdout } = shell;
  const configuration = configured(shell.environment);
  if (!configuration.ok) return tell(shell, configuration.error);
  const config = { value: stdout.isTerminal ? quiet(configuration) : configuration.value };
  const signal = nextSignal();
  const running = await listen(shell, config.value);
  if (typeof running === "number") return running;
  const words = stdout.isTerminal ? stdout : shell.stderr;
  try {
    const { administrator } = running;
    const handed: Handed | undefined =
      administrator.how === "made" ? await handOver(shell, config.value.dataDirectory, administrator.secret) : undefined;
    writeLines(words, welcomeLines({ config: config.value, running, handed, caller: thisCaller() }));
  } catch (error) {
    await running.close();
    const why = error instanceof Error ? error.message : String(error);
    return tell(shell, {
      exit: EXIT.cannotRun,
      lines: [
        `The administrator's token could not be handed over: ${why}. Mend that, and make a new one: ${thisCaller().command} token reset`,
      ],
    });
  }
  writeLines(words, [`Stopping (${await signal}); once more ends it at once.`]);
  return close(shell, running, CLOSE_MS + config.value.drainNoticeMs);
}

/** On a terminal the log keeps quiet unless it was asked for. */
function quiet({ value, sources }: Extract<Configuration, { readonly ok: true }>): Config {
  const isAsked = sources.some(({ key, from }) => key === "REEVE_LOG_LEVEL" && from !== "default");
  return isAsked ? value : { ...value, logLevel: "warn" };
}

async function listen(shell: Shell, config: Config): Promise<Running | Exit> {
  try {
    const started = await startServer(config);
    return started.ok ? started.value : tell(shell, startFailure(started.error));
  } catch (error) {
    const failure = systemFailure(error, config);
    if (failure === undefined) throw error;
    return tell(shell, failure);
  }
}

/** The first signal; a second one ends the process there and then, as a shell expects of a process that a signal ended. */
function nextSignal(): Promise<Signal> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    for (const name of Object.keys(SIGNALS) as Signal[]) {
      process.on(name, () => {
        const nowMs = performance.now();
        firstMs ??= nowMs;
        if (nowMs - firstMs >= SAME_SIGNAL_MS) process.exit(128 + SIGNALS[name]);
        resolve(name);
      });
    }
  });
}

async function close(shell: Shell, running: Running, closeMs: number): Promise<Exit> {
  const late = setTimeout(() => {
    tell(shell, {
      exit: EXIT.cannotRun,
      lines: [`The server did not close within ${closeMs / 1_000} s, so it was ended. No write is lost.`],
    });
    process.exit(EXIT.cannotRun);
  }, closeMs);
  try {
    await running.close();
    return EXIT.yes;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return tell(shell, { exit: EXIT.cannotRun, lines: [`The server did not close in order: ${why}`] });
  } finally {
    clearTimeout(late);
  }
}
