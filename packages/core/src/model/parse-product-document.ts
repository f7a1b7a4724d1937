/**
 * Parser of a product document: a whole product as one JSON value → the records that it consists of.
 *
 * What the document implies is not written in it: its parts belong to it, its roles and policies are built in, and its roles are
 * system-defined.
 * Invariant: the records are exactly the product, its permission sets, roles, policies and operations, in this order; each passes
 * `parseRecord`, and no two have one key.
 */
import { LIMITS } from "./limits.ts";
import type { Operation, PermissionSet, Policy, Product, Rec, Role } from "./nouns.ts";
import { checkParameters, OPERATION } from "./parse-operation.ts";
import { POLICY } from "./parse-policy.ts";
import { checkDeclared, PRODUCT } from "./parse-product.ts";
import { checkBounds, PERMISSION_SET, ROLE } from "./parse-roles.ts";
import { listOf, objectOf, type Reader, readWhole, required, type Shape } from "./reader.ts";
import { type Fault, ok, type Result } from "./result.ts";

type Without<T, M extends keyof T> = Omit<T, M>;
/** A shape without the members that the document implies. */
function without<T, M extends keyof T>(shape: Shape<T>, ...implied: readonly M[]): Shape<Without<T, M>> {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !implied.includes(name as M))) as Shape<Without<T, M>>;
}

type DocumentSet = Without<PermissionSet, "product">;
type DocumentRole = Without<Role, "product" | "type" | "builtIn">;
type DocumentPolicy = Without<Policy, "product" | "builtIn">;
type DocumentRow = Without<Operation, "product">;
type ProductDocument = Product & {
  readonly permissionSets: readonly DocumentSet[];
  readonly roles: readonly DocumentRole[];
  readonly policies: readonly DocumentPolicy[];
  readonly operations: readonly DocumentRow[];
};

/** One of the four lists: its ids differ. It has no bound of its own; that of a version's document serves. */
const partsOf = <T extends { readonly id: string }>(read: Reader<T>): Reader<readonly T[]> =>
  listOf(read, { max: LIMITS.documentOperationsMax, distinctBy: (part) => part.id });

const readDocument = objectOf<ProductDocument>(
  {
    ...PRODUCT,
    permissionSets: required(partsOf(objectOf<DocumentSet>(without(PERMISSION_SET, "product")))),
    roles: required(partsOf(objectOf<DocumentRole>(without(ROLE, "product", "type", "builtIn"), checkBounds))),
    policies: required(partsOf(objectOf<DocumentPolicy>(without(POLICY, "product", "builtIn")))),
    operations: required(partsOf(objectOf<DocumentRow>(without(OPERATION, "product"), checkParameters))),
  },
  checkDeclared,
);

/**
 * A whole product (model §8) → its records, the product first. At most 10 000 parts of a kind. Errors: every fault of the document at
 * once; whether its parts fit each other and the organization (roles name sets that exist, …) is `admit`'s question.
 */
export function parseProductDocument(value: unknown): Result<readonly Rec[], readonly Fault[]> {
  const read = readWhole(readDocument, value, "");
  return read.ok ? ok(recordsOf(read.value)) : read;
}

function recordsOf({ permissionSets, roles, policies, operations, ...declared }: ProductDocument): readonly Rec[] {
  const product = declared.id;
  return [
    { kind: "product", value: declared },
    ...permissionSets.map((set): Rec => ({ kind: "permission-set", value: { product, ...set } })),
    ...roles.map((role): Rec => ({ kind: "role", value: { product, ...role, type: "system-defined", builtIn: true } })),
    ...policies.map((policy): Rec => ({ kind: "policy", value: { ...policy, product, builtIn: true } })),
    ...operations.map((operation): Rec => ({ kind: "operation", value: { product, ...operation } })),
  ];
}
