/**
 * The program: the commands, their options and their help; arguments in, exit code out.
 *
 * Commands that only ask load nothing of the server. Invariant: every end of the command line has a code of `EXIT`; what the argument
 * parser refuses is 2, and only help that was asked for is 0.
 */
import { readFileSync } from "node:fs";
import { TABLE_STATES } from "@reeve/contract";
import { Command, CommanderError, Option } from "commander";
import { FORMATS, type TableOptions } from "./commands/catalogue-table.ts";
import type { CheckOptions } from "./commands/check.ts";
import type { ShowOptions } from "./commands/config.ts";
import type { RestoreOptions } from "./commands/restore.ts";
import type { WhoamiOptions } from "./commands/whoami.ts";
import { EXIT, EXIT_CODES, type Exit } from "./exit.ts";
import { jsonOption, outputOption } from "./output.ts";
import { addAccess } from "./program-access.ts";
import { addCatalogue } from "./program-catalogue.ts";
import { addDevelopers } from "./program-developers.ts";
import { addFiles } from "./program-files.ts";
import { addLists } from "./program-lists.ts";
import { addMachine } from "./program-machine.ts";
import { after, collect, connecting, type End, ORGANIZATION } from "./program-parts.ts";
import { addAccounts, addOrganizations, addPeople } from "./program-people.ts";
import { addRecords } from "./program-records.ts";
import { addTokens } from "./program-tokens.ts";
import { paint, type Shell, USUAL_COLUMNS, visible } from "./shell.ts";

/** Runs the command line in a shell. Arguments are those after the program's name. */
export async function run(arguments_: readonly string[], shell: Shell): Promise<Exit> {
  let exit: Exit = EXIT.yes;
  const program = createProgram(shell, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync([...arguments_], { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.yes : EXIT.usage;
    shell.stderr.write(
      `${paint(shell.stderr, "red", "reeve:")} a bug of ours: ${visible(error instanceof Error ? (error.stack ?? "") : String(error))}\n`,
    );
    return EXIT.serverFailed;
  }
}

function createProgram(shell: Shell, end: End): Command {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string };
  const program = new Command("reeve")
    .description("Reeve, the permissions service for APIs: who may do what, and why.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => shell.stderr.write(text),
      getOutHelpWidth: () => shell.stdout.columns ?? USUAL_COLUMNS,
      getErrHelpWidth: () => shell.stderr.columns ?? USUAL_COLUMNS,
    })
    .showHelpAfterError("(--help says more)")
    .addHelpText("after", `\n${EXIT_CODES}`);
  addStart(program, shell, end);
  addQuestions(program, shell, end);
  addWhoami(program, shell, end);
  addLists(program, shell, end);
  addRecords(program, shell, end);
  addFiles(program, shell, end);
  addOrganizations(program, shell, end);
  addPeople(program, shell, end);
  addAccounts(program, shell, end);
  addAccess(program, shell, end);
  addDevelopers(program, shell, end);
  const catalogue = program.command("catalogue").description("Catalogues of products.");
  addTable(catalogue, shell, end);
  addCatalogue(catalogue, shell, end);
  const token = program.command("token").description("Tokens: who may ask the server.");
  addTokens(token, shell, end);
  addReset(token, shell, end);
  addBackup(program, shell, end);
  addConfig(program, shell, end);
  addMachine(program, shell, end);
  return program;
}

function addStart(program: Command, shell: Shell, end: End): void {
  program
    .command("start")
    .description("Start the server. Runs until Ctrl+C or SIGTERM.")
    .addHelpText("after", after("REEVE_PORT=7071 reeve start", START_HELP))
    .action(async () => end(await (await import("./commands/start.ts")).start(shell)));
}

const START_HELP = `Settings come from reeve.config.yaml in the working directory (or the file that REEVE_CONFIG names) and from the environment,
which wins; \`reeve config show\` lists them all. The ones asked for most:
  REEVE_HOST, REEVE_PORT   where it listens
  REEVE_DATA_DIR           data directory, made with mode 0700
  REEVE_LOG_LEVEL          how much it logs
  REEVE_BOOTSTRAP_TOKEN    the administrator's token of a first start (one is made)
  REEVE_DEMO               whether the demo organization is loaded

The log is JSON lines on stdout. What people read goes to stdout on a terminal, and to stderr where stdout is none.
SIGTERM and SIGINT close within 10 s; a second one, a second later or more, ends at once.`;

const SUBJECT = ["--subject <type:id>", "who asks: user:…, service-account:… or group:…"] as const;

function addQuestions(program: Command, shell: Shell, end: End): void {
  const call = "--subject service-account:demo-developer --product cloud-manager DELETE /api/program/4/pipeline/10";
  questionCommand(program, "check")
    .description("May this subject do this? Ends with 0 for yes, 1 for no.")
    .addHelpText("after", after(`reeve check --org DEMO@ReeveOrg ${call}`, QUESTION_HELP))
    .action(async (method: string | undefined, target: string | undefined, options: CheckOptions) =>
      end(await (await import("./commands/check.ts")).check(shell, options, { method, target })),
    );
  questionCommand(program, "why")
    .description("The same question, with every source that was tried and what it lacked.")
    .addHelpText(
      "after",
      after("reeve why --org DEMO@ReeveOrg --subject user:cleo --action delete --resource /spaces/apim/apis/orders", QUESTION_HELP),
    )
    .action(async (method: string | undefined, target: string | undefined, options: CheckOptions) =>
      end(await (await import("./commands/why.ts")).why(shell, options, { method, target })),
    );
}

