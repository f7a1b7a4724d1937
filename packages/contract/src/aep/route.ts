/**
 * What a route of Experience Platform's surface says. The tables are made of these.
 *
 * A collection is also reached with a slash at its end. Which organization is asked stands in a header.
 */
import type { TSchema } from "typebox";

export type AepRoute = {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Where its service lies. */
  readonly base: string;
  /** Below the base. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /**
   * `self`: every active principal of the organization, about himself; `admins`: who administers it; `holders`: these, and whoever may do
   * just this by his own permissions.
   */
  readonly for: "self" | "admins" | "holders";
  readonly isCollection?: true;
  /** In pages that begin at `start`, or at `offset`. */
  readonly pagedBy?: "start" | "offset";
  /** `x-sandbox-name` must be sent. */
  readonly needsSandbox?: true;
  /** The media type of the body does not matter. */
  readonly takesAnyType?: true;
  readonly body?: TSchema;
  /** Absent: 204, without a body. */
  readonly answer?: TSchema;
  /** Answered 204 instead, in some cases. */
  readonly mayBeEmpty?: true;
  /** Answered 201 instead, where it made what was not there. */
  readonly mayMake?: true;
  readonly writes?: true;
  /** The answer has an ETag; a write heeds `If-Match`. */
  readonly hasEtag?: true;
};
