/**
 * What a document says, in the words of the model: a catalogue before it belongs to a product.
 *
 * Names of profiles, permissions and types are kept as they are written, with their places: only a product knows what they mean.
 * Invariant: plain data, which can be kept, compared and sent.
 */
import type { Condition } from "@reeve/core";
import type { DocumentNote, Place } from "./faults.ts";

/** A name as the document writes it. */
export type NamedAt = { readonly name: string; readonly at: Place };

export type DescribedAlternative = (
  | { readonly profiles: readonly NamedAt[] }
  | { readonly permission: NamedAt }
  | { readonly anyRole: true }
) & {
  /** JSON Logic over `attributes.…`. */
  readonly when?: Condition;
  /** Another product, whose names these are. */
  readonly product?: string;
};
export type DescribedRule = { readonly at: Place; readonly alternatives: readonly DescribedAlternative[] };

/** A type as the document calls it, and the path parameter that holds its id. */
export type ScopePart = { readonly type: NamedAt; readonly parameter: string };
/** `parts`: from the outermost type to the innermost; none: the organization. */
export type DescribedScope = { readonly at: Place; readonly parts: readonly ScopePart[]; readonly organizationParameter?: string };
export type DescribedFurther = { readonly name: string; readonly type: NamedAt; readonly from?: string };

export type DescribedParameter = { readonly name: string; readonly in: string };

export type DescribedOperation = {
  readonly at: Place;
  /** Upper case. */
  readonly method: string;
  /** The path as the document has it, without a slash at its end, without the base path. */
  readonly path: string;
  /** Its own base path, where its servers differ from the document's. */
  readonly basePath?: string;
  readonly operationId?: string;
  readonly tags: readonly string[];
  readonly summary?: string;
  readonly deprecated: boolean;
  readonly parameters: readonly DescribedParameter[];
  /** What `x-authorization` says; absent: it says nothing of this. */
  readonly rule?: DescribedRule;
  readonly scope?: DescribedScope;
  readonly also?: readonly DescribedFurther[];
  readonly filter?: { readonly type: NamedAt; readonly action: string };
  /** The attributes that an enforcement point resolves, by name. */
  readonly attributes?: readonly string[];
};

export type DescribedProfile = {
  readonly at: Place;
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly permissions?: readonly NamedAt[];
};
export type DescribedPair = { readonly type: NamedAt; readonly actions: readonly string[] };
export type DescribedPermission = {
  readonly at: Place;
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly category?: string;
  readonly organizationLevel?: true;
  /** Types that a scope may list, the organization left out. */
  readonly scopes?: readonly NamedAt[];
  readonly pairs?: readonly DescribedPair[];
};
export type DescribedType = {
  readonly name: string;
  readonly at: Place;
  readonly parents?: readonly string[];
  readonly open: boolean;
  readonly uniqueIds: boolean;
  readonly actions: readonly string[];
};
/** The root's `x-authorization-catalogue`. */
export type DescribedCatalogue = {
  readonly at: Place;
  readonly profiles: readonly DescribedProfile[];
  readonly permissions: readonly DescribedPermission[];
  readonly types: readonly DescribedType[];
  readonly trailingSlashIsNone?: true;
  readonly readDefault?: DescribedRule;
  readonly prerequisite?: { readonly at: Place; readonly permission?: NamedAt; readonly action?: string; readonly of: NamedAt };
};

export type Described = {
  readonly title: string;
  readonly version: string;
  /** As the document names it: 2.0, 3.0.3, 3.1.0. */
  readonly specVersion: string;
  /** The path that all servers have in common, `""` for none; absent: they differ, and a note says so. */
  readonly basePath?: string;
  /** Some path of the document ends with a slash. */
  readonly trailingSlash: boolean;
  /** In document order. */
  readonly operations: readonly DescribedOperation[];
  readonly catalogue?: DescribedCatalogue;
  readonly notes: readonly DocumentNote[];
};
