/**
 * The wire of the audit: its lines, and those about developer projects and their credentials, the activity log of the developer console.
 *
 * Invariant: no line holds a secret, a token or an address of mail; ids of tokens, secrets and invitations let nobody in.
 */
import { Type } from "typebox";

const line = {
  time: Type.Integer({ description: "Epoch milliseconds." }),
  actor: Type.Object({ type: Type.String(), id: Type.String() }),
  action: Type.String({ description: "What was asked for." }),
  target: Type.String({ description: "What it is about: the organization, or an address below the organization's (`tokens/…`)." }),
  reason: Type.Optional(Type.String()),
  requestId: Type.String(),
  revision: Type.Optional(Type.String({ description: "The one that it made; absent where it altered no object." })),
  changeSet: Type.Optional(Type.String({ description: "With every object before and after." })),
  changes: Type.Integer({ description: "How many objects it altered." }),
};
const page = <T extends ReturnType<typeof Type.Object>>(item: T, title: string) =>
  Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String()) }, { title, description: "Newest first." });

export const AuditPage = page(Type.Object(line), "AuditPage");
export const ActivityPage = page(
  Type.Object({
    ...line,
    projects: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.Optional(Type.String({ description: "What it was called then." })),
        change: Type.Optional(
          Type.Union([Type.Literal("made"), Type.Literal("changed"), Type.Literal("ended")], {
            description: "Absent where its credential was altered, and not itself.",
          }),
        ),
      }),
    ),
  }),
  "ActivityPage",
);
