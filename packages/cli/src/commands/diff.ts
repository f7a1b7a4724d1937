/**
 * `reeve diff DIR`: what `reeve apply` would do. Ends with 0 where it would do nothing, with 1 where something differs.
 */
import { tell } from "../answer.ts";
import { counted } from "../catalogue/rule-words.ts";
import { EXIT, type Exit } from "../exit.ts";
import { countLine, differenceLines, differenceValue, isTable } from "../files/told.ts";
import { type Compared, compare, type WantedOptions } from "../files/wanted.ts";
import { type OutputOptions, print } from "../output.ts";
import { type Output, type Shell, writeLines } from "../shell.ts";

export type DiffOptions = WantedOptions & OutputOptions;

export async function diff(shell: Shell, path: string, options: DiffOptions): Promise<Exit> {
  const compared = await compare(shell, { path, options, isQuiet: options.quiet === true || !isTable(options) });
  if (!compared.ok) return tell(shell, compared.error);
  printDifferences(shell, compared.value, options);
  return compared.value.list.length === 0 ? EXIT.yes : EXIT.no;
}

export function printDifferences(shell: Shell, compared: Compared, options: OutputOptions): void {
  const { list, unnamed, revision, org } = compared;
  const value = { organization: org, revision, differences: list.map(differenceValue), unnamed };
  print(shell, options, { value, table: (output) => printTable(output, compared) });
}

function printTable(output: Output, compared: Compared): void {
  const { list, revision } = compared;
  output.write(
    differenceLines(output, list)
      .map((line) => `${line}\n`)
      .join(""),
  );
  const told = list.length === 0 ? `No differences at revision ${revision}.` : `${countLine(list)}, compared with revision ${revision}.`;
  writeLines(output, [told, ...unnamedLines(compared)]);
}

/** What stands and no file names is told, so that nobody takes it for gone. */
export function unnamedLines({ unnamed, list }: Pick<Compared, "unnamed" | "list">): readonly string[] {
  if (unnamed === 0 || list.some(({ is }) => is === "deleted")) return [];
  const [are, them] = unnamed === 1 ? ["is", "it"] : ["are", "them"];
  return [`${counted(unnamed, "object")} that no file names ${are} left alone; --prune would delete ${them}.`];
}
