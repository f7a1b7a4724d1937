/**
 * The organization at the server: its export, its creation, a write of changes, a preview of them.
 *
 * Invariant: an export without its last line is none: what was cut off would look like what was deleted.
 */
import { type Change, type Fault, LIMITS, parseRecord, type Rec, type Result } from "@reeve/core";
import type { Client } from "../client.ts";
import { EXIT, type Failure, fail } from "../exit.ts";

export type Exported = { readonly revision: string; readonly records: readonly Rec[] };
/** `of`: 0 where it is not known. */
export type Told = (done: number, of: number) => void;

const ODD = "What answered there gave no export. Is it the right address? (--url or REEVE_URL)";

/** Everything that stands. `told`: how many records of how many have come. */
export async function readExport(client: Client, org: string, told: Told = () => undefined): Promise<Result<Exported, Failure>> {
  const reading = exportReader(told);
  const answer = await client.askChunks(
    { route: "exportOrganization", parameters: { org }, accept: "application/x-ndjson" },
    lineSplitter(reading.line),
  );
  return answer.ok ? reading.result() : answer;
}

function lineSplitter(line: (text: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const one of lines) if (one !== "") line(one);
  };
}

function exportReader(tell: Told): { line(text: string): void; result(): Result<Exported, Failure> } {
  const records: Rec[] = [];
  let revision: string | undefined;
  let told = 0;
  let isWhole = false;
  let wrong: string | undefined;
  const take = (line: Line | undefined, text: string): void => {
    if (line?.end === true) {
      isWhole = line.records === undefined || line.records === records.length;
      return;
    }
    const parsed = parseRecord(line?.kind ?? "", line?.value);
    if (parsed.ok) records.push(parsed.value);
    else wrong = `The server gave a record that this version does not know: ${text.slice(0, 200)} (${parsed.error[0]?.detail})`;
    if (records.length % 1_000 === 0) tell(records.length, told);
  };
  return {
    line(text) {
      if (wrong !== undefined || isWhole) return;
      const line = jsonOf(text) as Line | undefined;
      if (revision !== undefined) take(line, text);
      else if (typeof line?.revision !== "string") wrong = ODD;
      else {
        revision = line.revision;
        told = line.records ?? 0;
      }
    },
    result() {
      if (wrong !== undefined || revision === undefined) return fail(EXIT.cannotRun, wrong ?? ODD);
      if (!isWhole) return fail(EXIT.serverFailed, `The export was cut off after ${records.length} records. Try again.`);
      return { ok: true, value: { revision, records } };
    },
  };
}

type Line = Partial<{
  readonly revision: string;
  readonly records: number;
  readonly kind: string;
  readonly value: unknown;
  readonly end: true;
}>;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The member names of a deletion stand beside its kind on the wire. */
export function wireChange(change: Change, members: readonly string[]): unknown {
  if ("put" in change) return change;
  const { kind, key } = change.delete;
  return { delete: { kind, ...Object.fromEntries(members.map((name, index) => [name, key[index]])) } };
}

/** `catalogue`: files hold catalogues too, and what is built in with them. */
export type Writing = {
  readonly changes: readonly unknown[];
  readonly catalogue: true;
  readonly ifRevision: string;
  readonly reason?: string;
};
/** What was done, or would be, and may be what nobody meant. */
export type Warned = { readonly warnings?: readonly { readonly code: string; readonly detail: string }[] };
export type Written = Warned & { readonly revision: string; readonly applied: number };

/** Writes one change set. */
export async function writeChanges(client: Client, org: string, body: Writing): Promise<Result<Written, Failure>> {
  const answer = await client.askJson({ route: "writeChanges", parameters: { org }, body });
  if (!answer.ok) return answer;
  const written = answer.value.value as Partial<Written> | null;
  if (typeof written?.revision === "string" && typeof written.applied === "number") return { ok: true, value: written as Written };
  return fail(EXIT.cannotRun, "What answered there did not say what was written. Is it the right address?");
}

