/**
 * Parsers of products and of settings: types, actions, the ways that bits open them, what a product declares for all of its types.
 *
 * A product is read without its parts (permission sets, roles, policies, operations: records of their own).
 * Invariant: what a product names of itself (parent types, settings of ways, its prerequisite, its label inheritance) it declares.
 */
import { LIMITS } from "./limits.ts";
import {
  type Bits,
  type LabelInheritance,
  ORGANIZATION_TYPE,
  type Product,
  type ResourceType,
  SANDBOXES,
  type Setting,
  type Way,
} from "./nouns.ts";
import { readAlternatives } from "./parse-operation.ts";
import { isTypeName } from "./path.ts";
import {
  below,
  type Check,
  listOf,
  mapOf,
  objectOf,
  oneOf,
  optional,
  type Place,
  type RawObject,
  type Reader,
  readBoolean,
  readString,
  readTrue,
  refine,
  refuse,
  required,
  type Shape,
  setOf,
} from "./reader.ts";
import { readActionName, readId, readName, readResourceId, readText, readTypeName } from "./words.ts";

const readBits = oneOf<Bits>("R", "W", "X", "RW", "RX", "RWX", "O");
const readConditionalWay = objectOf<Exclude<Way, Bits>>({
  bits: required(readBits),
  when: required(mapOf({ name: readId, read: readBoolean, max: LIMITS.settingsMax })),
});
const readWay: Reader<Way> = (value, at) => (typeof value === "string" ? readBits(value, at) : readConditionalWay(value, at));

const TYPE_SHAPE: Shape<ResourceType> = {
  // An empty list would be neither a root type nor one that lies anywhere.
  parents: optional(listOf(readTypeName, { min: 1, max: LIMITS.typesMax, distinctBy: (type) => type })),
  open: optional(readTrue),
  uniqueIds: optional(readTrue),
  owner: optional(oneOf("self", "subtree")),
  actions: required(mapOf({ name: readActionName, read: listOf(readWay, { max: LIMITS.waysMax }), max: LIMITS.actionsMax })),
};

const readSettingDeclaration = objectOf<Product["settings"][string]>({ title: required(readText), default: required(readBoolean) });

const readLabelInheritance = objectOf<LabelInheritance>({
  parents: required(listOf(readTypePair, { max: LIMITS.typesMax })),
  links: required(
    listOf(
      objectOf<LabelInheritance["links"][number]>({ kind: required(readId), from: required(readTypeName), to: required(readTypeName) }),
      {
        max: LIMITS.typesMax,
      },
    ),
  ),
});

function readTypePair(value: unknown, at: Place): readonly [child: string, parent: string] | undefined {
  const names = listOf(readTypeName, { max: 2, min: 2 })(value, at);
  return names === undefined ? undefined : [names[0] as string, names[1] as string];
}

function readSandboxesMax(value: unknown, at: Place): number | undefined {
  if (typeof value !== "number" || !Number.isInteger(value)) return refuse(at, "wrong_type", { detail: "This must be a whole number." });
  if (value >= 1 && value <= LIMITS.sandboxesMax) return value;
  return refuse(at, "out_of_range", { detail: `There may be 1 to ${LIMITS.sandboxesMax} sandboxes.` });
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const readHeaderName: Reader<string> = refine(readString, (text, at) => {
  if (HEADER_NAME.test(text)) return true;
  refuse(at, "malformed_id", { detail: "This is no name of a header (RFC 9110, section 5.1)." });
  return false;
});

export const PRODUCT: Shape<Product> = {
  id: required(readId),
  name: optional(readName),
  boundedBy: required(oneOf("sandboxes", "scopes", "none")),
  adminMayAll: optional(readTrue),
  settings: required(mapOf({ name: readId, read: readSettingDeclaration, max: LIMITS.settingsMax })),
  types: required(mapOf({ name: readTypeName, read: objectOf(TYPE_SHAPE), max: LIMITS.typesMax })),
  readDefault: optional(readAlternatives),
  prerequisite: optional(objectOf<NonNullable<Product["prerequisite"]>>({ action: required(readActionName), of: required(readTypeName) })),
  trailingSlashIsNone: optional(readTrue),
  // No bound of its own: these are other names of the method, as aliases are other names.
  ignoredOverrideHeaders: optional(setOf(readHeaderName, LIMITS.aliasesMax)),
  labelInheritance: optional(readLabelInheritance),
  sandboxes: optional(
    objectOf<NonNullable<Product["sandboxes"]>>({
      always: required(setOf(readResourceId, LIMITS.sandboxesMax)),
      max: required(readSandboxesMax),
    }),
  ),
  labelsStay: optional(readTrue),
};

/**
 * What a product declares. These checks look at the raw value, so that a fault of one declaration neither hides the faults of others
 * nor makes what names it faulty too.
 */
type Declared = { readonly types: RawObject; readonly settings: RawObject };
const objectIn = (value: unknown): RawObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as RawObject) : {};
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const memberIn = (raw: RawObject, name: string): unknown => (Object.hasOwn(raw, name) ? raw[name] : undefined);

