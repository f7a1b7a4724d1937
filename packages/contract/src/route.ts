/** What a route of the table says. The tables are made of these; the server registers them and the OpenAPI document tells them. */
import { type TSchema, Type } from "typebox";
import type { OAuthErrorCode } from "./ims.ts";

export type Need = "read" | "decide" | "admin";
export type Route = {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** An OpenAPI template. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** What a caller must be allowed at least; absent: nobody is asked. */
  readonly needs?: Need;
  /** For the server's administrator alone, although it is about one organization. */
  readonly above?: true;
  /** Also for who holds an office in the organization, as far as it reaches: product administrators. */
  readonly byOffice?: true;
  /** Also for every active principal of the organization: what is shown and done is decided of each thing. */
  readonly byMember?: true;
  /** For whoever is signed in, by no right: about himself. */
  readonly bySession?: true;
  /** Asked so often that the server answers it without its framework, where the request is as plain as clients send it. */
  readonly isHot?: true;
  readonly body?: TSchema;
  /** Media types of the body; absent: JSON. */
  readonly takes?: readonly string[];
  /** What the body says may stand in the query instead. */
  readonly mayLackBody?: true;
  /** Headers that the route reads beside those of every route. */
  readonly headers?: Readonly<Record<string, TSchema>>;
  readonly query?: Readonly<Record<string, TSchema>>;
  /** Other names in the query are passed over: who sends them is not asked. */
  readonly takesAnyQuery?: true;
  readonly answer: { readonly status: number; readonly types: Readonly<Record<string, TSchema>> };
  /** A write that made what was not there is answered 201 instead. */
  readonly mayMake?: true;
  /** Headers of the answer beside those of every route. */
  readonly tells?: readonly ("ETag" | "Location")[];
  /** The answer names its revision (`Reeve-Revision`); one that is only read may be asked for by `Reeve-At-Least`. */
  readonly revision?: "read" | "written";
  /** Problem codes beyond those that every route may answer. */
  readonly problems?: readonly string[];
  /** What the route itself refuses with in the words of OAuth, beside problems. */
  readonly refuses?: readonly OAuthErrorCode[];
};

/** A JSON answer. */
export const json = (schema: TSchema, status = 200): Route["answer"] => ({ status, types: { "application/json": schema } });

/** How many items a page of a list may have, and has where nothing is said. */
export const PAGE_MAX = 500;
export const PAGE_USUAL = 100;
/** The same of a question's answer, whose entries are short. */
export const ENTRIES_MAX = 10_000;
/** What every list in pages takes. */
export const PAGING = {
  limit: Type.String({
    description: `Items a page: 1 to ${PAGE_MAX}, ${PAGE_USUAL} where nothing is said.`,
    pattern: String.raw`^\d{1,4}$`,
  }),
  cursor: Type.String({ description: "`next` of the page before, with the same query." }),
};
