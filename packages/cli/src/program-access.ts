/** The grammar of `reeve access`: permissions of assets. */
import { REACHES } from "@reeve/core";
import { type Command, Option } from "commander";
import type { GrantOptions, MoveOptions, RevokeOptions, TransferOptions, TreeOptions, WhoOptions } from "./commands/access.ts";
import { after, asking, connecting, type End, ORGANIZATION, REASON } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const access = () => import("./commands/access.ts");
const PATH = ["<path>", "of a space, an API, a version, a proxy or a project, such as /spaces/apim/apis/orders"] as const;
const WORDS = ["read-only", "read-execute", "read-write", "full-access"];
const ORDERS = "/spaces/apim/apis/orders";

export function addAccess(program: Command, shell: Shell, end: End): void {
  const of = program.command("access").description("Who may see, call, edit, publish and re-permission APIs and their versions.");
  asking(of.command("tree").argument("[path]", "only at and below this path"))
    .option("--of <user>", "what this user may, instead of yourself; for who may read the organization")
    .description("Draw the assets, with what may be done with each.")
    .addHelpText("after", after("reeve access tree /spaces/apim --org DEMO@ReeveOrg"))
    .action(async (path: string | undefined, options: TreeOptions) => end(await (await access()).accessTree(shell, path, options)));
  asking(of.command("who").argument(...PATH))
    .option("--people", "each user who may view it, by a group too, and through what")
    .description("List who has access to an asset, and where that is defined.")
    .addHelpText("after", after(`reeve access who ${ORDERS} --org DEMO@ReeveOrg`))
    .action(async (path: string, options: WhoOptions) => end(await (await access()).whoHasAccess(shell, path, options)));
  addGiving(of, shell, end);
  asking(
    of
      .command("move")
      .argument(...PATH)
      .argument("<to>", "the path that it has from now on, of the same level"),
  )
    .option(...REASON)
    .description("Give an asset another name or another parent, with all below it and everything that it has.")
    .addHelpText("after", after(`reeve access move ${ORDERS}/versions/1.0 ${ORDERS}/versions/0.9 --org DEMO@ReeveOrg`))
    .action(async (path: string, to: string, options: MoveOptions) => end(await (await access()).moveAsset(shell, { path, to }, options)));
}

function addGiving(of: Command, shell: Shell, end: End): void {
  asking(
    of
      .command("grant")
      .argument(...PATH)
      .argument("<principal>", "its id")
      .argument("<access>", `one of ${WORDS.join(", ")}`),
  )
    .addOption(new Option("--type <kind>", "what the principal is").choices(["user", "group", "service-account"]).default("user"))
    .option("--all", "apply it to all below, now and later; of a version: to all versions of its API")
    .option(...REASON)
    .description("Give access to an asset, in the place of what the principal had there.")
    .addHelpText("after", after(`reeve access grant ${ORDERS} gita read-write --all --org DEMO@ReeveOrg`))
    .action(async (...[path, principal, word, options]: [string, string, string, GrantOptions]) =>
      end(await (await access()).grantAccess(shell, { path, principal, access: word }, options)),
    );
  connecting(
    of
      .command("revoke")
      .argument(...PATH)
      .argument("<principal>", "its id"),
  )
    .addOption(new Option("--reach <kind>", "which of two entries").choices(REACHES))
    .option(...REASON)
    .option(...ORGANIZATION)
    .description("Take an entry away, where it is defined.")
    .addHelpText("after", after(`reeve access revoke ${ORDERS} engineering --org DEMO@ReeveOrg`))
    .action(async (path: string, principal: string, options: RevokeOptions) =>
      end(await (await access()).revokeAccess(shell, { path, principal }, options)),
    );
  asking(
    of
      .command("transfer")
      .argument(...PATH)
      .argument("<user>", "who owns it from now on"),
  )
    .option("--no-retain", "who owned it until now keeps no access; else full access, here alone")
    .option(...REASON)
    .description("Give an asset to another owner.")
    .addHelpText("after", after(`reeve access transfer ${ORDERS} dan --org DEMO@ReeveOrg`))
    .action(async (path: string, owner: string, options: TransferOptions) =>
      end(await (await access()).transferAsset(shell, { path, owner }, options)),
    );
}
