/**
 * What is wanted against what stands: the files read, the export fetched, the two compared.
 *
 * Invariant: files with faults are compared with nothing, and nobody's request is sent for them.
 */
import { keyOf, type Rec, type Result } from "@reeve/core";
import type { Client } from "../client.ts";
import { type ConnectionOptions, connect, organizationOf } from "../connection.ts";
import type { Failure } from "../exit.ts";
import { EXIT, fail } from "../exit.ts";
import type { Shell } from "../shell.ts";
import { byName, type Differences, differencesOf, isEverybodys } from "./difference.ts";
import { readAt } from "./directory.ts";
import { nameOf } from "./layout.ts";
import { type Placed, type Read, readSources, refuseFault } from "./read-files.ts";
import { type Exported, readExport } from "./remote.ts";
import type { StepFault } from "./steps.ts";
import { faultsFailure, progressOf } from "./told.ts";

export type WantedOptions = ConnectionOptions & { readonly org?: string; readonly prune?: true; readonly quiet?: true };

/** The files of an organization, or every fault that they have. */
export function readWanted(path: string): Result<Read, Failure> {
  const sources = readAt(path);
  if (!sources.ok) return sources;
  const read = readSources(sources.value);
  if (read.faults.length > 0) return { ok: false, error: faultsFailure(read.faults) };
  if (read.placed.size > 0) return { ok: true, value: read };
  return fail(EXIT.usage, `${path} holds no file of an organization: allowed are .yaml files with sections such as \`roles:\`.`);
}

export type Compared = Differences & {
  readonly org: string;
  readonly client: Client;
  readonly read: Read;
  readonly revision: string;
  readonly before: ReadonlyMap<string, Rec>;
  /** What would stand: the files, and without `prune` what they do not name. */
  readonly after: ReadonlyMap<string, Rec>;
};

type Comparing = { readonly path: string; readonly options: WantedOptions; readonly isQuiet: boolean; readonly create?: Creator };
/** Makes the organization where there is none. */
export type Creator = (client: Client, org: string, read: Read) => Promise<Result<Exported, Failure>>;

export async function compare(shell: Shell, { path, options, isQuiet, create }: Comparing): Promise<Result<Compared, Failure>> {
  const org = organizationOf(options, shell);
  if (!org.ok) return org;
  const client = connect(options, shell);
  if (!client.ok) return client;
  const read = readWanted(path);
  if (!read.ok) return read;
  const standing = await fetchExport(shell, { client: client.value, org: org.value, isQuiet });
  const exported =
    !standing.ok && standing.error.problem?.code === "organization_not_found" && create !== undefined
      ? await create(client.value, org.value, read.value)
      : standing;
  if (!exported.ok) return exported;
  const before = byName(exported.value.records);
  const files = new Map([...read.value.placed].map(([name, { rec }]) => [name, rec]));
  const prune = options.prune === true;
  const differences = differencesOf({ before, after: files, prune });
  const kept = prune ? [...before].filter(([, rec]) => isEverybodys(rec)) : before;
  const { revision } = exported.value;
  return {
    ok: true,
    value: {
      ...differences,
      org: org.value,
      client: client.value,
      read: read.value,
      revision,
      before,
      after: new Map([...kept, ...files]),
    },
  };
}

export async function fetchExport(
  shell: Shell,
  { client, org, isQuiet }: { readonly client: Client; readonly org: string; readonly isQuiet: boolean },
): Promise<Result<Exported, Failure>> {
  const progress = progressOf(shell, "Reading", isQuiet);
  const exported = await readExport(client, org, progress.step);
  progress.end();
  return exported;
}

/** Faults of changes as faults of the files that say them; what stands and no file says is named alone. */
export function changeFailure(read: Read, faults: readonly StepFault[]): Failure {
  const before = read.sources.map(({ faults: own }) => own.length);
  const elsewhere: string[] = [];
  for (const { of, fault } of faults) {
    const about = [of.kind, ...keyOf(of)].join(" ");
    const placed: Placed | undefined = read.placed.get(nameOf(of.kind, keyOf(of)));
    if (placed === undefined) elsewhere.push(`  ${about}, which no file names: ${fault.detail} (${fault.code})`);
    else refuseFault({ ...placed, about, fault });
  }
  const found = read.sources.flatMap(({ faults: own }, index) => own.slice(before[index]));
  const { exit, lines } = faultsFailure(found);
  const [, ...rest] = lines;
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return { exit, lines: [`${count}; nothing was done.`, ...rest, ...elsewhere] };
}
