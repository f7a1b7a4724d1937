/** What a memory store keeps, in the shapes that the durable ones have as rows. */
import type { ChangeRow, Standing } from "../advance.ts";
import type { AuditAnchor, AuditRow } from "../audit-chain.ts";
import type { RevisedObject } from "../delta.ts";
import type { OnceRow } from "../expectation.ts";
import type { Token } from "../index.ts";
import type { PersonRow } from "../person.ts";
import type { Asked } from "../recorder.ts";
import type { MemoryItem } from "./memory-items.ts";

export type MemoryObject = RevisedObject & Pick<Asked, "kind" | "key">;
export type MemoryOrganization = {
  standing: Standing;
  readonly objects: Map<string, MemoryObject>;
  changes: ChangeRow[];
  readonly audit: AuditRow[];
  /** By digest. */
  readonly persons: Map<string, PersonRow>;
  readonly anchors: AuditAnchor[];
  /** By key, in hexadecimal. */
  readonly once: Map<string, OnceRow>;
};
/** Everything that a memory store keeps. */
export type MemoryState = {
  readonly organizations: Map<string, MemoryOrganization>;
  readonly tokens: Map<string, Token>;
  readonly items: Map<string, MemoryItem>;
  readonly secrets: Map<string, Uint8Array>;
};
export const emptyMemoryState = (): MemoryState => ({
  organizations: new Map(),
  tokens: new Map(),
  items: new Map(),
  secrets: new Map(),
});
