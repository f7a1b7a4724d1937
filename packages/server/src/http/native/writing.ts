/**
 * What every write of the native surface shares: who asks, what it rests on, that it is done once, and how it can be refused.
 *
 * Invariant: a refused write left nothing, and says what stood in its way and where.
 */
import { createHash } from "node:crypto";
import { KEY_MEMBERS, type Key, type Kind } from "@reeve/core";
import { type Once, readRevision, type WriteRefused } from "../../app/index.ts";
import type { Exchange } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { isDeeper } from "./bounds.ts";

export { askedBy } from "../asked.ts";

const REASON_CHARACTERS_MAX = 2_048;
const KEY_CHARACTERS_MAX = 255;
/** More than any object of the model has. */
const BODY_LEVELS_MAX = 256;

/** A body that must be an object. */
export function bodyOf({ request: { body } }: Exchange): Readonly<Record<string, unknown>> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Readonly<Record<string, unknown>>;
  throw faultyBody([{ code: "wrong_type", pointer: "", detail: "This must be an object.", allowed: ["object"] }]);
}

/** `Reeve-Reason`: why, percent-encoded where it is no visible ASCII. */
export function reasonOf({ request }: Exchange): { readonly reason?: string } {
  const header = request.headers["reeve-reason"];
  if (header === undefined) return {};
  const reason = typeof header === "string" ? decoded(header) : undefined;
  if (reason !== undefined && reason.length <= REASON_CHARACTERS_MAX && /^[^\p{Cc}\p{Cs}]+$/u.test(reason)) return { reason };
  const detail = `Reeve-Reason is a text of 1 to ${REASON_CHARACTERS_MAX} characters without control characters, percent-encoded where it is no visible ASCII.`;
  throw new HttpProblem("malformed_header", { detail });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `Idempotency-Key`: of this caller, on this route, for this body. */
export function onceOf({ caller, request }: Exchange): { readonly once?: Once } {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return {};
  if (typeof header !== "string" || header.length === 0 || header.length > KEY_CHARACTERS_MAX || /[^\x20-\x7e]/.test(header)) {
    const detail = `Idempotency-Key is one key of 1 to ${KEY_CHARACTERS_MAX} visible ASCII characters.`;
    throw new HttpProblem("malformed_header", { detail });
  }
  // No object is nested so deeply; what is cannot even be written as a text.
  if (isDeeper(request.body, BODY_LEVELS_MAX)) throw new HttpProblem("body_too_deep");
  const { principal } = caller ?? {};
  const who = principal === undefined ? null : [principal.organization, principal.id];
  return { once: { key: sha256([who, header]), fingerprint: sha256([request.method, request.url, request.body]) } };
}

const sha256 = (value: unknown): Buffer => createHash("sha256").update(JSON.stringify(value)).digest();

/** An id for what such a write makes, the same each time: a UUID of a form of our own (RFC 9562 §5.8). */
export function idOf({ key, fingerprint }: Once): string {
  const hex = createHash("sha256").update(key).update(fingerprint).digest("hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20, 32)].join("-");
}

/** An entity tag as it stands in a header: a revision in quotes. */
export const etagOf = (revision: string): string => `"${revision}"`;

/**
 * `If-Match` and `If-None-Match`: the revision (its number) that must have changed the object last, `"any"`: it must be there, `null`: it
 * must not; `undefined`: nothing is said. A tag that no object of this history can have is `"none"`: it never matches.
 */
export type Precondition = number | "any" | "none" | null | undefined;
export function preconditionOf({ request }: Exchange, epoch: string): Precondition {
  const [match, noneMatch] = [request.headers["if-match"], request.headers["if-none-match"]];
  if (match !== undefined && noneMatch !== undefined) {
    throw new HttpProblem("malformed_header", { detail: "Send one of If-Match and If-None-Match." });
  }
  if (noneMatch !== undefined) {
    if (noneMatch.trim() === "*") return null;
    throw new HttpProblem("malformed_header", { detail: "If-None-Match takes * here: the object must not be there." });
  }
  if (match === undefined) return undefined;
  if (match.trim() === "*") return "any";
  const revision = readRevision(tagIn(match));
  return revision === undefined || revision.epoch !== epoch ? "none" : revision.revision;
}

/** The one tag that an `If-Match` names. */
export function tagIn(header: string): string {
  const tag = /^"([^"]*)"$/.exec(header.trim())?.[1];
  if (tag !== undefined) return tag;
  throw new HttpProblem("malformed_header", { detail: 'If-Match takes one strong ETag, as it was given ("…"), or *.' });
}

/** Why a write was refused. `place`: where in the body an object stands that is not as it was said to be. */
export function refused(error: WriteRefused, place: (kind: Kind, key: Key) => string = () => ""): HttpProblem {
  switch (error.code) {
    case "changes_refused":
      return new HttpProblem("changes_refused", { errors: error.faults as never });
    case "object_changed":
      return new HttpProblem("object_changed", {
        errors: error.objects.map(({ kind, key }) => ({
          code: "not_allowed",
          pointer: place(kind, key),
          detail: changedDetail(kind, key),
        })),
      });
    case "malformed_revision":
      return new HttpProblem("malformed_request", {
        errors: [
          { code: "not_allowed", pointer: "/ifRevision", detail: "This must be a revision that this server gave out: <epoch>.<number>." },
        ],
      });
    default:
      return new HttpProblem(error.code, "detail" in error ? { detail: error.detail } : {});
  }
}

const changedDetail = (kind: Kind, key: Key): string => `The ${nameOf(kind, key)} is there with another revision, or is not there.`;

/** An object in words: its kind and its key. */
export const nameOf = (kind: Kind, key: Key): string =>
  key.length === 1
    ? `${kind} ${JSON.stringify(key[0])}`
    : `${kind} ${KEY_MEMBERS[kind].map((member, index) => `${member} ${JSON.stringify(key[index])}`).join(", ")}`;
