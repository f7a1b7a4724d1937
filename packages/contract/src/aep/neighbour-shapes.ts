/**
 * The wire of two services beside access control: labels, as the policy service has them, and sandboxes.
 *
 * Source: the public guides of these services.
 * Invariant: an answer of the surface fits the schema of its route.
 */
import { type Static, Type } from "typebox";
import { AepLink, AepLinks, AepPage } from "./shapes.ts";

/** Where the services lie. */
export const AEP_LABELS_BASE = "/data/foundation/dulepolicy";
export const AEP_SANDBOXES_BASE = "/data/foundation/sandbox-management";

const text = Type.String();
const timeMs = Type.Integer({ description: "Epoch milliseconds." });

export const AepLabel = Type.Object(
  {
    name: Type.String({ description: "Without `core/` and `custom/`." }),
    category: text,
    friendlyName: text,
    description: text,
    imsOrg: text,
    sandboxName: text,
    created: timeMs,
    createdClient: Type.String({ description: "Empty: which client it was is not kept." }),
    createdUser: text,
    updated: timeMs,
    updatedClient: text,
    updatedUser: text,
    _links: Type.Object({ self: AepLink }),
  },
  { title: "Label" },
);
export type AepLabel = Static<typeof AepLabel>;
export const AepLabelPage = Type.Object({ _page: AepPage, _links: AepLinks, children: Type.Array(AepLabel) }, { title: "LabelPage" });
export type AepLabelPage = Static<typeof AepLabelPage>;
export const AepLabelBody = Type.Object(
  {
    name: Type.Optional(Type.String({ description: "As in the path: a label is never renamed." })),
    category: Type.Optional(Type.String({ description: "`Custom` where nothing is said." })),
    friendlyName: Type.Optional(text),
    description: Type.Optional(text),
  },
  { title: "LabelBody" },
);
export type AepLabelBody = Static<typeof AepLabelBody>;

const type = Type.Unsafe<"development" | "production">({ type: "string", enum: ["development", "production"] });
const name = Type.String({ description: "Of `a-z`, `0-9` and `-`." });
export const AepSandbox = Type.Object(
  {
    name,
    title: text,
    state: Type.Unsafe<"active" | "deleted">({ type: "string", enum: ["active", "deleted"] }),
    type,
    region: Type.String({ description: "`none`: Reeve has no regions." }),
    isDefault: Type.Boolean(),
    eTag: Type.Integer({ description: "The revision that changed it last." }),
    createdDate: Type.String({ description: "UTC, as `2026-01-31 12:00:00`." }),
    lastModifiedDate: text,
    createdBy: text,
    modifiedBy: text,
  },
  { title: "Sandbox" },
);
export type AepSandbox = Static<typeof AepSandbox>;
export const AepSandboxPage = Type.Object(
  { sandboxes: Type.Array(AepSandbox), _page: AepPage, _links: AepLinks },
  { title: "SandboxPage" },
);
export type AepSandboxPage = Static<typeof AepSandboxPage>;
export const AepNewSandbox = Type.Object({ name, title: text, type }, { title: "NewSandbox", additionalProperties: false });
export type AepNewSandbox = Static<typeof AepNewSandbox>;
export const AepSandboxBody = Type.Object({ title: text }, { title: "SandboxBody", additionalProperties: false });
export type AepSandboxBody = Static<typeof AepSandboxBody>;