const QUESTION_HELP = `A question about a call of an API has --product, method and target; one about a resource has --action and
--resource, or --type and --id. Values of --attribute and --context are text; name:=json gives numbers, booleans and lists.`;

function questionCommand(program: Command, name: string): Command {
  const command = program
    .command(name)
    .argument("[method]", "method of a call, as on its request line: DELETE")
    .argument("[target]", "target of the call, as on its request line: /api/program/4")
    .requiredOption(...SUBJECT)
    .option("--product <id>", "product whose API is called")
    .addOption(new Option("--target <name=path>", "further target of the call; name=none: the request names none").argParser(collect))
    .addOption(new Option("--attribute <name=value>", "attribute of the call: step.action=approval").argParser(collect))
    .option("--action <name>", "action on a resource")
    .option("--resource <path>", "the resource, by path: /programs/4")
    .option("--type <type>", "the resource, by type and id")
    .option("--id <id>", "the resource, by type and id")
    .option("--child <type>", "one of this type below --resource that has nothing of its own yet")
    .addOption(new Option("--context <name=value>", "what conditions may read of the circumstances").argParser(collect))
    .option("--at-least <revision>", "answer at this revision or a later one")
    .option(...ORGANIZATION)
    .addOption(outputOption())
    .addOption(jsonOption());
  return connecting(command);
}

function addWhoami(program: Command, shell: Shell, end: End): void {
  connecting(program.command("whoami"))
    .description("What the token stands for.")
    .addOption(outputOption())
    .addOption(jsonOption())
    .addHelpText("after", after("reeve whoami"))
    .action(async (options: WhoamiOptions) => end(await (await import("./commands/whoami.ts")).whoami(shell, options)));
}

function addTable(catalogue: Command, shell: Shell, end: End): void {
  const command = catalogue
    .command("table")
    .description("Which profiles and permissions open each operation of a product, from a running server.")
    .option("--product <id>", "the product", "cloud-manager")
    .option("--org <id>", "as this organization enforces it (default: as it ships, without a token)")
    .addOption(new Option("--format <form>", "form of the table").choices(Object.keys(FORMATS)).default("markdown").conflicts("output"))
    .addOption(outputOption())
    .option("--search <text>", "only rows with this text in path or operation, or that fit this call")
    .option("--profile <id>", "only what this product profile opens")
    .option("--permission <id>", "only what this permission opens")
    .option("--method <method>", "only this method")
    .addOption(new Option("--state <state>", "only rows of this state").choices(TABLE_STATES));
  connecting(command)
    .addHelpText("after", after("reeve catalogue table --product cloud-manager --search pipeline --profile deployment-manager"))
    .action(async (options: TableOptions) => end(await (await import("./commands/catalogue-table.ts")).catalogueTable(shell, options)));
}

function addReset(token: Command, shell: Shell, end: End): void {
  token
    .command("reset")
    .description("Make a new administrator's token. The server must be stopped; the old token ends.")
    .addHelpText(
      "after",
      after(
        "reeve token reset",
        "It is shown once on a terminal, else written to admin-token in the data directory (REEVE_DATA_DIR, ./.reeve).",
      ),
    )
    .action(async () => end(await (await import("./commands/token-reset.ts")).tokenReset(shell)));
}

const BACKUP_HELP = `The data directory is that of REEVE_DATA_DIR, else ./.reeve. The server may run, and goes on without waiting. The file holds all
organizations, their audit, accounts, clients and the hashes of all tokens; of secrets those of second factors alone, and no key. It is
checked before it gets its name, and overwrites nothing.`;

const RESTORE_HELP = `The data directory is that of REEVE_DATA_DIR, else ./.reeve; it must be empty or not there. The backup is checked first. Every
organization gets a new epoch and a line in its audit. Tokens are as they were in the backup: those revoked since are valid again,
those made since are not known; --end-tokens ends all of them, and the next start makes a new administrator's token. Accounts and
clients come back too; sessions, client secrets and signing keys never do.`;

function addBackup(program: Command, shell: Shell, end: End): void {
  program
    .command("backup")
    .argument("<file>", "file to write; it must not be there yet")
    .description("Write everything in the data directory to one file, beside a running server or without one.")
    .addHelpText("after", after("reeve backup reeve-backup.db", BACKUP_HELP))
    .action(async (file: string) => end(await (await import("./commands/backup.ts")).backup(shell, file)));
  program
    .command("restore")
    .argument("<file>", "a backup")
    .option("--end-tokens", "end every token of the backup")
    .description("Make a backup the content of an empty data directory.")
    .addHelpText("after", after("reeve restore reeve-backup.db", RESTORE_HELP))
    .action(async (file: string, options: RestoreOptions) =>
      end(await (await import("./commands/restore.ts")).restore(shell, file, options)),
    );
}

const CONFIG_HELP = `Settings come from reeve.config.yaml in the working directory (or the file that REEVE_CONFIG names) and from the environment,
which wins. Secrets are not shown.`;

function addConfig(program: Command, shell: Shell, end: End): void {
  const config = program.command("config").description("The configuration of the server that `start` would start here.");
  config
    .command("check")
    .description("Say everything that is wrong with it. Ends with 0 when nothing is, else with 2.")
    .addHelpText("after", after("REEVE_CONFIG=reeve.config.yaml reeve config check", CONFIG_HELP))
    .action(async () => end((await import("./commands/config.ts")).configCheck(shell)));
  config
    .command("show")
    .addOption(outputOption())
    .addOption(jsonOption())
    .description("Show every setting, its value and where it comes from.")
    .addHelpText("after", after("reeve config show", CONFIG_HELP))
    .action(async (options: ShowOptions) => end((await import("./commands/config.ts")).configShow(shell, options)));
}
