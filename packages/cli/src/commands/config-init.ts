/**
 * `reeve init`: a configuration file in which every setting stands as a comment with its default, and what to do next.
 *
 * It is made from the table of settings, so that it cannot be behind. Invariant: a file that is there is never touched.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SETTINGS, type Setting } from "@reeve/server";
import { tell } from "../answer.ts";
import { thisCaller } from "../caller.ts";
import { EXIT, type Exit } from "../exit.ts";
import { type Shell, writeLines } from "../shell.ts";

const FILE = "reeve.config.yaml";

export function init(shell: Shell, directory = "."): Exit {
  const path = join(directory, FILE);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, configTemplate(), { flag: "wx", mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && existsSync(path)) {
      return tell(shell, {
        exit: EXIT.usage,
        lines: [`${path} is there already, and is left as it is. Look at it with: reeve config show`],
      });
    }
    return tell(shell, { exit: EXIT.cannotRun, lines: [`${path} cannot be written: ${message}. Name a directory that can.`] });
  }
  const { command } = thisCaller();
  const named = directory === "." ? "" : `REEVE_CONFIG=${path} `;
  writeLines(shell.stdout, [
    `Wrote ${path}: every setting with its default, as a comment; only its owner may read it.`,
    "Next:",
    `  ${named}${command} config check    says whether what you changed is good`,
    `  ${named}${command} start           starts the server, and says how to get in`,
    `  ${named}${command} doctor          says what is wrong, and what mends it`,
  ]);
  return EXIT.yes;
}

/** The file: YAML in which nothing is set. */
export function configTemplate(): string {
  const lines = [
    "# The configuration of Reeve. Every line below is a default: take away `#` and the space after it to set it.",
    "# A variable of the environment, named beside each, counts over this file. `reeve config check` says what is wrong.",
  ];
  let open: readonly string[] = [];
  for (const setting of ordered()) {
    const parts = setting.place.split(".");
    const parents = parts.slice(0, -1);
    const kept = parents.findIndex((name, at) => open[at] !== name);
    const from = kept === -1 ? parents.length : kept;
    if (from === 0) lines.push("");
    for (let at = from; at < parents.length; at++) lines.push(`# ${"  ".repeat(at)}${parents[at]}:`);
    lines.push(...settingLines(setting, parents.length));
    open = parents;
  }
  return `${lines.join("\n")}\n`;
}

/** Those that share a parent stand together, values before what has members. */
function ordered(): readonly Setting[] {
  const settings: readonly Setting[] = Object.values(SETTINGS);
  const tops = [...new Set(settings.map(({ place }) => place.split(".")[0] as string))];
  return tops.flatMap((top) =>
    settings
      .filter(({ place }) => place.split(".")[0] === top)
      .toSorted((a, b) => a.place.split(".").length - b.place.split(".").length || (a.place < b.place ? -1 : 1)),
  );
}

function settingLines({ place, key, description, allowed, default: usual, type }: Setting, depth: number): readonly string[] {
  const indent = `# ${"  ".repeat(depth)}`;
  const name = place.split(".").at(-1);
  return [
    `${indent}# ${description}`,
    `${indent}# Allowed: ${allowed}. (${key})`,
    type === "list" || type === "structure" ? `${indent}${name}: []` : `${indent}${name}:${usual === undefined ? "" : ` ${usual}`}`,
  ];
}
