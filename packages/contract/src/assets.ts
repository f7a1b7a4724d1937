/**
 * The wire of assets: spaces, APIs, versions, proxies and projects, and who may do what with them.
 *
 * Source: the native permissions API of the sheet of API Management; an asset is named by its path everywhere.
 */
import { LIMITS, REACHES } from "@reeve/core";
import { type Static, Type } from "typebox";
import { PreviewAnswer, PreviewRequest } from "./history.ts";
import { NOUNS } from "./nouns.ts";
import { reason } from "./texts.ts";

const ID = { minLength: 1, maxLength: LIMITS.idCharactersMax };
const path = Type.String({ minLength: 1, maxLength: LIMITS.pathCharactersMax, description: "Such as /spaces/apim/apis/orders." });
const owner = Type.String({ ...ID, description: "A user. Whoever makes it, where it is a user." });
const one = <const T extends string>(description: string, ...words: readonly T[]) =>
  Type.Unsafe<T>({ type: "string", enum: [...words], description });

export const ASSET_LEVELS = ["spaces", "apis", "versions", "proxies", "projects"] as const;
const level = one("What it is.", ...ASSET_LEVELS);
export const ASSET_STATES = ["unpublished", "published", "deprecated", "retired"] as const;
const state = one("Of versions and proxies.", ...ASSET_STATES);
const access = one("Which access is given.", "read_only", "read_execute", "read_write", "full_access");
const reach = one("`self`: here alone; `subtree`: here and below; `children`: below, and not here.", ...REACHES);
const { name, properties, basePath, document } = NOUNS.resource.properties;
const details = { name, properties, basePath, document };

export const AssetRequest = Type.Object(
  {
    path,
    owner: Type.Optional(owner),
    ...details,
    version: Type.Optional(
      Type.Object(
        { id: Type.Optional(Type.String({ ...ID, description: "`1.0` where nothing is said." })), ...details },
        { additionalProperties: false, description: "Of an API: its first version, which is made with it." },
      ),
    ),
  },
  { title: "NewAsset", additionalProperties: false },
);
export type AssetRequest = Static<typeof AssetRequest>;
export const AssetDetails = Type.Object(details, {
  title: "AssetDetails",
  additionalProperties: false,
  description: "All that may be edited: what is left out is none.",
});
export type AssetDetails = Static<typeof AssetDetails>;

export const AssetAnswer = Type.Object(
  {
    path: Type.String(),
    level,
    id: Type.String(),
    owner: Type.Optional(Type.String()),
    state: Type.Optional(Type.String({ description: `Of versions and proxies: ${ASSET_STATES.join(", ")}.` })),
    labels: Type.Optional(Type.Array(Type.String())),
    ...details,
    actions: Type.Array(Type.String(), { description: "What the caller may do with it." }),
  },
  { title: "Asset" },
);
export type AssetAnswer = Static<typeof AssetAnswer>;
const stub = Type.Object({ path: Type.String(), name: Type.String(), stub: Type.Literal(true) });
export const AssetPage = Type.Object(
  {
    items: Type.Array(AssetAnswer),
    ancestors: Type.Array(stub, { description: "What lies above the items that the caller may not view: its name alone." }),
    next: Type.Optional(Type.String()),
  },
  { title: "AssetPage" },
);

export const AssetDeleted = Type.Object(
  {
    id: Type.String({ description: "Under which it lies in the bin." }),
    path: Type.String(),
    until: Type.Integer({ description: "Epoch milliseconds; before it can be restored." }),
  },
  { title: "DeletedAsset" },
);
export const RestoreRequest = Type.Object(
  { id: Type.String(ID), owner: Type.Optional(Type.String({ ...ID, description: "Of what lost its owner meanwhile." })) },
  { title: "RestoreAsset", additionalProperties: false },
);
export type RestoreRequest = Static<typeof RestoreRequest>;
export const OwnerRequest = Type.Object(
  {
    path,
    owner: Type.String(ID),
    retain: Type.Optional(Type.Boolean({ description: "False: who owned it until now keeps no access. Else full access, here alone." })),
  },
  { title: "AssetOwner", additionalProperties: false },
);
export type OwnerRequest = Static<typeof OwnerRequest>;
export const StateRequest = Type.Object({ path, state }, { title: "AssetState", additionalProperties: false });
export type StateRequest = Static<typeof StateRequest>;

