/**
 * Parsers of what access is about: resources, their labels, links between them, and grants on them.
 *
 * Invariant: what a record says of a resource it says of one resource in its one spelling, never of a collection.
 */
import { LIMITS } from "./limits.ts";
import { type AccessType, type Binned, type Grant, type Label, type Link, REACHES, type Resource } from "./nouns.ts";
import { readDocument } from "./parse-operation.ts";
import { isAtOrBelow } from "./path.ts";
import {
  below,
  type Check,
  jsonObjectReader,
  listOf,
  objectOf,
  oneOf,
  optional,
  type Reader,
  readString,
  refine,
  refuse,
  required,
  type Shape,
  setOf,
} from "./reader.ts";
import { parseBasePath } from "./template.ts";
import {
  checkWindow,
  readDescription,
  readId,
  readLabelId,
  readName,
  readPathBelowOrganization,
  readResourcePath,
  readTime,
  VALIDITY,
} from "./words.ts";

const readBasePath: Reader<string> = refine(readString, (text, at) => {
  if (parseBasePath(text) !== undefined) return true;
  refuse(at, "malformed_template", {
    detail: "A base path begins with / and has one or more literal segments, without parameters or a slash at its end.",
  });
  return false;
});

export const RESOURCE: Shape<Resource> = {
  path: required(readResourcePath),
  name: optional(readName),
  owner: optional(readId),
  state: optional(readName),
  labels: optional(setOf(readLabelId, LIMITS.labelsMax)),
  // Conditions see labels and sandbox elsewhere; as properties they would be taken out.
  properties: optional(jsonObjectReader(LIMITS.propertiesBytesMax, ["labels", "sandbox"])),
  basePath: optional(readBasePath),
  document: optional(readDocument),
};

const checkOrganization: Check<Resource> = (resource, at) => {
  if (resource.path !== "/") return;
  for (const name of ["owner", "basePath", "document"] as const) {
    if (resource[name] !== undefined) refuse(below(at, name), "not_allowed", { detail: "The organization is nobody's and is not called." });
  }
};
export const readResource = objectOf(RESOURCE, checkOrganization);

export const LABEL: Shape<Label> = {
  id: required(readLabelId),
  name: optional(readName),
  category: optional(readName),
  description: optional(readDescription),
};
export const readLabel = objectOf(LABEL);

export const LINK: Shape<Link> = {
  from: required(readPathBelowOrganization),
  linkKind: required(readId),
  to: required(readPathBelowOrganization),
};

const checkEnds: Check<Link> = ({ from, to }, at) => {
  if (from === undefined || to === undefined) return;
  // A path has one spelling, so one lies below another iff its text continues it.
  if (from === to || from.startsWith(`${to}/`) || to.startsWith(`${from}/`)) {
    refuse(below(at, "to"), "not_allowed", { detail: "The ends of a link are different resources, neither below the other." });
  }
};
export const readLink = objectOf(LINK, checkEnds);

const readAnyAccess = oneOf<AccessType>("R", "RX", "RW", "RWX");
const readAccess: Reader<AccessType> = (value, at) =>
  value === "RWXO"
    ? refuse(at, "not_allowed", { detail: "Owner access comes with ownership only.", allowed: ["R", "RX", "RW", "RWX"] })
    : readAnyAccess(value, at);

export const GRANT: Shape<Grant> = {
  principal: required(readId),
  resource: required(readResourcePath),
  access: required(readAccess),
  reach: required(oneOf(...REACHES)),
  ...VALIDITY,
  givenBy: optional(readId),
  givenAt: optional(readTime),
};
export const readGrant = objectOf(GRANT, checkWindow);

export const BINNED: Shape<Binned> = {
  id: required(readId),
  path: required(readPathBelowOrganization),
  deletedAt: required(readTime),
  deletedBy: optional(readId),
  within: optional(readId),
  resources: required(listOf(readResource, { min: 1, max: LIMITS.binnedMax, distinctBy: ({ path }) => path })),
  grants: required(listOf(readGrant, { max: LIMITS.binnedMax, distinctBy: slotOf })),
  links: required(
    listOf(readLink, { max: LIMITS.binnedMax, distinctBy: ({ from, linkKind, to }) => JSON.stringify([from, linkKind, to]) }),
  ),
};

/** One slot for `children`, one for the other two. */
function slotOf({ principal, resource, reach }: Grant): string {
  return JSON.stringify([principal, resource, reach === "children"]);
}

const checkBinned: Check<Binned> = ({ path, resources, grants, links }, at) => {
  if (path === undefined) return;
  const refuseOutside = (member: string, index: number): void =>
    void refuse(below(below(at, member), index), "not_allowed", { detail: `This lies neither at ${path} nor below it.` });
  for (const [index, one] of (resources ?? []).entries()) if (!isAtOrBelow(one.path, path)) refuseOutside("resources", index);
  for (const [index, one] of (grants ?? []).entries()) if (!isAtOrBelow(one.resource, path)) refuseOutside("grants", index);
  for (const [index, one] of (links ?? []).entries())
    if (!isAtOrBelow(one.from, path) && !isAtOrBelow(one.to, path)) refuseOutside("links", index);
};
export const readBinned = objectOf(BINNED, checkBinned);
