/**
 * `reeve catalogue diff`: what a newer version of an OpenAPI document adds, removes and changes, against an older file or against the
 * product as it stands on a server.
 *
 * For pipelines: ends with 0 where nothing differs that matters, with 1 where something does, with 7 where something that it changes or
 * adds would be refused to everybody, with 2 where a document is wrong. Invariant: nothing is changed.
 */
import type { Result } from "@reeve/core";
import { type Described, readDocument } from "@reeve/openapi";
import { tell } from "../answer.ts";
import { type AskOptions, type Place, placeOf } from "../asked.ts";
import { differenceLines, endLines, type Naming } from "../catalogue/difference-lines.ts";
import { readDocumentFile } from "../catalogue/document-file.ts";
import { refusedDocument } from "../catalogue/finding-lines.ts";
import { planImport } from "../catalogue/import-job.ts";
import { stagesOf } from "../catalogue/stages.ts";
import { betweenDocuments, type Differences, fromPlan, matters } from "../catalogue/version-differences.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { print } from "../output.ts";
import { nearestObject, withSuggestion } from "../probably-meant.ts";
import { type Shell, visible } from "../shell.ts";

export type CatalogueDiffOptions = AskOptions & {
  readonly product?: string;
  readonly basePath?: string;
  readonly partial?: true;
  readonly quiet?: true;
};
type Found = Naming & { readonly from: string; readonly differences: Differences };

/** `after` only without a product: then `before` is the newer document. */
export async function catalogueDiff(
  shell: Shell,
  { before, after }: { readonly before: string; readonly after: string | undefined },
  options: CatalogueDiffOptions,
): Promise<Exit> {
  const wrong = usageFault(after, options);
  if (wrong !== undefined) return tell(shell, { exit: EXIT.usage, lines: [wrong] });
  const found = after === undefined ? await againstServer(shell, before, options) : betweenFiles(shell, { before, after }, options);
  if (!found.ok) return tell(shell, found.error);
  const { from, file, differences, ...naming } = found.value;
  print(shell, options, {
    value: { before: from, after: file, ...differences },
    table: (output) => {
      const lines = [...differenceLines(output, differences, { file, ...naming }), ...endLines(differences).map(visible)];
      output.write(lines.map((line) => `${line}\n`).join(""));
    },
  });
  if (differences.unmappedMutations.length > 0) return EXIT.unmapped;
  return matters(differences) ? EXIT.no : EXIT.yes;
}

function usageFault(after: string | undefined, { product, basePath, partial }: CatalogueDiffOptions): string | undefined {
  if (after === undefined && product === undefined) return "Compared with what? Name two documents, or one and --product.";
  if (after !== undefined && product !== undefined) return "Either two documents, or one and --product: not both.";
  if (after !== undefined && (basePath !== undefined || partial !== undefined)) return "--base-path and --partial go with --product.";
  return undefined;
}

type Files = { readonly before: string; readonly after: string };

/** The faults of both are told at once. */
function betweenFiles(shell: Shell, { before, after }: Files, options: CatalogueDiffOptions): Result<Found, Failure> {
  if (before === "-" && after === "-") return fail(EXIT.usage, "Only one of the documents can come on stdin.");
  const older = readWhole(shell, before, options);
  const newer = readWhole(shell, after, options);
  if (!older.ok || !newer.ok) {
    const lines = [older, newer].flatMap((one) => (one.ok ? [] : one.error.lines));
    return { ok: false, error: { exit: EXIT.usage, lines } };
  }
  const differences = betweenDocuments(older.value.described, newer.value.described);
  return { ok: true, value: { from: older.value.name, file: newer.value.name, differences } };
}

function readWhole(
  shell: Shell,
  path: string,
  options: CatalogueDiffOptions,
): Result<{ readonly name: string; readonly described: Described }, Failure> {
  const file = readDocumentFile(path);
  if (!file.ok) return file;
  const { name, text } = file.value;
  const stages = stagesOf(shell, name, options);
  const read = readDocument(text, { onProgress: ({ stage, fraction }) => stages.at(stage, fraction) });
  stages.end();
  return read.ok ? { ok: true, value: { name, described: read.value } } : { ok: false, error: refusedDocument(name, read.error, "fault") };
}

async function againstServer(shell: Shell, path: string, options: CatalogueDiffOptions): Promise<Result<Found, Failure>> {
  const { product = "", basePath, partial } = options;
  const place = placeOf(shell, options);
  if (!place.ok) return place;
  const file = readDocumentFile(path);
  if (!file.ok) return file;
  const { name } = file.value;
  const asked = { product, ...(basePath === undefined ? {} : { basePath }), ...(partial === undefined ? {} : { partial }) };
  const planned = await planImport(place.value, file.value, { options: asked, stages: stagesOf(shell, name, options) });
  if (!planned.ok) return { ok: false, error: await withSuggestion(planned.error, place.value) };
  const job = planned.value;
  if (job.state === "refused") return { ok: false, error: refusedDocument(name, job.faults, "fault") };
  if (job.plan.product.made) return { ok: false, error: await noProduct(place.value, product) };
  if (job.plan.problems.length > 0) return { ok: false, error: refusedDocument(name, job.plan.problems, "problem") };
  const from = `${product} at revision ${job.revision}`;
  return { ok: true, value: { from, file: name, removed: ": would stay, as an orphan, and be enforced", differences: fromPlan(job.plan) } };
}

/** An import would make it; nothing stands that the document could be compared with. */
async function noProduct(place: Place, product: string): Promise<Failure> {
  const word = await nearestObject({ kind: "product", key: [product] }, place);
  const meant = word === undefined ? "" : ` Did you mean ${word}?`;
  return { exit: EXIT.notFound, lines: [`There is no product ${product} in ${place.org} to compare with.${meant}`] };
}
