/** The page of the reference about the command line: what `--help` says of every command. */
import { EXIT, run, type Shell } from "@reeve/cli";
import { MADE } from "./markdown.ts";

const COLUMNS = 120;
const EXIT_CODES = "\nExit codes:\n";

/** What `--help` prints, without the exit codes, as where `reeve` is installed. */
async function helpOf(words: readonly string[]): Promise<{ readonly help: string; readonly exits: string }> {
  const parts: string[] = [];
  const output = { isTerminal: false, hasColour: false, columns: COLUMNS, write: (text: string) => void parts.push(text) };
  const shell: Shell = { environment: {}, stdout: output, stderr: output };
  const exit = await run([...words, "--help"], shell);
  const printed = parts.join("");
  const at = printed.indexOf(EXIT_CODES);
  if (exit !== EXIT.yes) throw new Error(`${words.join(" ")} --help ended with ${exit}: ${printed}`);
  const [help, exits] = at < 0 ? [printed, ""] : [printed.slice(0, at), printed.slice(at + EXIT_CODES.length)];
  return { help: help.trim().replaceAll("npm run -s reeve --", "reeve"), exits: exits.trimEnd() };
}

/** A command and all below it, in the order of the help. */
async function sectionsOf(words: readonly string[]): Promise<readonly string[]> {
  const { help } = await helpOf(words);
  const [, listed = ""] = /\nCommands:\n((?: {2}.*\n?)+)/.exec(help) ?? [];
  const names = [...listed.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
  // A command that only holds others is told by them.
  const own = names.length > 0 && words.length > 0 ? [] : [`## ${["reeve", ...words].join(" ")}\n\n\`\`\`text\n${help}\n\`\`\`\n`];
  for (const name of names) own.push(...(await sectionsOf([...words, name])));
  return own;
}

/** docs/reference/cli.md */
export async function cliPage(): Promise<string> {
  const { exits } = await helpOf([]);
  return `# Command line

${MADE} It is what \`reeve COMMAND --help\` says. In a checkout write \`npm run -s reeve --\` for \`reeve\`.
Every command ends with one of these:

\`\`\`text
${exits}
\`\`\`

${(await sectionsOf([])).join("\n")}`;
}
