/**
 * Who altered what: every line of an organization's audit, and those about developer projects and their credentials alone, the activity
 * log of the developer console (C15). Newest first.
 *
 * Nothing takes a line away but the deletion of its organization, so that an activity is there for more than the year that it must be.
 */
import type { AuditCursor, AuditEvent, AuditLinePage, Store } from "../store/index.ts";
import { writeRevision } from "./revision.ts";

export type AuditLine = Omit<AuditLinePage["lines"][number], "revision"> & { readonly revision?: string };
/** `change`: what was done to the project itself; absent: something was done to its credential. */
export type ProjectChange = { readonly id: string; readonly name?: string; readonly change?: "made" | "changed" | "ended" };
export type Activity = AuditLine & { readonly projects: readonly ProjectChange[] };
type Page<T> = { readonly items: readonly T[]; readonly next?: AuditCursor };
type Asked = { readonly before?: AuditCursor; readonly max: number };

/** `undefined`: there is no such organization. Errors: those of the store. */
export type Audit = {
  lines(organization: string, asked: Asked): Promise<Page<AuditLine> | undefined>;
  /** A page may hold fewer than `max` and still have a next one. */
  activity(organization: string, asked: Asked): Promise<Page<Activity> | undefined>;
};

export function createAudit(store: Store): Audit {
  const epochOf = async (organization: string): Promise<string | undefined> => (await store.heads([organization])).get(organization)?.epoch;
  return {
    async lines(organization, { before, max }) {
      const epoch = await epochOf(organization);
      if (epoch === undefined) return undefined;
      const { lines, next } = await store.auditLines(organization, before, max);
      return pageOf(
        lines.map((line) => told(line, epoch)),
        next,
      );
    },
    async activity(organization, { before, max }) {
      const epoch = await epochOf(organization);
      if (epoch === undefined) return undefined;
      const { events, next } = await store.projectActivity(organization, before, max);
      return pageOf(
        events.map(({ changes, hash: _, ...event }) => ({
          ...told({ ...event, count: changes.length }, epoch),
          projects: projectsOf(event.target, changes),
        })),
        next,
      );
    },
  };
}

const pageOf = <T>(items: readonly T[], next: AuditCursor | undefined): Page<T> => (next === undefined ? { items } : { items, next });

function told({ revision, ...line }: AuditLinePage["lines"][number], epoch: string): AuditLine {
  return revision === undefined ? line : { ...line, revision: writeRevision({ epoch, revision }) };
}

/** The first id in the address of a credential. */
const OF_CREDENTIAL = /^developer-projects\/([^/]+)\//;

function projectsOf(target: string, changes: AuditEvent["changes"]): readonly ProjectChange[] {
  const credential = OF_CREDENTIAL.exec(target)?.[1];
  if (credential !== undefined) return [{ id: decodeURIComponent(credential) }];
  return changes.flatMap(({ kind, key, before, after }): ProjectChange[] => {
    if (kind !== "developer-project") return [];
    const { name } = (after ?? before) as { readonly name: string };
    return [{ id: key[0] as string, name, change: before === null ? "made" : after === null ? "ended" : "changed" }];
  });
}
