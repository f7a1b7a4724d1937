/** The grammar of the commands about tokens that a running server makes, lists and ends. */
import { type Command, Option } from "commander";
import type { TokenCreateOptions } from "./commands/token-create.ts";
import type { TokenListOptions, TokenRevokeOptions } from "./commands/token-list.ts";
import { EXPIRES } from "./moment.ts";
import { outputOption } from "./output.ts";
import { after, connecting, type End, limitOption, ORGANIZATION, SECRET_FILE } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const ADMINISTRATOR = ["--administrator", "of the server's administrator, not of an organization"] as const;
const CEILINGS = ["read", "decide", "admin"];

const CREATE_HELP = "The secret goes to stdout alone, once, or into --secret-file. The rest goes to stderr.";

export function addTokens(token: Command, shell: Shell, end: End): void {
  connecting(token.command("create"))
    .description("Make a token that stands for a user or service account, or for the administrator.")
    .option("--principal <id>", "the user or service account that it stands for")
    .option(...ADMINISTRATOR)
    .addOption(new Option("--ceiling <most>", "what its bearer may do at most").choices(CEILINGS).default("decide"))
    .option("--name <text>", "what it is for")
    .option("--client-id <id>", "the client that sends it")
    .option(...EXPIRES)
    .option(...SECRET_FILE)
    .option(...ORGANIZATION)
    .addHelpText(
      "after",
      after("reeve token create --principal demo-developer --ceiling decide --expires 90d --org DEMO@ReeveOrg", CREATE_HELP),
    )
    .action(async (options: TokenCreateOptions) => end(await (await import("./commands/token-create.ts")).tokenCreate(shell, options)));
  connecting(token.command("list"))
    .description("List tokens, without their secrets.")
    .option("--principal <id>", "only those that stand for this one")
    .option(...ADMINISTRATOR)
    .option(...ORGANIZATION)
    .addOption(limitOption())
    .addOption(outputOption())
    .addHelpText("after", after(["reeve token list --org DEMO@ReeveOrg", "reeve token list --administrator"]))
    .action(async (options: TokenListOptions) => end(await (await import("./commands/token-list.ts")).tokenList(shell, options)));
  connecting(token.command("revoke"))
    .argument("<id>", "its id, as `reeve token list` shows it")
    .description("End a token: from now on it lets nobody in.")
    .option(...ADMINISTRATOR)
    .option(...ORGANIZATION)
    .addHelpText(
      "after",
      after("reeve token revoke TOKEN-ID --org DEMO@ReeveOrg", "The administrator's first token is made anew by `reeve token reset`."),
    )
    .action(async (id: string, options: TokenRevokeOptions) =>
      end(await (await import("./commands/token-list.ts")).tokenRevoke(shell, id, options)),
    );
}