export const RelocationRequest = Type.Object(
  {
    path,
    to: Type.String({
      minLength: 1,
      maxLength: LIMITS.pathCharactersMax,
      description: "The path that it has from now on: of the same level.",
    }),
    ifRevision: Type.Optional(
      Type.String({ maxLength: 256, description: "The organization must stand at this revision, as a preview told it." }),
    ),
    reason,
  },
  { title: "AssetRelocation", additionalProperties: false },
);
export type RelocationRequest = Static<typeof RelocationRequest>;

export const DepartureRequest = Type.Object(
  {
    principal: Type.String({ ...ID, description: "A user or a service account." }),
    owner: Type.Optional(Type.String({ ...ID, description: "Who owns from then on what he owns: the caller, where nothing is said." })),
    reason,
  },
  { title: "Departure", additionalProperties: false },
);
export type DepartureRequest = Static<typeof DepartureRequest>;
export const DepartureAnswer = Type.Object(
  { revision: Type.String(), owned: Type.Array(Type.String(), { description: "The paths of what he owned." }) },
  { title: "DepartureAnswer" },
);

const principal = Type.Object(
  { type: one("A group is a principal, too.", "user", "group", "service-account"), id: Type.String(ID) },
  { additionalProperties: false },
);
const window = {
  notBefore: Type.Optional(Type.Integer({ minimum: 0, maximum: LIMITS.timeMsMax, description: "Epoch milliseconds, inclusive." })),
  notAfter: Type.Optional(Type.Integer({ minimum: 0, maximum: LIMITS.timeMsMax, description: "Epoch milliseconds, exclusive." })),
};
const entry = { principal, access, ...window };
const appliesToAll = Type.Optional(
  Type.Boolean({
    description: "Below a space or an API everything, now and later; of a version all versions of its API. False where nothing is said.",
  }),
);
export const PermissionRequest = Type.Object({ path, ...entry, appliesToAll }, { title: "Permission", additionalProperties: false });
export type PermissionRequest = Static<typeof PermissionRequest>;
export const PermissionsRequest = Type.Object(
  {
    entries: Type.Array(
      Type.Union([
        PermissionRequest,
        Type.Object(
          { path, remove: Type.String(ID), reach: Type.Optional(reach) },
          { additionalProperties: false, description: "`remove`: the id of a principal." },
        ),
      ]),
      { minItems: 1, maxItems: LIMITS.changesMax },
    ),
    reason,
  },
  { title: "Permissions", additionalProperties: false },
);
export type PermissionsRequest = Static<typeof PermissionsRequest>;
export const AssetPreviewRequest = Type.Object(
  {
    entries: Type.Optional(PermissionsRequest.properties.entries),
    move: Type.Optional(
      Type.Object({ path, to: RelocationRequest.properties.to }, { additionalProperties: false, description: "As in the move." }),
    ),
    departure: Type.Optional(
      Type.Object(
        { principal: DepartureRequest.properties.principal, owner: DepartureRequest.properties.owner },
        { additionalProperties: false },
      ),
    ),
    limit: PreviewRequest.properties.limit,
    cursor: PreviewRequest.properties.cursor,
  },
  { title: "AssetPreviewRequest", additionalProperties: false, description: "One of `entries`, `move` and `departure`." },
);
export type AssetPreviewRequest = Static<typeof AssetPreviewRequest>;
const { revision, summary, entries: differences, next } = PreviewAnswer.properties;
export const AssetPreviewAnswer = Type.Object({ revision, summary, entries: differences, next }, { title: "AssetPreviewAnswer" });

export const SubtreeRequest = Type.Object(
  {
    path,
    levels: Type.Optional(Type.Array(level, { minItems: 1, maxItems: ASSET_LEVELS.length })),
    entries: Type.Array(Type.Object(entry, { additionalProperties: false }), { minItems: 1, maxItems: 100 }),
    revision: Type.Optional(
      Type.String({ maxLength: 256, description: "Of a preview: it is done as it was shown, or not at all (412). Absent: a preview." }),
    ),
    reason,
  },
  { title: "SubtreePermissions", additionalProperties: false },
);
export type SubtreeRequest = Static<typeof SubtreeRequest>;

