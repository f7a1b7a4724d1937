/**
 * Expected failure as a value, and the registry of what may be wrong with a record or a change.
 *
 * A *fault* names one place of a value (a JSON Pointer, RFC 6901) and why it is refused. Parsers raise those that can be seen
 * in the value alone; `admit` raises those that need the rest of the organization.
 * Invariant: every fault carries exactly one code of this table. Codes are stable: clients compare them.
 */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const fail = <E>(error: E): Result<never, E> => ({ ok: false, error });

export const FAULTS = {
  // Seen in the value alone.
  required: { message: "This member is required." },
  wrong_type: { message: "This is not the kind of JSON value that belongs here." },
  unknown_member: { message: "This member is not known here." },
  unknown_kind: { message: "This is no kind of record." },
  not_allowed: { message: "This value is not allowed here." },
  reserved: { message: "This name is reserved." },
  empty: { message: "This must not be empty." },
  too_long: { message: "This text is too long." },
  too_many: { message: "There are too many of these." },
  too_large: { message: "This value is too large." },
  too_deep: { message: "This is nested too deeply." },
  out_of_range: { message: "This value is out of range." },
  duplicate: { message: "This stands here already." },
  malformed_id: { message: "This is no id: 1 to 128 of A-Z a-z 0-9 . _ @ : - are." },
  malformed_text: { message: "This text holds control characters or unpaired surrogates." },
  malformed_label: { message: "A label is core/ or custom/ and a name." },
  malformed_path: { message: "This is no path of a resource." },
  malformed_pattern: { message: "This is no pattern of resources." },
  malformed_template: { message: "This is no path template." },
  malformed_method: { message: "A method is written in upper case letters." },
  malformed_condition: { message: "This is no condition." },
  malformed_email: { message: "This is no e-mail address." },
  // Seen in the organization only.
  unknown_reference: { message: "This names something that does not exist." },
  would_cycle: { message: "This would close a cycle." },
  wrong_parent: { message: "This id is registered under another parent." },
  parent_not_registered: { message: "The parent of this resource is not registered." },
  built_in: { message: "This comes with a product and cannot be changed." },
  in_use: { message: "This is still in use." },
  not_entitled: { message: "The organization does not have this product." },
  not_found: { message: "There is no such record." },
  type_mismatch: { message: "This is of another type than is needed here." },
  ambiguous_template: { message: "Another template fits the same requests." },
  base_path_taken: { message: "This base path is taken." },
  key_taken: { message: "This name is taken." },
} as const satisfies Record<string, { message: string }>;
export type FaultCode = keyof typeof FAULTS;

/** `pointer`: where, RFC 6901, "" for the whole. `allowed`: what would have been accepted, when that is a short list. */
export type Fault = { readonly code: FaultCode; readonly pointer: string; readonly detail: string; readonly allowed?: readonly string[] };

/** What a write that is done is warned of. */
export const WARNINGS = {
  role_given_to_members: {
    message: "Everybody who is active is in members, people who were only given developer access among them.",
  },
} as const satisfies Record<string, { message: string }>;
export type WarningCode = keyof typeof WARNINGS;
export type Warning = { readonly code: WarningCode; readonly pointer: string; readonly detail: string };
