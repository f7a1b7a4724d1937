/** The grammar of the commands about organizations as a whole, and about inviting people: `orgs`, `invite`, `invitations`, `accounts`. */
import { type Command, Option } from "commander";
import type { AskOptions } from "./asked.ts";
import type { AccountsOptions } from "./commands/accounts.ts";
import type { InviteOptions } from "./commands/invite.ts";
import type { OrgsDeleteOptions } from "./commands/orgs-delete.ts";
import { outputOption } from "./output.ts";
import { after, asking, collect, connecting, type End, limitOption, ORGANIZATION, REASON } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const INVITE_HELP = `The link goes to stdout alone, once; the rest goes to stderr. With --group admins the user administers the organization.
Where the server sends mail, the link goes to the address and is not shown.`;

const DELETE_HELP = `Export it first: the revision is the one that \`reeve export\` tells, and nothing may have changed since. At a terminal its id is
asked for once more; elsewhere --confirm says it.`;

export function addPeople(program: Command, shell: Shell, end: End): void {
  asking(program.command("invite"))
    .argument("<email>", "the address of the person")
    .option("--id <id>", "of the user; without it the one that the address is already, or a new one")
    .option("--name <text>", "of a user who is made")
    .addOption(new Option("--group <id>", "a group that the user becomes a member of").argParser(collect))
    .addOption(new Option("--product-administrator <product>", "a product that the user administers").argParser(collect))
    .addOption(new Option("--developer-access <role>", "a role that the user may give to developer projects").argParser(collect))
    .option(...REASON)
    .description("Invite a person to the organization. Shows a link once.")
    .addHelpText("after", after("reeve invite eve@example.com --id eve --name Eve --group admins --org DEMO@ReeveOrg", INVITE_HELP))
    .action(async (email: string, options: InviteOptions) =>
      end(await (await import("./commands/invite.ts")).invite(shell, email, options)),
    );
  const invitations = program.command("invitations").description("Invitations that were not accepted.");
  asking(invitations.command("list").addOption(limitOption()))
    .description("List them, without their links.")
    .addHelpText("after", after("reeve invitations list --org DEMO@ReeveOrg"))
    .action(async (options: AskOptions) => end(await (await import("./commands/invitations.ts")).listInvitations(shell, options)));
  connecting(invitations.command("withdraw").argument("<id>", "its id, as `reeve invitations list` shows it"))
    .option(...ORGANIZATION)
    .description("End an invitation: its link counts no more. The user stays.")
    .addHelpText("after", after("reeve invitations withdraw INVITATION --org DEMO@ReeveOrg"))
    .action(async (id: string, options: AskOptions) =>
      end(await (await import("./commands/invitations.ts")).withdrawInvitation(shell, id, options)),
    );
}

/** Of the server: an address is one account, whatever organizations it is a user of. */
export function addAccounts(program: Command, shell: Shell, end: End): void {
  const accounts = program.command("accounts").description("Accounts of people, above organizations. For the server's administrator.");
  const accountsOf = () => import("./commands/accounts.ts");
  connecting(
    accounts.command("list").option("--email <address>", "only that of this address").addOption(limitOption()).addOption(outputOption()),
  )
    .description("List accounts, and which users they are.")
    .addHelpText("after", after("reeve accounts list --email eve@example.com"))
    .action(async (options: AccountsOptions) => end(await (await accountsOf()).listAccounts(shell, options)));
  connecting(accounts.command("reset-password").argument("<email>", "the address of the account").addOption(outputOption()))
    .description("Make a link by which an account chooses another password. Shows it once.")
    .addHelpText("after", after("reeve accounts reset-password MEMBER-ADDRESS", "Its sessions end when it is used; a second factor stays."))
    .action(async (email: string, options: AccountsOptions) => end(await (await accountsOf()).resetPassword(shell, email, options)));
  connecting(accounts.command("end").argument("<id>", "its id, as `reeve accounts list` shows it"))
    .description("End an account with its sessions and its second factor. Its users stay.")
    .addHelpText("after", after("reeve accounts end ACCOUNT-ID"))
    .action(async (id: string, options: AccountsOptions) => end(await (await accountsOf()).endAccount(shell, id, options)));
}

export function addOrganizations(program: Command, shell: Shell, end: End): void {
  const orgs = program
    .command("orgs")
    .description("Organizations as a whole. `reeve list organizations` lists, `reeve apply --create` makes them.");
  connecting(orgs.command("delete").argument("<id>", "the organization"))
    .requiredOption("--revision <revision>", "the revision of its export")
    .option("--confirm <id>", "its id once more")
    .option(...REASON)
    .addOption(outputOption())
    .description("Delete an organization with everything that it holds, its history and its tokens, for good.")
    .addHelpText("after", after("reeve orgs delete OLD-ORG --revision REVISION --confirm OLD-ORG", DELETE_HELP))
    .action(async (id: string, options: OrgsDeleteOptions) =>
      end(await (await import("./commands/orgs-delete.ts")).orgsDelete(shell, id, options)),
    );
}