const altered = {
  path: Type.String({ description: "Where the entry is kept." }),
  is: one("What was done.", "made", "replaced", "removed"),
};
export const PermissionWritten = Type.Object(altered, { title: "PermissionWritten" });
export const PermissionsWritten = Type.Object(
  { revision: Type.String(), items: Type.Array(Type.Object(altered), { description: "One for each entry, in their order." }) },
  { title: "PermissionsWritten" },
);
export const SubtreeAnswer = Type.Object(
  {
    revision: Type.String({ description: "That a preview looked at, or the one that was written." }),
    isPreview: Type.Boolean(),
    entries: Type.Integer({ description: "How many in all." }),
    items: Type.Array(Type.Object({ path: Type.String(), made: Type.Integer(), replaced: Type.Integer() })),
  },
  { title: "SubtreeAnswer" },
);

const displayed = Type.Object(
  { type: Type.String(), id: Type.String(), display: Type.String({ description: "A group with `(Group)` behind its name." }) },
  { title: "DisplayedPrincipal" },
);
export const PrincipalPage = Type.Object(
  { items: Type.Array(displayed, { description: "What fits best comes first." }), next: Type.Optional(Type.String()) },
  { title: "PrincipalPage" },
);
export const HOLDER_TYPES = ["user", "service-account"] as const;
const originPath = Type.String({ description: "Where it is defined." });
const Through = Type.Union(
  [
    Type.Object({ source: Type.Literal("owner"), originPath }),
    Type.Object({ source: Type.Literal("entry"), originPath, principal: displayed, access, appliesToAll: Type.Boolean() }),
    Type.Object({ source: Type.Literal("administrator") }),
    Type.Object({ source: Type.Literal("policy"), policy: Type.String() }),
    Type.Object({ source: Type.Literal("role"), role: Type.String() }),
  ],
  {
    title: "Through",
    description: "Ownership, an entry of his own or of a group that he is in, administration, a Permit rule, or a role.",
  },
);
export const HolderPage = Type.Object(
  {
    path: Type.String(),
    action: Type.String(),
    items: Type.Array(
      Type.Object(
        {
          principal: displayed,
          actions: Type.Array(Type.String(), { description: "All that he may do with it." }),
          through: Type.Array(Through, { description: "Each that gives him the action that was asked about." }),
        },
        { title: "Holder" },
      ),
      { description: "By id." },
    ),
    next: Type.Optional(Type.String()),
  },
  { title: "HolderPage" },
);

export const PermissionRow = Type.Object(
  {
    principal: displayed,
    access: one("`owner` is never given: it comes with ownership.", "owner", "read_only", "read_execute", "read_write", "full_access"),
    perms: Type.Array(Type.String(), { description: "R, W, X." }),
    appliesToAll: Type.Boolean(),
    reach,
    origin: one("Where it is defined.", "self", "inherited"),
    originPath: Type.String(),
    deletable: Type.Boolean({ description: "Here, by the caller." }),
    givenBy: Type.Optional(Type.String()),
    givenAt: Type.Optional(Type.Integer()),
    ...window,
  },
  { title: "PermissionRow" },
);
export const PermissionPage = Type.Object(
  {
    path: Type.String(),
    level,
    canEdit: Type.Boolean(),
    items: Type.Array(PermissionRow, { description: "The owner first, then what is defined here, then what reaches it from above." }),
    next: Type.Optional(Type.String()),
  },
  { title: "PermissionPage" },
);

export const AssetSettings = Type.Object(
  {
    fullAccessMayPublish: Type.Boolean({ description: "Allow users with Full-Access permissions to publish, and to edit permissions." }),
    legacyPermissions: Type.Boolean({ description: "Full access never edits permissions." }),
  },
  { title: "AssetSettings" },
);
export const AssetSettingsRequest = Type.Partial(AssetSettings, {
  title: "AssetSettingsRequest",
  additionalProperties: false,
  minProperties: 1,
});
export type AssetSettingsRequest = Static<typeof AssetSettingsRequest>;
