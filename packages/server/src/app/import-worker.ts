/** Reads an OpenAPI document and plans its import, in a thread of its own: a large one takes seconds, and checks go on meanwhile. */
import { parentPort, workerData } from "node:worker_threads";
import type { Rec } from "@reeve/core";
import { type DocumentFault, type ImportPlan, type ImportSettings, type Progress, planImport, readDocument } from "@reeve/openapi";

/** What the thread is given. */
export type Reading = { readonly text: string; readonly records: readonly Rec[]; readonly options: ImportSettings };
/** What it tells: how far it is, and in the end one of the others. */
export type Told = { readonly progress: Progress } | { readonly faults: readonly DocumentFault[] } | { readonly plan: ImportPlan };

/** Progress is told so often at most. */
const TOLD_EVERY_MS = 50;

const tell = (told: Told): void => parentPort?.postMessage(told);

function read({ text, records, options }: Reading): void {
  let toldMs = 0;
  const onProgress = (progress: Progress): void => {
    const nowMs = performance.now();
    if (nowMs - toldMs < TOLD_EVERY_MS) return;
    toldMs = nowMs;
    tell({ progress });
  };
  const document = readDocument(text, { onProgress });
  tell(document.ok ? { plan: planImport(document.value, records, { ...options, onProgress }) } : { faults: document.error });
}

read(workerData as Reading);
