/**
 * Parsers of who there is: the organization, principals, their memberships, who administers and develops, and accounts.
 *
 * Invariant: no record makes or fills a system group that fills itself (`members`), and none hides one behind a principal's id.
 */
import { LIMITS } from "./limits.ts";
import type { DeveloperAccess, DeveloperProject, Membership, Organization, Principal, ProductAdministrator } from "./nouns.ts";
import {
  filled,
  jsonObjectReader,
  objectOf,
  oneOf,
  optional,
  type Reader,
  readBoolean,
  readString,
  readWhole,
  refine,
  refuse,
  required,
  type Shape,
  setOf,
} from "./reader.ts";
import type { Fault, Result } from "./result.ts";
import { checkWindow, readGroupId, readId, readName, readPrincipalRecordId, readResourceId, VALIDITY } from "./words.ts";

export const ORGANIZATION: Shape<Organization> = {
  name: required(readName),
  tenantIds: filled(setOf(readResourceId, LIMITS.tenantIdsMax), []),
};
export const readOrganization = objectOf(ORGANIZATION);

export const PRINCIPAL: Shape<Principal> = {
  id: required(readPrincipalRecordId),
  type: required(oneOf("user", "group", "service-account")),
  name: optional(readName),
  active: filled(readBoolean, true),
  properties: optional(jsonObjectReader(LIMITS.propertiesBytesMax)),
};
export const readPrincipal = objectOf(PRINCIPAL);

export const MEMBERSHIP: Shape<Membership> = { group: required(readGroupId), member: required(readId), ...VALIDITY };
export const readMembership = objectOf(MEMBERSHIP, checkWindow);

export const PRODUCT_ADMINISTRATOR: Shape<ProductAdministrator> = { product: required(readId), principal: required(readId) };
export const readProductAdministrator = objectOf(PRODUCT_ADMINISTRATOR);

export const DEVELOPER_ACCESS: Shape<DeveloperAccess> = { role: required(readId), principal: required(readId) };
export const readDeveloperAccess = objectOf(DEVELOPER_ACCESS);

export const DEVELOPER_PROJECT: Shape<DeveloperProject> = {
  id: required(readId),
  name: required(readName),
  product: required(readId),
  roles: required(setOf(readId, LIMITS.roleSetsMax)),
  serviceAccount: required(readId),
};
export const readDeveloperProject = objectOf(DEVELOPER_PROJECT);

/** An e-mail address with an id, beside the organizations: it belongs to none of them. `email` is as written, without white space around it. */
export type Account = { readonly id: string; readonly email: string };

const EMAIL = /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u;

const readEmail: Reader<string> = (value, at) => {
  const text = readString(value, at)?.trim();
  return text === undefined ? undefined : readTrimmedEmail(text, at);
};
const readTrimmedEmail: Reader<string> = refine(readName, (text, at) => {
  if (EMAIL.test(text)) return true;
  refuse(at, "malformed_email");
  return false;
});
const readAccount = objectOf<Account>({ id: required(readId), email: required(readEmail) });

/** JSON `{id, email}` → an account. All faults at once. Two accounts are one when their `emailKey` is. */
export function parseAccount(value: unknown, pointer = ""): Result<Account, readonly Fault[]> {
  return readWhole(readAccount, value, pointer);
}

/** What two spellings of one address have in common: compared trimmed and without case. */
export const emailKey = (email: string): string => email.trim().toLowerCase();
