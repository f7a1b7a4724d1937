/** The grammar of the commands about single objects and change sets: `get`, `history`, `changes`, `revert`. */
import type { Command } from "commander";
import type { AskOptions } from "./asked.ts";
import type { ChangesOptions } from "./commands/changes.ts";
import type { HistoryOptions } from "./commands/history.ts";
import type { RevertOptions } from "./commands/revert.ts";
import { collectionArgument } from "./program-lists.ts";
import { after, asking, type End, limitOption, REASON } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const KEY_HELP = `An object is named by its kind (role or roles) and its key: the id, or all members of the key in their order, such as
GROUP MEMBER of a membership. \`reeve list\` shows them first, under the same names.`;

export function addRecords(program: Command, shell: Shell, end: End): void {
  const get = program.command("get").addArgument(collectionArgument("<kind>", ["organization"]));
  asking(get.argument("[key...]", "the members of its key"))
    .description("Show an object as it is stored.")
    .addHelpText(
      "after",
      after(["reeve get policy labels-must-match --org DEMO@ReeveOrg", "reeve get organization --org DEMO@ReeveOrg -o json"], KEY_HELP),
    )
    .action(async (kind: string, key: readonly string[], options: AskOptions) =>
      end(await (await import("./commands/get.ts")).get(shell, { kind, key }, options)),
    );
  const history = program.command("history").addArgument(collectionArgument("<kind>", []));
  asking(history.argument("<key...>", "the members of its key").addOption(limitOption()))
    .description("Show what befell an object, newest first.")
    .addHelpText("after", after("reeve history principal ada --org DEMO@ReeveOrg", KEY_HELP))
    .action(async (kind: string, key: readonly string[], options: HistoryOptions) =>
      end(await (await import("./commands/history.ts")).history(shell, { kind, key }, options)),
    );
  addChanges(program, shell, end);
}

function addChanges(program: Command, shell: Shell, end: End): void {
  const changes = program.command("changes").argument("[change-set]", "show this one, with every object before and after");
  asking(changes.addOption(limitOption("how many at most (default: 20)")))
    .description("List change sets, newest first, or show one.")
    .addHelpText("after", after("reeve changes --limit 5 --org DEMO@ReeveOrg"))
    .action(async (id: string | undefined, options: ChangesOptions) =>
      end(await (await import("./commands/changes.ts")).changes(shell, id, options)),
    );
  const revert = program.command("revert").argument("<change-set>", "its id, as `reeve changes` shows it");
  asking(revert.option(...REASON))
    .description("Take a change set back by a new one. Refused where later changes stand in its way.")
    .addHelpText("after", after('reeve revert CHANGE-SET --reason "wrong group" --org DEMO@ReeveOrg'))
    .action(async (id: string, options: RevertOptions) => end(await (await import("./commands/revert.ts")).revert(shell, id, options)));
}