/** What a product names of itself, it must declare. */
export const checkDeclared: Check<Product> = (product, at, raw) => {
  const declared: Declared = { types: objectIn(memberIn(raw, "types")), settings: objectIn(memberIn(raw, "settings")) };
  // Too many of them were refused as a whole.
  for (const [name, value] of product.types === undefined ? [] : Object.entries(declared.types)) {
    const type = objectIn(value);
    const place = below(below(at, "types"), name);
    if (name === ORGANIZATION_TYPE) checkOrganizationType(type, place);
    checkParents(listIn(memberIn(type, "parents")), below(place, "parents"), declared);
    for (const [action, ways] of Object.entries(objectIn(memberIn(type, "actions")))) {
      checkWays(listIn(ways), below(below(place, "actions"), action), declared);
    }
  }
  if (product.prerequisite !== undefined) checkPrerequisite(product.prerequisite, below(at, "prerequisite"), declared);
  if (product.sandboxes !== undefined) checkType(SANDBOXES, below(at, "sandboxes"), declared);
  if (product.labelInheritance !== undefined) checkInheritance(product.labelInheritance, below(at, "labelInheritance"), declared);
};

function checkOrganizationType(type: RawObject, at: Place): void {
  for (const name of ["parents", "open", "uniqueIds", "owner"]) {
    if (memberIn(type, name) === undefined) continue;
    refuse(below(at, name), "not_allowed", { detail: "The organization is one, registered, below nothing and nobody's." });
  }
}

function checkParents(parents: readonly unknown[], at: Place, declared: Declared): void {
  parents.forEach((parent, index) => {
    if (typeof parent !== "string" || !isTypeName(parent)) return;
    const place = below(at, index);
    if (parent !== ORGANIZATION_TYPE) checkType(parent, place, declared);
    else refuse(place, "not_allowed", { detail: "What lies directly below the organization is a root type: it has no parents." });
  });
}

function checkWays(ways: readonly unknown[], at: Place, declared: Declared): void {
  ways.forEach((way, index) => {
    const when = objectIn(memberIn(objectIn(way), "when"));
    for (const setting of Object.keys(when)) {
      if (Object.hasOwn(declared.settings, setting)) continue;
      refuse(below(below(below(at, index), "when"), setting), "unknown_reference", { detail: "The product declares no such setting." });
    }
  });
}

function checkType(type: string, at: Place, declared: Declared): boolean {
  if (Object.hasOwn(declared.types, type)) return true;
  refuse(at, "unknown_reference", { detail: "The product declares no such type." });
  return false;
}

function checkPrerequisite(prerequisite: NonNullable<Product["prerequisite"]>, at: Place, declared: Declared): void {
  if (!checkType(prerequisite.of, below(at, "of"), declared)) return;
  const actions = objectIn(memberIn(objectIn(declared.types[prerequisite.of]), "actions"));
  if (!Object.hasOwn(actions, prerequisite.action)) {
    refuse(below(at, "action"), "unknown_reference", { detail: "The type declares no such action." });
  }
}

function checkInheritance(inheritance: LabelInheritance, at: Place, declared: Declared): void {
  inheritance.parents.forEach((pair, index) => {
    pair.forEach((type, place) => {
      checkType(type, below(below(below(at, "parents"), index), place), declared);
    });
  });
  inheritance.links.forEach((link, index) => {
    const place = below(below(at, "links"), index);
    checkType(link.from, below(place, "from"), declared);
    checkType(link.to, below(place, "to"), declared);
  });
}
export const readProduct = objectOf(PRODUCT, checkDeclared);

export const SETTING: Shape<Setting> = { product: required(readId), name: required(readId), value: required(readBoolean) };
export const readSetting = objectOf(SETTING);
