/**
 * From JSON to records and changes: the one way in for everything that an organization holds.
 *
 * Every kind has a *shape* (its members) and a *reader* (the shape and what must hold between members). A change puts a record or
 * deletes one by its key.
 * Invariant: a record that these parsers gave keeps every limit of `limits.ts` and reads as itself when it is parsed again.
 */
import { type Change, KEY_MEMBERS, type Kind, type Nouns, type Rec } from "./nouns.ts";
import { OPERATION, OPERATION_RULE, readOperation, readOperationRule } from "./parse-operation.ts";
import * as people from "./parse-people.ts";
import { POLICY, readPolicy } from "./parse-policy.ts";
import { PRODUCT, readProduct, readSetting, SETTING } from "./parse-product.ts";
import * as resources from "./parse-resource.ts";
import { ASSIGNMENT, PERMISSION_SET, ROLE, readAssignment, readPermissionSet, readRole } from "./parse-roles.ts";
import {
  below,
  type Member,
  objectOf,
  type Place,
  type RawObject,
  type Reader,
  readWhole,
  refuse,
  required,
  type Shape,
} from "./reader.ts";
import type { Fault, Result } from "./result.ts";

const SHAPES: { readonly [K in Kind]: Shape<Nouns[K]> } = {
  organization: people.ORGANIZATION,
  product: PRODUCT,
  "permission-set": PERMISSION_SET,
  label: resources.LABEL,
  principal: people.PRINCIPAL,
  membership: people.MEMBERSHIP,
  resource: resources.RESOURCE,
  link: resources.LINK,
  role: ROLE,
  assignment: ASSIGNMENT,
  grant: resources.GRANT,
  policy: POLICY,
  setting: SETTING,
  operation: OPERATION,
  "operation-rule": OPERATION_RULE,
  "product-administrator": people.PRODUCT_ADMINISTRATOR,
  "developer-access": people.DEVELOPER_ACCESS,
  "developer-project": people.DEVELOPER_PROJECT,
  binned: resources.BINNED,
};

const READERS: { readonly [K in Kind]: Reader<Nouns[K]> } = {
  organization: people.readOrganization,
  product: readProduct,
  "permission-set": readPermissionSet,
  label: resources.readLabel,
  principal: people.readPrincipal,
  membership: people.readMembership,
  resource: resources.readResource,
  link: resources.readLink,
  role: readRole,
  assignment: readAssignment,
  grant: resources.readGrant,
  policy: readPolicy,
  setting: readSetting,
  operation: readOperation,
  "operation-rule": readOperationRule,
  "product-administrator": people.readProductAdministrator,
  "developer-access": people.readDeveloperAccess,
  "developer-project": people.readDeveloperProject,
  binned: resources.readBinned,
};

/** Every kind of record, in the order in which they can be put into an empty organization. */
export const KINDS = Object.keys(READERS) as readonly Kind[];
const isKind = (kind: unknown): kind is Kind => typeof kind === "string" && Object.hasOwn(READERS, kind);

/**
 * JSON → a record of that kind, defaults filled in (`principal.active` true, `role.type` user-defined, `organization.tenantIds` none)
 * and nothing else changed. `pointer` (RFC 6901) is where the value stands in what was sent. Errors: every fault that can be seen in
 * the value alone.
 */
export function parseRecord(kind: string, value: unknown, pointer = ""): Result<Rec, readonly Fault[]> {
  return readWhole<Rec>((given, at) => (isKind(kind) ? readRecord(kind, given, at) : refuseKind(at)), value, pointer);
}

function readRecord(kind: Kind, value: unknown, at: Place): Rec | undefined {
  const read: Reader<Nouns[Kind]> = READERS[kind];
  const noun = read(value, at);
  return noun === undefined ? undefined : ({ kind, value: noun } as Rec);
}

const refuseKind = (at: Place): undefined => refuse(at, "unknown_kind", { allowed: KINDS });

/**
 * JSON → a change: `{"put": {"kind", "value"}}` or `{"delete": {"kind", …the members of its key}}`. Errors: every fault, with
 * pointers into the change below `pointer`.
 */
export function parseChange(value: unknown, pointer = ""): Result<Change, readonly Fault[]> {
  return readWhole(readChange, value, pointer);
}

type AnyChange = Partial<{ put: Rec; delete: { readonly kind: Kind; readonly key: readonly string[] } }>;

const readAnyChange = objectOf<AnyChange>(
  { put: { presence: "optional", read: readPut }, delete: { presence: "optional", read: readDelete } },
  (_change, at, raw) => {
    const given = ["put", "delete"].filter((name) => Object.hasOwn(raw, name) && raw[name] !== undefined);
    if (given.length === 1) return;
    refuse(at, given.length === 0 ? "required" : "not_allowed", {
      detail: "A change has exactly one of: put, delete.",
      allowed: ["put", "delete"],
    });
  },
);
const readChange = readAnyChange as Reader<Change>;

const readKind: Reader<Kind> = (value, at) => {
  if (isKind(value)) return value;
  return typeof value === "string" ? refuseKind(at) : refuse(at, "wrong_type", { detail: "This must be a string." });
};

/** The kind that a raw object names; without one its other members cannot be judged. */
function kindOf(value: unknown): Kind | undefined {
  const raw = typeof value === "object" && value !== null && !Array.isArray(value) ? (value as RawObject) : {};
  const kind = Object.hasOwn(raw, "kind") ? raw.kind : undefined;
  return isKind(kind) ? kind : undefined;
}

const readAnything: Reader<unknown> = (value) => value;

function readPut(value: unknown, at: Place): Rec | undefined {
  const kind = kindOf(value);
  const read: Reader<unknown> = kind === undefined ? readAnything : READERS[kind];
  return objectOf<{ kind: Kind; value: unknown }>({ kind: required(readKind), value: required(read) })(value, at) as Rec | undefined;
}

function readDelete(value: unknown, at: Place): AnyChange["delete"] {
  const kind = kindOf(value);
  // An unknown kind is the fault; what else stands beside it is not judged.
  if (kind === undefined) return refuseUnknownDelete(value, at);
  const names: readonly string[] = KEY_MEMBERS[kind];
  const shape = SHAPES[kind] as unknown as Readonly<Record<string, Member<string>>>;
  const members = Object.fromEntries(names.map((name) => [name, required((shape[name] as Member<string>).read)]));
  const read = objectOf({ kind: required(readKind), ...members } as Shape<Record<string, string>>)(value, at);
  return read === undefined ? undefined : { kind, key: names.map((name) => read[name] as string) };
}

function refuseUnknownDelete(value: unknown, at: Place): undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse(at, "wrong_type", { detail: "This must be an object." });
  const place = below(at, "kind");
  if (!Object.hasOwn(value, "kind")) return refuse(place, "required");
  readKind((value as RawObject).kind, place);
  return undefined;
}
