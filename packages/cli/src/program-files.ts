/**
 * The commands over an organization as files: export, diff, apply, test. Their arguments, options and help.
 */
import { LIMITS } from "@reeve/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ApplyOptions } from "./commands/apply.ts";
import type { DiffOptions } from "./commands/diff.ts";
import type { ExportOptions } from "./commands/export.ts";
import type { TestOptions } from "./commands/test.ts";
import { after, asking, connecting, type End, ORGANIZATION, REASON } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const FILES_HELP = `The files are YAML: every .yaml below the directory, told apart by their sections (roles:, grants:, …); one file or - works too.
Memberships stand by group, assignments by role, grants by resource. What the files do not name is left alone without --prune.`;

const TEST_HELP = `A file of cases:
  product: cloud-manager                  # of the operations
  cases:
    - title: A developer may not delete a program
      ask: { principal: user ada, operation: DELETE /api/program/4 }
      expect: deny                        # or { decision: deny, code: no_access, missing: […] }
    - title: Ada may view the API
      ask: { principal: user ada, action: view, resource: /spaces/apim/apis/orders }
      expect: { decision: allow, evidence: { source: admin } }
\`now\` (a date in UTC), at the top or in a case, is the moment that it is asked at; with files only.`;

function countOf(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= LIMITS.changesMax) return count;
  throw new InvalidArgumentError(`Allowed is a number from 1 to ${LIMITS.changesMax}.`);
}

/** Commands over an organization as files. */
export function addFiles(program: Command, shell: Shell, end: End): void {
  connecting(program.command("export").option(...ORGANIZATION))
    .argument("<path>", "directory or .yaml file to write, or - for stdout")
    .option("--quiet", "no progress and no words")
    .description("Write everything that an organization holds as YAML files. Files that are there are edited where they differ.")
    .addHelpText("after", after("reeve export --org DEMO@ReeveOrg organization/", FILES_HELP))
    .action(async (path: string, options: ExportOptions) =>
      end(await (await import("./commands/export.ts")).exportFiles(shell, path, options)),
    );
  asking(program.command("diff"))
    .argument("<path>", "directory or file, or - for stdin")
    .option("--prune", "what the files do not name counts as deleted")
    .option("--quiet", "no progress")
    .description("What `apply` would do: ends with 0 for nothing, with 1 where something differs.")
    .addHelpText("after", after("reeve diff --org DEMO@ReeveOrg organization/", FILES_HELP))
    .action(async (path: string, options: DiffOptions) => end(await (await import("./commands/diff.ts")).diff(shell, path, options)));
  asking(program.command("apply"))
    .argument("<path>", "directory or file, or - for stdin")
    .option("--dry-run", "say what would change, and who would gain and lose what; write nothing")
    .option(...REASON)
    .option("--prune", "delete what the files do not name")
    .option("--yes", "deletions are meant")
    .option("--create", "make the organization where there is none")
    .addOption(new Option("--max-changes <count>", "changes that one change set holds at most").argParser(countOf))
    .option("--quiet", "no progress and no notes")
    .description("Make the files stand. Up to 1,000 changes are written at once; more in steps between which nobody holds more.")
    .addHelpText("after", after("reeve apply --org DEMO@ReeveOrg organization/ --dry-run", FILES_HELP))
    .action(async (path: string, options: ApplyOptions) => end(await (await import("./commands/apply.ts")).apply(shell, path, options)));
  asking(program.command("test"))
    .argument("<files...>", "files of cases, or directories of them")
    .option("--against <path>", "files of an organization, in place of a server")
    .description("Run decision cases against files or a server: ends with 1 when one of them fails.")
    .addHelpText("after", after("reeve test cases.yaml --against organization/", TEST_HELP))
    .action(async (files: readonly string[], options: TestOptions) =>
      end(await (await import("./commands/test.ts")).test(shell, files, options)),
    );
}
