/**
 * Revisions on the wire: `<epoch>.<number>`, opaque to clients, the consistency token of reads and writes.
 *
 * Invariant: what is read back is what was given out; anything else is no revision.
 */
import type { At } from "@reeve/core";

export function writeRevision({ revision, epoch }: At): string {
  return `${epoch}.${revision}`;
}

export function readRevision(text: string): At | undefined {
  const match = /^(.{1,200})\.(\d{1,15})$/.exec(text);
  return match === null ? undefined : { epoch: match[1] as string, revision: Number(match[2]) };
}
