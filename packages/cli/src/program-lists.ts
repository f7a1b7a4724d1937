/** The grammar of the commands that list: `list`, `who-can`, `what-can`. */
import { Argument, type Command, Option } from "commander";
import { COLLECTION_NAMES } from "./collection.ts";
import { type ListOptions, OTHER_LISTS } from "./commands/list.ts";
import type { WhatCanOptions } from "./commands/what-can.ts";
import type { WhoCanOptions } from "./commands/who-can.ts";
import { PRINCIPAL_TYPES } from "./list-question.ts";
import { AT_LEAST, after, asking, collect, contextOption, type End, limitOption } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const LIST_HELP = `What is stored: any collection, narrowed by --filter, --name and --below.
What check allows: with --subject, --action, --resource, --type, --label or --sandbox the list is a question:
  list resources   --subject --action --type [--product] [--below]
  list actions     --subject --resource
  list principals  --action --resource [--type user|service-account|group]
  list roles       [--product] [--type] [--action] [--label] [--sandbox]: roles that hold this`;

export function addLists(program: Command, shell: Shell, end: End): void {
  addList(program, shell, end);
  addWhoCan(program, shell, end);
  addWhatCan(program, shell, end);
}

/** Shown and completed, but judged by the command, which says what was probably meant. */
export function collectionArgument(name: string, others: readonly string[]): Argument {
  const argument = new Argument(name, "a collection, such as roles");
  argument.choices([...others, ...COLLECTION_NAMES]);
  return argument.argParser((text: string) => text);
}

function addList(program: Command, shell: Shell, end: End): void {
  const command = program
    .command("list")
    .addArgument(collectionArgument("<collection>", OTHER_LISTS))
    .description("List what is stored, or what check allows.")
    .addOption(new Option("--filter <field=value>", "only objects with this value").argParser(collect))
    .option("--name <beginning>", "only objects whose name begins so")
    .option("--below <path>", "only below this path")
    .option("--sort <field>", "a field, or -field for the other way round")
    .option("--product <id>", "only of this product")
    .option("--subject <type:id>", "what this subject may")
    .option("--action <name>", "this action")
    .option("--resource <path>", "on this resource")
    .option("--child <type>", "on one of this type below --resource that has nothing of its own yet")
    .option("--type <type>", "of this type")
    .option("--label <id>", "roles with this label")
    .option("--sandbox <name>", "roles in this sandbox")
    .addOption(contextOption())
    .option(...AT_LEAST)
    .addOption(limitOption());
  asking(command)
    .addHelpText(
      "after",
      after(
        [
          "reeve list roles --org DEMO@ReeveOrg --product cloud-manager",
          "reeve list principals --org DEMO@ReeveOrg --filter type=user --sort -name",
          "reeve list resources --org DEMO@ReeveOrg --subject user:ben --action view --type apis",
          "reeve list actions --org DEMO@ReeveOrg --subject user:ben --resource /spaces/apim/apis/orders",
        ],
        LIST_HELP,
      ),
    )
    .action(async (what: string, options: ListOptions) => end(await (await import("./commands/list.ts")).list(shell, what, options)));
}

function addWhoCan(program: Command, shell: Shell, end: End): void {
  const command = program
    .command("who-can")
    .argument("<action>", "an action, or with --product the method of a call: DELETE")
    .argument("<resource>", "the path of a resource, or with --product the target of the call: /api/program/4")
    .description("List the principals who may do this.")
    .option("--product <id>", "product whose API is called")
    .addOption(new Option("--type <kind>", "only this kind of principals").choices(PRINCIPAL_TYPES))
    .option("--child <type>", "one of this type below the resource that has nothing of its own yet")
    .addOption(new Option("--target <name=path>", "further target of the call; name=none: the request names none").argParser(collect))
    .addOption(new Option("--attribute <name=value>", "attribute of the call: step.action=approval").argParser(collect))
    .addOption(contextOption())
    .option(...AT_LEAST)
    .addOption(limitOption());
  asking(command)
    .addHelpText(
      "after",
      after([
        "reeve who-can view /spaces/apim/apis/orders --org DEMO@ReeveOrg",
        "reeve who-can DELETE /api/program/4/pipeline/10 --product cloud-manager --org DEMO@ReeveOrg",
      ]),
    )
    .action(async (first: string, second: string, options: WhoCanOptions) =>
      end(await (await import("./commands/who-can.ts")).whoCan(shell, { first, second }, options)),
    );
}

const WHAT_HELP = `Without --held: every registered resource and collection with the actions that check allows there, and by what.
With --held: the permissions that the subject's roles give at a place: a sandbox, an item of a scope, or / for the organization.`;

function addWhatCan(program: Command, shell: Shell, end: End): void {
  const command = program
    .command("what-can")
    .argument("<subject>", "type:id, such as user:ada or service-account:demo-developer")
    .description("List what a subject may do.")
    .option("--below <path>", "only at and below this path")
    .option("--held <place>", "the permissions that its roles give at this place")
    .option("--product <id>", "with --held: only of this product")
    .addOption(contextOption())
    .option(...AT_LEAST)
    .addOption(limitOption());
  asking(command)
    .addHelpText(
      "after",
      after(
        [
          "reeve what-can user:ben --below /spaces/apim --org DEMO@ReeveOrg",
          "reeve what-can service-account:demo-developer --held /programs/4 --org DEMO@ReeveOrg",
        ],
        WHAT_HELP,
      ),
    )
    .action(async (subject: string, options: WhatCanOptions) =>
      end(await (await import("./commands/what-can.ts")).whatCan(shell, subject, options)),
    );
}
