/**
 * `reeve catalogue import`: an OpenAPI document becomes the operations of a product. First a plan, which changes nothing; then, with
 * `--apply`, what it says.
 *
 * Ends with 0 where nothing is left to do, with 1 where `--apply` would change something, with 2 where something is wrong.
 * Invariant: nothing is applied without `--yes` or a yes at the terminal, and never but the plan that was shown.
 */
import type { ImportSettings } from "@reeve/openapi";
import { tell } from "../answer.ts";
import { type AskOptions, placeOf } from "../asked.ts";
import { thisCaller } from "../caller.ts";
import { readDocumentFile } from "../catalogue/document-file.ts";
import { refusedDocument } from "../catalogue/finding-lines.ts";
import { applyImport, type Job, type Plan, planImport } from "../catalogue/import-job.ts";
import { planCounts, planLines } from "../catalogue/plan-lines.ts";
import { counted } from "../catalogue/rule-words.ts";
import { stagesOf } from "../catalogue/stages.ts";
import { EXIT, type Exit, fail } from "../exit.ts";
import { isTable } from "../files/told.ts";
import { print } from "../output.ts";
import { withSuggestion } from "../probably-meant.ts";
import { type Shell, visible, writeLines } from "../shell.ts";
import { askYesOrNo } from "../yes-or-no.ts";

export type CatalogueImportOptions = AskOptions &
  ImportSettings & { readonly apply?: true; readonly reason?: string; readonly yes?: true; readonly quiet?: true };

export async function catalogueImport(shell: Shell, path: string, options: CatalogueImportOptions): Promise<Exit> {
  const place = placeOf(shell, options);
  if (!place.ok) return tell(shell, place.error);
  const file = readDocumentFile(path);
  if (!file.ok) return tell(shell, file.error);
  const { name } = file.value;
  const stages = stagesOf(shell, name, options);
  const planned = await planImport(place.value, file.value, { options, stages });
  if (!planned.ok) return tell(shell, await withSuggestion(planned.error, place.value));
  const job = planned.value;
  if (job.state === "refused") return refuse(shell, options, { name, job });
  if (job.plan.problems.length > 0) {
    printPlan(shell, options, { name, job, after: [] });
    return isTable(options) ? tell(shell, refusedDocument(name, job.plan.problems, "problem")) : EXIT.usage;
  }
  const isNothing = job.plan.changes === 0;
  if (isNothing || options.apply !== true) {
    const next = isNothing
      ? "Nothing is left to import."
      : `Nothing was changed yet: --apply imports it (${counted(job.plan.changes, "object")}).`;
    printPlan(shell, options, { name, job, after: [next] });
    return isNothing ? EXIT.yes : EXIT.no;
  }
  if (isTable(options)) printPlan(shell, options, { name, job, after: [] });
  const may = await mayApply(shell, options, job.plan);
  if (may !== EXIT.yes) return may;
  const applied = await applyImport(place.value, job, options.reason);
  if (!applied.ok) return tell(shell, applied.error);
  const { revision, changeSet, applied: count } = applied.value.applied;
  const told = `Imported: ${counted(count, "object")}, revision ${revision}, change set ${changeSet}.`;
  const unmapped =
    applied.value.plan.unmapped.length === 0
      ? []
      : [`Rules that would fit: ${thisCaller().command} catalogue map --product ${job.product}`];
  print(shell, options, { value: { file: name, ...applied.value }, table: (output) => writeLines(output, [told, ...unmapped]) });
  return EXIT.yes;
}

type Named<J> = { readonly name: string; readonly job: J };

/** A program gets the faults where it reads answers; a person as the failure that they are. */
function refuse(shell: Shell, options: CatalogueImportOptions, { name, job }: Named<Extract<Job, { readonly state: "refused" }>>): Exit {
  if (isTable(options)) return tell(shell, refusedDocument(name, job.faults, "fault"));
  print(shell, options, { value: { file: name, ...job }, table: () => undefined });
  return EXIT.usage;
}

type Planned = Named<Extract<Job, { readonly state: "planned" }>> & { readonly after: readonly string[] };

function printPlan(shell: Shell, options: CatalogueImportOptions, { name, job, after }: Planned): void {
  print(shell, options, {
    value: { file: name, ...job },
    table: (output) => {
      const lines = [...planLines(output, { file: name, plan: job.plan }), planCounts(job.plan)];
      output.write([...lines, ...after.map(visible)].map((line) => `${line}\n`).join(""));
    },
  });
}

async function mayApply(shell: Shell, { yes }: CatalogueImportOptions, { changes }: Plan): Promise<Exit> {
  if (yes === true) return EXIT.yes;
  const answers = shell.answers?.();
  if (answers === undefined)
    return tell(shell, fail(EXIT.usage, "Nobody is at a terminal to say yes: nothing was changed. Say --yes if it is meant.").error);
  const said = await askYesOrNo(answers, `Import this (${counted(changes, "object")})? [y/N] `).finally(() => answers.close());
  if (said === "yes") return EXIT.yes;
  writeLines(shell.stdout, ["Nothing was changed."]);
  return EXIT.no;
}