export async function createOrganization(client: Client, body: object): Promise<Result<string, Failure>> {
  const answer = await client.askJson({ route: "createOrganization", body });
  return answer.ok ? { ok: true, value: (answer.value.value as { readonly revision: string }).revision } : answer;
}

type Possibility = { readonly resource?: string; readonly action?: string; readonly product?: string; readonly operation?: string };
export type PreviewEntry = {
  readonly principal: { readonly type: string; readonly id: string };
  readonly gains: readonly Possibility[];
  readonly loses: readonly Possibility[];
};
export type Preview = Warned & {
  readonly revision: string;
  readonly changes: readonly unknown[];
  readonly summary: {
    readonly principalsThatGain: number;
    readonly principalsThatLose: number;
    readonly gains: number;
    readonly losses: number;
  };
  readonly entries: readonly PreviewEntry[];
};
type PreviewPage = Omit<Preview, "summary"> & { readonly summary?: Preview["summary"]; readonly next?: string };

/** What changes would do: all pages of it. */
export async function previewOf(client: Client, org: string, changes: readonly unknown[]): Promise<Result<Preview, Failure>> {
  let first: PreviewPage | undefined;
  const entries: PreviewEntry[] = [];
  for (let cursor: string | undefined; ; ) {
    const body = { changes, catalogue: true, limit: LIMITS.changesMax, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await client.askJson({ route: "preview", parameters: { org }, body });
    if (!answer.ok) return answer;
    const page = answer.value.value as Partial<PreviewPage> | null;
    if (typeof page?.revision !== "string" || !Array.isArray(page.entries))
      return fail(EXIT.cannotRun, "What answered there gave no preview.");
    first ??= page as PreviewPage;
    for (const entry of page.entries as PreviewEntry[]) addEntry(entries, entry);
    cursor = page.next;
    if (cursor !== undefined) continue;
    const { revision, changes: written, warnings = [], summary = counted(entries) } = first;
    return { ok: true, value: { revision, changes: written, ...(warnings.length === 0 ? {} : { warnings }), entries, summary } };
  }
}

/** Who gains or loses more than fits a page goes on on the next one. */
function addEntry(entries: PreviewEntry[], entry: PreviewEntry): void {
  const last = entries.at(-1);
  const isMore = last !== undefined && last.principal.type === entry.principal.type && last.principal.id === entry.principal.id;
  if (!isMore) entries.push(entry);
  else entries[entries.length - 1] = { ...entry, gains: [...last.gains, ...entry.gains], loses: [...last.loses, ...entry.loses] };
}

function counted(entries: readonly PreviewEntry[]): Preview["summary"] {
  const sum = (count: (entry: PreviewEntry) => number): number => entries.reduce((all, entry) => all + count(entry), 0);
  return {
    principalsThatGain: sum(({ gains }) => Math.min(1, gains.length)),
    principalsThatLose: sum(({ loses }) => Math.min(1, loses.length)),
    gains: sum(({ gains }) => gains.length),
    losses: sum(({ loses }) => loses.length),
  };
}

/** Faults of refused changes by the change that they are about; `undefined` where the failure is another. */
export function faultsByChange({
  problem,
}: Failure): readonly { readonly index: number; readonly pointer: string; readonly fault: Fault }[] | undefined {
  if (problem?.code !== "changes_refused" && problem?.code !== "malformed_request") return undefined;
  const found = (problem.errors ?? []).map((fault) => {
    const [, index, pointer = ""] = /^\/changes\/(\d+)(?:\/put\/value|\/delete|\/put)?(.*)$/s.exec(fault.pointer) ?? [];
    return index === undefined ? undefined : { index: Number(index), pointer, fault: fault as Fault };
  });
  return found.every((one) => one !== undefined) && found.length > 0 ? found : undefined;
}
