/**
 * `reeve config check` and `reeve config show`: what a server started here would be configured with, and what is wrong with it.
 *
 * Invariant: no secret is shown, whether its setting is right or wrong.
 */
import type { ConfigSource } from "@reeve/server";
import { tell } from "../answer.ts";
import { EXIT, type Exit } from "../exit.ts";
import { type OutputOptions, print } from "../output.ts";
import { type Shell, writeLines } from "../shell.ts";
import { configured } from "../start-faults.ts";
import { writeTable } from "../table-text.ts";

export type ShowOptions = OutputOptions;

export function configCheck(shell: Shell): Exit {
  const config = configured(shell.environment);
  if (!config.ok) return tell(shell, config.error);
  const given = config.sources.filter(({ from }) => from !== "default").length;
  const file = config.file === undefined ? "there is no file" : `the file is ${config.file}`;
  writeLines(shell.stdout, [`The configuration is good: ${file}; ${given} of ${config.sources.length} settings are given.`]);
  const { tls } = config.value;
  if (tls !== undefined)
    writeLines(shell.stdout, [`Certificate and key fit; it expires at ${new Date(tls.pair.expiresMs).toISOString()}.`]);
  return EXIT.yes;
}

export function configShow(shell: Shell, options: ShowOptions): Exit {
  const config = configured(shell.environment);
  if (!config.ok) return tell(shell, config.error);
  const settings = config.sources.map(({ value, ...source }) => ({ ...source, value: value ?? null }));
  const rows = config.sources.map((source) => [source.place, source.value ?? "(not set)", whence(source)]);
  print(shell, options, {
    value: { file: config.file ?? null, settings },
    table: (output) => writeTable(output, { titles: ["SETTING", "VALUE", "FROM"], rows }),
  });
  return EXIT.yes;
}

function whence({ from, key, over }: ConfigSource): string {
  if (from !== "environment") return from;
  return over === undefined ? `environment (${key})` : `environment (${key}), over ${over}`;
}
