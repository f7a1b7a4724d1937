/** The command line in this process: what it printed and ended with; at a terminal where one is given. */
import { run, type Shell } from "@reeve/cli";

export type Terminal = { readonly answer: (question: string) => string | undefined | Promise<string | undefined> };
export type Inside = { readonly exit: number; readonly out: string; readonly err: string };

export async function reeveInside(
  words: readonly string[],
  { environment, terminal }: { readonly environment: Readonly<Record<string, string>>; readonly terminal?: Terminal | undefined },
): Promise<Inside> {
  const printed = { out: "", err: "" };
  const output = (name: "out" | "err") => ({
    isTerminal: terminal !== undefined,
    hasColour: false,
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const answers = { ask: async (question: string) => terminal?.answer(question), close: () => undefined };
  const shell: Shell = {
    environment,
    stdout: output("out"),
    stderr: output("err"),
    ...(terminal === undefined ? {} : { answers: () => answers }),
  };
  return { exit: await run([...words], shell), ...printed };
}
