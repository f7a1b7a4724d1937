/** The grammar of the commands about catalogues: those that ship (`list`, `add`, `remove`), and OpenAPI documents (`import`, `diff`, `map`). */
import { type Command, Option } from "commander";
import type { CatalogueDiffOptions } from "./commands/catalogue-diff.ts";
import type { CatalogueAddOptions, CatalogueRemoveOptions } from "./commands/catalogue-entitlements.ts";
import type { CatalogueImportOptions } from "./commands/catalogue-import.ts";
import type { CatalogueListOptions } from "./commands/catalogue-list.ts";
import type { CatalogueMapOptions } from "./commands/catalogue-map.ts";
import { after, asking, collect, type End, REASON } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const IMPORT_HELP = `The document is OpenAPI 2.0, 3.0 or 3.1, JSON or YAML; nothing that it refers to elsewhere is fetched. Without --apply it ends with
1 where there is something to import, with 0 where there is not; with 2 where the document or a rule in it is wrong.
Operations are known by method and path. Mappings that stand are kept unless the document says otherwise; what it no longer has
stays as an orphan. What has no rule is listed, and refused to everybody: \`reeve catalogue map\` shows rules that would fit.`;

const DIFF_HELP = `Ends with 0 where nothing differs but words (titles, summaries, tags), with 1 where something else differs, and with 7 where the
newer version has an operation that changes something, is new, and has no rule, or had one and lost it: it would be refused to
everybody. With --product the newer version is compared with what stands on the server, rules given there counted; nothing is changed.`;

const MAP_HELP = `Suggestions come from the words of path, tag and name alone: look at each. --interactive asks for each at the terminal: y takes it
over, n (or Enter) leaves it, q stops. What is taken over is a rule of the organization's own; an import keeps it.`;

export function addCatalogue(catalogue: Command, shell: Shell, end: End): void {
  asking(catalogue.command("list"))
    .description("List products and those that ship, with how many operations they have and how many lack a rule.")
    .addHelpText("after", after("reeve catalogue list --org DEMO@ReeveOrg"))
    .action(async (options: CatalogueListOptions) =>
      end(await (await import("./commands/catalogue-list.ts")).catalogueList(shell, options)),
    );
  addEntitlements(catalogue, shell, end);
  addImport(catalogue, shell, end);
  addDiff(catalogue, shell, end);
  addMap(catalogue, shell, end);
}

const ADD_HELP = `Added again, a product's parts are brought to what ships; what the organization may change of them, and what it made itself, stays.
Which organization has which product is the server's administrator's to say.`;

function addEntitlements(catalogue: Command, shell: Shell, end: End): void {
  asking(catalogue.command("add"))
    .argument("<product>", "a product that ships")
    .description("Give an organization a product that ships, or bring what it has of it to what ships.")
    .addHelpText("after", after("reeve catalogue add experience-platform --org DEMO@ReeveOrg", ADD_HELP))
    .action(async (product: string, options: CatalogueAddOptions) =>
      end(await (await import("./commands/catalogue-entitlements.ts")).catalogueAdd(shell, product, options)),
    );
  asking(catalogue.command("remove"))
    .argument("<product>", "a product that ships")
    .option("--yes", "do it without asking at the terminal")
    .description("Take a product that ships away, with its roles, who has them, its policies, settings and resources.")
    .addHelpText("after", after("reeve catalogue remove experience-platform --yes --org DEMO@ReeveOrg"))
    .action(async (product: string, options: CatalogueRemoveOptions) =>
      end(await (await import("./commands/catalogue-entitlements.ts")).catalogueRemove(shell, product, options)),
    );
}

const PRODUCT = ["--product <id>", "the product; an import makes one that is not there"] as const;
const BASE_PATH = ["--base-path <path>", "what stands before every path (default: that of the document's servers)"] as const;
const PARTIAL = ["--partial", "the document describes a part of the product: what it lacks is no orphan"] as const;
const QUIET = ["--quiet", "no progress"] as const;

function addImport(catalogue: Command, shell: Shell, end: End): void {
  asking(catalogue.command("import"))
    .argument("<file>", "the document, or - for stdin")
    .requiredOption(...PRODUCT)
    .option("--name <name>", "the product's name, where the import makes it (default: the document's title)")
    .option(...BASE_PATH)
    .option("--source <text>", "where the document comes from; written into the operations that are added")
    .option(...PARTIAL)
    .option("--apply", "do it; without, it is only told")
    .option(...REASON)
    .option("--yes", "do it without asking at the terminal")
    .option(...QUIET)
    .description("Read an OpenAPI document, say what its import into a product changes, and with --apply do it.")
    .addHelpText(
      "after",
      after(
        [
          "reeve catalogue import openapi.yaml --product clinic --org DEMO@ReeveOrg",
          'reeve catalogue import openapi.yaml --product clinic --apply --yes --reason "first import" --org DEMO@ReeveOrg',
        ],
        IMPORT_HELP,
      ),
    )
    .action(async (file: string, options: CatalogueImportOptions) =>
      end(await (await import("./commands/catalogue-import.ts")).catalogueImport(shell, file, options)),
    );
}

function addDiff(catalogue: Command, shell: Shell, end: End): void {
  asking(catalogue.command("diff"))
    .argument("<file>", "the older document; with --product the newer one")
    .argument("[newer-file]", "the newer document")
    .option("--product <id>", "compare with this product as it stands on the server")
    .option(...BASE_PATH)
    .option(...PARTIAL)
    .option(...QUIET)
    .description("What a newer version of an OpenAPI document adds, removes and changes; unmapped mutations fail it.")
    .addHelpText(
      "after",
      after(
        ["reeve catalogue diff openapi.yaml openapi-2.yaml", "reeve catalogue diff openapi-2.yaml --product clinic --org DEMO@ReeveOrg"],
        DIFF_HELP,
      ),
    )
    .action(async (before: string, newer: string | undefined, options: CatalogueDiffOptions) =>
      end(await (await import("./commands/catalogue-diff.ts")).catalogueDiff(shell, { before, after: newer }, options)),
    );
}

function addMap(catalogue: Command, shell: Shell, end: End): void {
  const take = new Option("--take <operation>", "take over what is suggested for this one; again for more").argParser(collect);
  asking(catalogue.command("map"))
    .requiredOption("--product <id>", "the product")
    .addOption(take)
    .option("--interactive", "ask for each")
    .description("List operations without a rule, each with the rule that would fit; take over those that are named.")
    .addHelpText(
      "after",
      after(
        [
          "reeve catalogue map --product clinic --org DEMO@ReeveOrg",
          "reeve catalogue map --product clinic --take editWard --org DEMO@ReeveOrg",
        ],
        MAP_HELP,
      ),
    )
    .action(async (options: CatalogueMapOptions) => end(await (await import("./commands/catalogue-map.ts")).catalogueMap(shell, options)));
}
