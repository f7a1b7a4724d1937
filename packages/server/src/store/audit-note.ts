/** What whoever alters something says of it for an organization's audit. */

/** Who altered something, and why; the store adds when, and before, after and lives of every record altered. */
export type AuditNote = {
  readonly actor: { readonly type: string; readonly id: string };
  readonly action: string;
  /** What it is about: of records the organization, of anything else its address below the organization's (`tokens/…`). */
  readonly target: string;
  readonly requestId: string;
  readonly reason?: string;
  readonly ip?: string;
};
/** Who asks for something to be altered, and by which request. */
export type AskedBy = Pick<AuditNote, "actor" | "requestId">;
