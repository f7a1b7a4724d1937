/** The grammar of the developer console's commands and of what programs do with it: `projects`, `credentials`, `access-token`. */
import { type Command, Option } from "commander";
import type { AskOptions } from "./asked.ts";
import type { AccessTokenOptions } from "./commands/access-token.ts";
import type { AddOptions, DeleteOptions as CredentialDeleteOptions } from "./commands/credentials.ts";
import type { CreateOptions, DeleteOptions, OfferedOptions, ProjectsOptions, UpdateOptions } from "./commands/projects.ts";
import { EXPIRES } from "./moment.ts";
import { after, asking, collect, connecting, type End, limitOption, ORGANIZATION, REASON, SECRET_FILE, SERVER } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const projectsOf = () => import("./commands/projects.ts");
const credentialsOf = () => import("./commands/credentials.ts");
const PROJECT = ["<project>", "its id, as `reeve projects list` shows it"] as const;

export function addDevelopers(program: Command, shell: Shell, end: End): void {
  const projects = program.command("projects").description("Developer projects: each has a service account with the roles that it names.");
  addReading(projects, shell, end);
  addWriting(projects, shell, end);
  addCredentials(program, shell, end);
  addAccessToken(program, shell, end);
}

function addReading(projects: Command, shell: Shell, end: End): void {
  asking(projects.command("roles").option("--product <id>", "only of this product").addOption(limitOption()))
    .description("List the roles that you may give to a project.")
    .addHelpText("after", after("reeve projects roles --product cloud-manager --org DEMO@ReeveOrg"))
    .action(async (options: OfferedOptions) => end(await (await projectsOf()).listOffered(shell, options)));
  asking(projects.command("list").addOption(limitOption()))
    .description("List projects, and which of them you may change.")
    .addHelpText("after", after("reeve projects list --org DEMO@ReeveOrg"))
    .action(async (options: ProjectsOptions) => end(await (await projectsOf()).listProjects(shell, options)));
  asking(projects.command("get").argument(...PROJECT))
    .description("Show a project.")
    .addHelpText("after", after("reeve projects get PROJECT --org DEMO@ReeveOrg"))
    .action(async (id: string, options: AskOptions) => end(await (await projectsOf()).getProject(shell, id, options)));
}

function addWriting(projects: Command, shell: Shell, end: End): void {
  const role = (says: string) => new Option("--role <id>", says).argParser(collect);
  asking(projects.command("create"))
    .requiredOption("--name <text>", "its name")
    .requiredOption("--product <id>", "the product whose API it calls")
    .addOption(role("a role that its service account has; one or more").makeOptionMandatory())
    .option(...REASON)
    .description("Make a project, and a service account of its own. Prints its id.")
    .addHelpText("after", after("reeve projects create --name Nightly --product cloud-manager --role developer --org DEMO@ReeveOrg"))
    .action(async (options: CreateOptions) => end(await (await projectsOf()).createProject(shell, options)));
  asking(projects.command("update").argument(...PROJECT))
    .option("--name <text>", "its name from now on")
    .addOption(role("a role that it has from now on; those that are not named are taken"))
    .option(...REASON)
    .description("Change a project's name or roles, and with these what its service account may do.")
    .addHelpText("after", after("reeve projects update PROJECT --name Daily --role deployment-manager --org DEMO@ReeveOrg"))
    .action(async (id: string, options: UpdateOptions) => end(await (await projectsOf()).updateProject(shell, id, options)));
  connecting(
    projects
      .command("delete")
      .argument(...PROJECT)
      .option(...REASON)
      .option(...ORGANIZATION),
  )
    .description("End a project and its service account, for good. Its secrets must have been deleted before.")
    .addHelpText("after", after("reeve projects delete PROJECT --org DEMO@ReeveOrg"))
    .action(async (id: string, options: DeleteOptions) => end(await (await projectsOf()).deleteProject(shell, id, options)));
}

const ADD_HELP = `The secret goes to stdout alone, once, or into --secret-file; then the client id is on stdout. The rest goes to stderr.
A client has two valid secrets at most: to exchange one, make the second, hand it over, delete the first.`;

function addCredentials(program: Command, shell: Shell, end: End): void {
  const credentials = program.command("credentials").description("Client id and client secrets of a developer project.");
  asking(credentials.command("list").argument(...PROJECT))
    .description("Show the client id, and the secrets without their values.")
    .addHelpText("after", after("reeve credentials list PROJECT --org DEMO@ReeveOrg"))
    .action(async (project: string, options: AskOptions) => end(await (await credentialsOf()).listCredentials(shell, project, options)));
  connecting(credentials.command("add").argument(...PROJECT))
    .option("--name <text>", "what it is for")
    .option(...EXPIRES)
    .option(...SECRET_FILE)
    .option(...ORGANIZATION)
    .description("Make a client secret, and with the first one the client.")
    .addHelpText(
      "after",
      after("reeve credentials add PROJECT --name nightly --expires 90d --secret-file client-secret --org DEMO@ReeveOrg", ADD_HELP),
    )
    .action(async (project: string, options: AddOptions) => end(await (await credentialsOf()).addSecret(shell, project, options)));
  connecting(
    credentials
      .command("delete")
      .argument(...PROJECT)
      .argument("[secret]", "the id of a secret"),
  )
    .option(...ORGANIZATION)
    .option("--client", "the client, all of its secrets, and every access token of it")
    .description("End a client secret, or the client.")
    .addHelpText("after", after("reeve credentials delete PROJECT SECRET --org DEMO@ReeveOrg"))
    .action(async (project: string, secret: string | undefined, options: CredentialDeleteOptions) =>
      end(await (await credentialsOf()).deleteCredential(shell, { project, secret }, options)),
    );
}

const ACCESS_HELP = `The client secret comes from --secret-file, from stdin (--secret-file -) or from REEVE_CLIENT_SECRET; as an argument it would stand in
lists of processes. The token goes to stdout alone, or with --to into a file, which --token-file of other commands takes.`;

function addAccessToken(program: Command, shell: Shell, end: End): void {
  program
    .command("access-token")
    .requiredOption("--client-id <id>", "as `reeve credentials list` shows it")
    .option("--secret-file <path>", "file with the client secret, or - for stdin (default: REEVE_CLIENT_SECRET)")
    .option("--scope <list>", "reeve.read, reeve.decide or reeve.admin lower what the token allows; others say nothing here", "openid")
    .option("--to <path>", "write the token there, mode 0600, instead of to stdout; overwrites nothing")
    .option(...SERVER)
    .description("Obtain an access token for a client id and a client secret, as a program does.")
    .addHelpText("after", after("reeve access-token --client-id CLIENT-ID --secret-file client-secret --to access-token", ACCESS_HELP))
    .action(async (options: AccessTokenOptions) => end(await (await import("./commands/access-token.ts")).accessToken(shell, options)));
}
