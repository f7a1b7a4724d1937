/**
 * `reeve catalogue add` and `reeve catalogue remove`: give an organization a product that ships, bring what it has of it to what ships, and
 * take it away with everything of it.
 *
 * Invariant: nothing is taken away without `--yes` or a yes at the terminal.
 */
import type { ChangesAnswer } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { tell } from "../answer.ts";
import { type AskOptions, askPlace, type Place } from "../asked.ts";
import { counted } from "../catalogue/rule-words.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import type { Told } from "../output.ts";
import { type Shell, writeLines } from "../shell.ts";
import { askYesOrNo } from "../yes-or-no.ts";

export type CatalogueAddOptions = AskOptions;
export type CatalogueRemoveOptions = AskOptions & { readonly yes?: true };

export function catalogueAdd(shell: Shell, product: string, options: CatalogueAddOptions): Promise<Exit> {
  return askPlace(shell, options, (place) =>
    changed(place, {
      route: "putEntitlement",
      product,
      done: `${product} is there as it ships`,
      nothing: `${product} was there as it ships.`,
    }),
  );
}

export async function catalogueRemove(shell: Shell, product: string, options: CatalogueRemoveOptions): Promise<Exit> {
  const may = await mayRemove(shell, product, options);
  if (may !== EXIT.yes) return may;
  return askPlace(shell, options, (place) =>
    changed(place, { route: "deleteEntitlement", product, done: `${product} is gone`, nothing: `${product} was not there.` }),
  );
}

type Change = {
  readonly route: "putEntitlement" | "deleteEntitlement";
  readonly product: string;
  readonly done: string;
  readonly nothing: string;
};

async function changed({ client, org }: Place, { route, product, done, nothing }: Change): Promise<Result<Told, Failure>> {
  const query = route === "deleteEntitlement" ? `?${new URLSearchParams({ confirm: product })}` : "";
  const answer = await client.askJson({ route, parameters: { org, product }, query });
  if (!answer.ok) return answer;
  const { text, value } = answer.value;
  const made = value as ChangesAnswer | null;
  if (typeof made?.revision !== "string")
    return fail(EXIT.cannotRun, "What answered there did not say what it did. Is it the right address?");
  const lines =
    made.changeSet === null
      ? [nothing, `  revision ${made.revision}`]
      : [`${done}: ${counted(made.applied, "object")}, revision ${made.revision}, change set ${made.changeSet}.`];
  return { ok: true, value: { value, text, table: (output) => writeLines(output, lines) } };
}

async function mayRemove(shell: Shell, product: string, { yes }: CatalogueRemoveOptions): Promise<Exit> {
  if (yes === true) return EXIT.yes;
  const answers = shell.answers?.();
  if (answers === undefined)
    return tell(shell, fail(EXIT.usage, "Nobody is at a terminal to say yes: nothing was changed. Say --yes if it is meant.").error);
  const question = `Take ${product} away with its roles, who has them, its policies and its resources? [y/N] `;
  const said = await askYesOrNo(answers, question).finally(() => answers.close());
  if (said === "yes") return EXIT.yes;
  writeLines(shell.stdout, ["Nothing was changed."]);
  return EXIT.no;
}
