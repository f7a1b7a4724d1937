/**
 * What is asked and what comes out. Requests are what a surface hands over after it has checked their shape; the engine
 * is total over them: any string in any place gets an answer, and never an allow for what it does not know.
 */
import type { AccessType, Bits, JsonObject, PrincipalType, Reach } from "./nouns.ts";
import type { Ambiguity, ReasonCode } from "./reasons.ts";

export type Subject = { readonly type: PrincipalType | (string & {}); readonly id: string; readonly properties?: JsonObject };
/** A resource by path (which may end with a collection), by type and id, or one of type `child` below `path` that has nothing of its own. */
export type ResourceRef = { readonly properties?: JsonObject } & (
  | { readonly path: string; readonly child?: undefined; readonly type?: undefined; readonly id?: undefined }
  | { readonly path: string; readonly child: string; readonly type?: undefined; readonly id?: undefined }
  | { readonly type: string; readonly id: string; readonly path?: undefined; readonly child?: undefined }
);
export type Request = {
  readonly principal: Subject;
  readonly action: { readonly name: string; readonly properties?: JsonObject };
  readonly resource: ResourceRef;
  readonly context?: JsonObject;
};
export type OperationRequest = {
  readonly principal: Subject;
  readonly product: string;
  readonly method: string;
  /** Origin-form, as on the request line. */
  readonly target: string;
  readonly attributes?: JsonObject;
  /** Further targets by name: a path; `null`: the request names none; absent: nothing is said. */
  readonly targets?: Readonly<Record<string, string | null>>;
  readonly context?: JsonObject;
};

export type AccessSource =
  | { readonly grant: { readonly principal: string; readonly resource: string; readonly access: AccessType; readonly reach: Reach } }
  | { readonly ownerOf: string };
/** What opened the request. `scope`: the item of the set's scope that covers; absent: the organization. */
export type Evidence =
  | { readonly source: "role"; readonly role: string; readonly set: string; readonly scope?: string }
  | { readonly source: "access"; readonly bits: Bits; readonly from: readonly AccessSource[] }
  | { readonly source: "admin" }
  | { readonly source: "policy"; readonly policy: string; readonly rule: number }
  | {
      readonly source: "rule";
      readonly operation: string;
      readonly alternative: number;
      /** The role that holds it, for `roles` and `any-role`; for `permission` the role that covers the target. */
      readonly role: string;
      readonly set?: string;
      readonly scope?: string;
    };

export type MissingKind = "role" | "permission" | "scope" | "sandbox" | "access" | "prerequisite" | "condition" | "expired" | "not_yet";
/** What would have been needed: the kind, and the ids that it speaks of. */
export type Missing = {
  readonly kind: MissingKind;
  readonly role?: string;
  readonly roles?: readonly string[];
  readonly set?: string;
  readonly sets?: readonly string[];
  readonly scope?: readonly string[];
  readonly sandbox?: string;
  readonly resource?: string;
  readonly bits?: Bits;
  readonly action?: string;
  readonly policy?: string;
  readonly rule?: number;
  readonly row?: string;
  readonly alternative?: number;
  readonly product?: string;
  readonly principal?: string;
  readonly group?: string;
  readonly member?: string;
  readonly reach?: Reach;
  readonly attributes?: readonly string[];
  readonly notBefore?: number;
  readonly notAfter?: number;
};

export type Facts = {
  readonly type?: string;
  readonly resource?: string;
  readonly action?: string;
  readonly principal?: string;
  readonly why?: Ambiguity;
  readonly policy?: string;
  readonly rule?: number;
  /** A condition of the Deny rule failed, which counts as a match. */
  readonly conditionFailed?: true;
  readonly product?: string;
  /** The row: the operation's id. */
  readonly operation?: string;
  readonly parameter?: string;
  readonly attributes?: readonly string[];
  readonly missing?: readonly Missing[];
};
export type Decision = {
  readonly allow: boolean;
  readonly code: ReasonCode;
  /** Present when `allow`. */
  readonly evidence?: Evidence;
  readonly facts?: Facts;
  /** An operation that lists resources: the caller must filter its answer by this type and action. */
  readonly filter?: { readonly type: string; readonly action: string };
};
