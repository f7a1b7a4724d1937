/**
 * Imports of OpenAPI documents: jobs that read a document, plan, and wait to be applied.
 *
 * A job lives in this process, for an hour; a plan that was applied is a change set like any other.
 * Invariant: a document with faults, or a plan with problems, changes nothing; a plan is applied at the revision it was made at or not at all.
 */
import { Worker } from "node:worker_threads";
import { catalogueRecords, type Plan, productIds } from "@reeve/core";
import type { DocumentFault, ImportPlan, ImportSettings, Progress } from "@reeve/openapi";
import type { Feed } from "../feed/index.ts";
import type { Changes, Write, WriteRefused, Written } from "./changes.ts";
import type { Reading, Told } from "./import-worker.ts";
import { readRevision, writeRevision } from "./revision.ts";

export type ImportAsked = {
  readonly organization: string;
  readonly text: string;
  readonly options: ImportSettings;
};
type State =
  | { readonly state: "running" | "failed" }
  | { readonly state: "refused"; readonly faults: readonly DocumentFault[] }
  | { readonly state: "planned"; readonly plan: ImportPlan }
  | { readonly state: "applied"; readonly plan: ImportPlan; readonly applied: Written };
export type Job = {
  readonly id: string;
  readonly organization: string;
  readonly product: string;
  /** The revision that its plan is made at. */
  readonly revision: string;
  readonly startedMs: number;
  readonly progress: Progress;
} & State;
type Begun = Omit<Job, keyof State>;

export type ImportRefused = { readonly code: "organization_not_found" | "too_many_imports" };
export type ApplyRefused = WriteRefused | { readonly code: "import_not_found" | "import_not_planned" };
export type Imports = {
  start(asked: ImportAsked): Promise<{ readonly ok: true; readonly value: Job } | { readonly ok: false; readonly error: ImportRefused }>;
  get(organization: string, id: string): Job | undefined;
  apply(
    id: string,
    asked: Pick<Write, "organization" | "actor" | "requestId" | "reason">,
  ): Promise<{ readonly ok: true; readonly value: Job } | { readonly ok: false; readonly error: ApplyRefused }>;
  /** Ends what is still being read. */
  close(): Promise<void>;
};

const RUNNING_MAX = 4;
/** Of one organization: none keeps another waiting, or has its plans forgotten. */
const RUNNING_OF_ONE_MAX = 1;
const KEPT_OF_ONE_MAX = 20;
const KEPT_MS = 3_600_000;
const READING_MS = 120_000;
/** A document of the largest size that is taken needs about half of it. */
const WORKER_MEGABYTES = 2_048;
const START: Progress = { stage: "text", fraction: 0 };

export function createImports(parts: {
  readonly feed: Feed;
  readonly changes: Changes;
  readonly clock: () => number;
  readonly newId: () => string;
}): Imports {
  const { feed, changes, clock, newId } = parts;
  const jobs = new Map<string, Job>();
  const workers = new Set<Worker>();
  const get = (organization: string, id: string): Job | undefined => {
    const job = jobs.get(id);
    if (job?.organization !== organization) return undefined;
    // One of that name that was made again is another.
    const epoch = feed.current(organization)?.at.epoch;
    return epoch === undefined || epoch === readRevision(job.revision)?.epoch ? job : undefined;
  };
  return {
    async start({ organization, text, options }) {
      const plan = await feed.plan(organization);
      if (plan === undefined) return { ok: false, error: { code: "organization_not_found" } };
      const own = [...jobs.values()].filter((job) => job.organization === organization);
      const running = own.filter(({ state }) => state === "running").length;
      if (workers.size >= RUNNING_MAX || running >= RUNNING_OF_ONE_MAX) return { ok: false, error: { code: "too_many_imports" } };
      forgetOld(jobs, own, clock());
      const begun: Begun = {
        id: newId(),
        organization,
        product: options.product,
        revision: writeRevision(plan.at),
        startedMs: clock(),
        progress: START,
      };
      const job: Job = { ...begun, state: "running" };
      jobs.set(job.id, job);
      const worker = workerFor({ text, records: recordsOf(plan), options });
      workers.add(worker);
      follow(worker, begun, { keep: (told) => void jobs.set(job.id, told), onEnd: () => void workers.delete(worker) });
      return { ok: true, value: job };
    },
    get,
    async apply(id, asked) {
      const job = get(asked.organization, id);
      if (job === undefined) return { ok: false, error: { code: "import_not_found" } };
      if (job.state !== "planned" || job.plan.problems.length > 0) return { ok: false, error: { code: "import_not_planned" } };
      const result = await changes.write({
        ...asked,
        changes: job.plan.changes,
        ifRevision: job.revision,
        isCatalogue: true,
        action: "catalogue.import",
        reason: asked.reason ?? `Imports a document into the product ${job.product}.`,
      });
      if (!result.ok) return result;
      const applied: Job = { ...job, state: "applied", applied: result.value };
      jobs.set(id, applied);
      return { ok: true, value: applied };
    },
    async close() {
      await Promise.all([...workers].map(async (worker) => worker.terminate()));
    },
  };
}

/** What a plan must keep clear of: the catalogues of all products of the organization. */
function recordsOf(plan: Plan): Reading["records"] {
  return productIds(plan).flatMap((id) => [...catalogueRecords(plan, id)]);
}

function workerFor(reading: Reading): Worker {
  const file = new URL(import.meta.url.replace(/imports\.(\w+)$/, "import-worker.$1"));
  return new Worker(file, { workerData: reading, resourceLimits: { maxOldGenerationSizeMb: WORKER_MEGABYTES } });
}

/** Keeps a job as its thread tells of it. One that ends without a word, or never, has failed. */
function follow(worker: Worker, begun: Begun, { keep, onEnd }: { readonly keep: (job: Job) => void; readonly onEnd: () => void }): void {
  let last: Job = { ...begun, state: "running" };
  const set = (job: Job): void => {
    last = job;
    keep(job);
  };
  const late = setTimeout(() => void worker.terminate(), READING_MS).unref();
  worker.on("message", (told: Told) => {
    const whole = { ...begun, progress: { stage: "plan", fraction: 1 } } as const;
    if ("progress" in told) set({ ...begun, state: "running", progress: told.progress });
    else if ("faults" in told) set({ ...whole, state: "refused", faults: told.faults });
    else set({ ...whole, state: "planned", plan: told.plan });
  });
  // What it could not do is told by its end: out of memory, mostly.
  worker.on("error", () => undefined);
  worker.on("exit", () => {
    clearTimeout(late);
    onEnd();
    if (last.state === "running") set({ ...last, state: "failed" });
  });
}

/** Forgets what is over an hour old, and the oldest of the organization's own where they are many. */
function forgetOld(jobs: Map<string, Job>, own: readonly Job[], nowMs: number): void {
  for (const [id, job] of jobs) if (job.state !== "running" && nowMs - job.startedMs > KEPT_MS) jobs.delete(id);
  for (const { id } of own.slice(0, Math.max(0, own.length + 1 - KEPT_OF_ONE_MAX))) jobs.delete(id);
}
