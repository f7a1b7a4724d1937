/**
 * Imports at the server: a document is sent, its job followed until it has a plan, and the plan applied.
 *
 * Invariant: nothing is changed before `applyImport`; what is no job is a failure.
 */
import { setTimeout } from "node:timers/promises";
import { present, type Result } from "@reeve/core";
import type { DocumentFault, ImportPlan, ImportSettings, Progress } from "@reeve/openapi";
import type { Place } from "../asked.ts";
import { EXIT, type Failure, fail } from "../exit.ts";
import type { DocumentFile } from "./document-file.ts";
import type { Stages } from "./stages.ts";

/** As the server tells it: numbers in place of what stays and of the changes. */
export type Plan = Omit<ImportPlan, "changes" | "unchanged" | "stillOrphaned"> & { readonly changes: number; readonly unchanged: number };
export type Job = { readonly id: string; readonly product: string; readonly progress: Progress; readonly revision?: string } & (
  | { readonly state: "running" | "failed" }
  | { readonly state: "refused"; readonly faults: readonly DocumentFault[] }
  | { readonly state: "planned"; readonly plan: Plan }
  | {
      readonly state: "applied";
      readonly plan: Plan;
      readonly applied: { readonly revision: string; readonly changeSet: string | null; readonly applied: number };
    }
);
export type Ready = Extract<Job, { readonly state: "refused" | "planned" }>;

const WAIT_FIRST_MS = 20;
const WAIT_MAX_MS = 200;

/** Sends the document and waits until it is refused or planned. */
export async function planImport(
  { client, org }: Place,
  { text }: DocumentFile,
  { options, stages }: { readonly options: ImportSettings; readonly stages: Stages },
): Promise<Result<Ready, Failure>> {
  const { product, name, basePath, source, partial } = options;
  const asked = present({ name, basePath, source, partial: partial === undefined ? undefined : "true" });
  const query = new URLSearchParams(asked as Record<string, string>).toString();
  stages.at("send", 0);
  // A document in JSON is an object; both are read alike.
  const type = /^\s*\{/.test(text) ? "application/json" : "application/yaml";
  const call = { route: "importDocument", parameters: { org, product }, text: { type, body: text } } as const;
  let job = jobOf(await client.askJson({ ...call, query: query === "" ? "" : `?${query}` }));
  for (let waitMs = WAIT_FIRST_MS; job.ok && job.value.state === "running"; waitMs = Math.min(WAIT_MAX_MS, waitMs * 1.5)) {
    stages.at(job.value.progress.stage, job.value.progress.fraction);
    await setTimeout(waitMs);
    job = jobOf(await client.askJson({ route: "getImport", parameters: { org, id: job.value.id } }));
  }
  stages.end();
  if (!job.ok) return job;
  if (job.value.state === "refused" || job.value.state === "planned") return { ok: true, value: job.value };
  return fail(
    EXIT.serverFailed,
    "The server could not read the document: it took too long, or more memory than there is. Nothing was changed.",
  );
}

/** Does what was planned, at the revision it was planned at or not at all. */
export async function applyImport(
  { client, org }: Place,
  { id }: Job,
  reason: string | undefined,
): Promise<Result<Extract<Job, { readonly state: "applied" }>, Failure>> {
  const job = jobOf(await client.askJson({ route: "applyImport", parameters: { org, id }, body: present({ reason }) }));
  if (!job.ok) return job;
  return job.value.state === "applied" ? { ok: true, value: job.value } : fail(EXIT.cannotRun, ODD);
}

const ODD = "What answered there gave no import. Is it the right address? (--url or REEVE_URL)";

function jobOf(answer: Result<{ readonly value: unknown }, Failure>): Result<Job, Failure> {
  if (!answer.ok) return answer;
  const job = answer.value.value as (Partial<Job> & { readonly plan?: Plan; readonly faults?: unknown }) | null;
  const isWhole =
    typeof job?.id === "string" &&
    job.progress !== undefined &&
    (job.state === "running" || job.state === "failed" || Array.isArray(job.state === "refused" ? job.faults : job.plan?.added));
  return isWhole ? { ok: true, value: job as Job } : fail(EXIT.cannotRun, ODD);
}
