/**
 * Completion scripts for bash, zsh and fish. They hold everything that they offer: no key press starts a process.
 *
 * Invariant: nothing of the grammar is run as code: every word that is written into a script is quoted for its shell.
 */
import type { CompletedCommand, Values } from "./completion-tree.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type CompletionShell = (typeof SHELLS)[number];

export function completionScript(shell: CompletionShell, tree: readonly CompletedCommand[]): string {
  if (shell === "fish") return fishScript(tree);
  const start = shell === "bash" ? [] : ["autoload -U +X bashcompinit && bashcompinit"];
  return [`# Completion of reeve for ${shell}.`, ...start, ...bashLines(tree), ""].join("\n");
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const pattern = (words: readonly string[]): string => quote(words.join(" "));

/** Names that zsh gives a meaning of its own, such as `path` and `words`, are not used. */
function bashLines(tree: readonly CompletedCommand[]): readonly string[] {
  return [
    "_reeve() {",
    `  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" cmd="" nth=0 i token offer="" files=""`,
    "  COMPREPLY=()",
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    `    token="\${COMP_WORDS[i]}"`,
    '    case "$cmd $token" in',
    ...tree
      .filter(({ words }) => words.length > 0)
      .map(({ words }) => `      ${descent(words)}) cmd=${pattern(words)}; nth=0; continue ;;`),
    ...takingPatterns(tree).map((line) => `      ${line}) ((i++)); continue ;;`),
    "    esac",
    '    [[ "$token" == -* ]] || ((nth++))',
    "  done",
    '  case "$cmd $prev" in',
    ...tree.flatMap(({ words, options }) =>
      options.flatMap(({ flags, values }) =>
        values === undefined ? [] : [`    ${alternatives(words, flags)}) ${offerLine(values)}; _reeve_offer; return ;;`],
      ),
    ),
    "  esac",
    '  case "$cmd" in',
    ...tree.map((command) => `    ${pattern(command.words)}) ${commandLine(command)} ;;`),
    "  esac",
    "  _reeve_offer",
    "}",
    "_reeve_offer() {",
    '  [[ -z "$offer" ]] || COMPREPLY=($(compgen -W "$offer" -- "$cur"))',
    '  [[ -z "$files" ]] || COMPREPLY+=($(compgen -f -- "$cur"))',
    "}",
    "complete -o filenames -F _reeve reeve",
  ];
}

/** The command so far and the word that leads into this one. */
const descent = (words: readonly string[]): string => quote(`${words.slice(0, -1).join(" ")} ${words.at(-1)}`);
const alternatives = (words: readonly string[], flags: readonly string[]): string =>
  flags.map((flag) => quote(`${words.join(" ")} ${flag}`)).join("|");

function takingPatterns(tree: readonly CompletedCommand[]): readonly string[] {
  return tree.flatMap(({ words, options }) =>
    options.flatMap(({ flags, values }) => (values === undefined ? [] : [alternatives(words, flags)])),
  );
}

const offerLine = ({ choices, isFile }: Values): string => `offer=${quote(choices.join(" "))}; files=${isFile ? "yes" : "''"}`;

function commandLine({ subcommands, options, values }: CompletedCommand): string {
  const flags = quote(options.flatMap((option) => option.flags).join(" "));
  const named = values.map((one, at) => `${one.isRepeated ? "*" : at}) ${offerLine(one)} ;;`);
  const rest =
    subcommands.length > 0
      ? `offer=${quote(subcommands.map(({ name }) => name).join(" "))}`
      : named.length > 0
        ? `case "$nth" in ${named.join(" ")} esac`
        : "offer=''";
  return `if [[ "$cur" == -* ]]; then offer=${flags}; else ${rest}; fi; [[ -n "$offer$files" || -n "$cur" ]] || offer=${flags}`;
}

function fishScript(tree: readonly CompletedCommand[]): string {
  const descents = tree.filter(({ words }) => words.length > 0);
  const lines = tree.flatMap((command) => {
    const at = `complete -c reeve -n ${quote(`__reeve_at ${command.words.join(" ")}`.trim())}`;
    return [
      ...command.subcommands.map(({ name, says }) => `${at} -f -a ${quote(name)} -d ${fishQuote(says)}`),
      ...command.options.map(({ flags, says, values }) => `${at} ${fishFlags(flags)} ${fishValues(values)} -d ${fishQuote(says)}`),
      ...command.values.map(({ choices, isFile }) => `${at} ${isFile ? "-F" : `-f -a ${fishQuote(choices.join(" "))}`}`),
    ];
  });
  return [
    "# Completion of reeve for fish.",
    "function __reeve_command",
    "  set -l cmd",
    "  for token in (commandline -opc)[2..-1]",
    '    switch "$cmd $token"',
    ...descents.map(({ words }) => `      case ${descent(words)}\n        set cmd ${pattern(words)}`),
    "    end",
    "  end",
    '  echo "$cmd"',
    "end",
    "function __reeve_at",
    "  set -l cmd (__reeve_command)",
    '  test "$cmd" = "$argv"',
    "end",
    "complete -c reeve -f",
    ...lines,
    "",
  ].join("\n");
}

const fishQuote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const fishFlags = (flags: readonly string[]): string =>
  flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(" ");
const fishValues = (values: Values | undefined): string =>
  values === undefined ? "" : values.isFile ? "-r -F" : `-x -a ${fishQuote(values.choices.join(" "))}`;
