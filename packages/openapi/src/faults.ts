/**
 * What may be wrong with a document, and where: a *fault* refuses it, a *note* is worth knowing and refuses nothing, a *problem*
 * stands in the way of an import into a product.
 *
 * A *place* is a JSON Pointer with the line and the column (both from 1, columns in UTF-16 units) at which it stands in the text.
 * Invariant: every finding carries one code of these tables. Codes are stable: clients compare them.
 */

/** Line and column are from 1; a place that does not exist (a missing member) is where it would be missed. */
export type Place = { readonly pointer: string; readonly line: number; readonly column: number };

export const DOCUMENT_FAULTS = {
  too_large: { message: "The document is larger than what is read." },
  too_deep: { message: "This is nested too deeply." },
  too_many: { message: "There are too many of these." },
  malformed_json: { message: "This is not JSON." },
  malformed_yaml: { message: "This is not YAML." },
  duplicate_key: { message: "This name stands in the same object already." },
  reserved_key: { message: "This name is reserved." },
  bad_alias: { message: "This alias leads to nothing, or to what it stands in." },
  not_a_document: { message: "An OpenAPI document is an object." },
  unknown_version: { message: "This version of OpenAPI is not read." },
  required: { message: "This member is required." },
  unknown_member: { message: "This member is not known here." },
  wrong_type: { message: "This is not the kind of value that belongs here." },
  not_allowed: { message: "This value is not allowed here." },
  malformed: { message: "This is not written as it must be." },
  out_of_range: { message: "There are too few or too many of these, or the number is too small or too large." },
  duplicate: { message: "This stands here already." },
  no_such_form: { message: "This fits none of the forms that it may have." },
  remote_reference: { message: "References to other documents are not followed." },
  unknown_reference: { message: "This leads to nothing in the document." },
  reference_cycle: { message: "These references lead round in a circle." },
  duplicate_operation: { message: "This method and path stand in the document already." },
  malformed_condition: { message: "This is no condition." },
  unknown_parameter: { message: "The path of the operation has no such parameter." },
} as const satisfies Record<string, { message: string }>;
export type DocumentFaultCode = keyof typeof DOCUMENT_FAULTS;

export const DOCUMENT_NOTES = {
  unsupported_template: { message: "This path is none that requests can be matched with; its operations are left out." },
  trailing_slash: { message: "This path ends with a slash; it is read without." },
  overlapping_templates: { message: "Some requests fit two of these paths and are refused." },
  repeated_name: { message: "Another operation has this operationId." },
  undeclared_parameter: { message: "The path has a parameter that the operation does not declare." },
  unused_parameter: { message: "A path parameter is declared that the path does not have." },
  servers_disagree: { message: "The servers have different base paths." },
  undeclared_attribute: { message: "A condition reads an attribute that is not declared." },
  no_operations: { message: "The document has no operations." },
  too_many: { message: "There are more notes than are told." },
} as const satisfies Record<string, { message: string }>;
export type DocumentNoteCode = keyof typeof DOCUMENT_NOTES;

export const IMPORT_PROBLEMS = {
  unknown_profile: { message: "The product has no such built-in role." },
  unknown_permission: { message: "The product has no such permission set." },
  unknown_type: { message: "The product has no such type." },
  wrong_scope: { message: "The scope does not fit the product's types." },
  ambiguous_name: { message: "Several things have this name." },
  id_taken: { message: "This id is taken." },
  base_path: { message: "This is no base path." },
  unsupported_template: { message: "With its base path this is none that requests can be matched with." },
  refused: { message: "The product cannot hold this." },
} as const satisfies Record<string, { message: string }>;
export type ImportProblemCode = keyof typeof IMPORT_PROBLEMS;

/** `detail` is in plain words; `allowed`: what would have been accepted, when that is a short list. */
type Finding<C extends string> = Place & { readonly code: C; readonly detail: string; readonly allowed?: readonly string[] };
export type DocumentFault = Finding<DocumentFaultCode>;
export type DocumentNote = Finding<DocumentNoteCode>;
export type ImportProblem = Finding<ImportProblemCode>;

/** Where a reader has got to: what it does, and how much of the whole is done, from 0 to 1, never falling. */
export type Progress = { readonly stage: "text" | "structure" | "references" | "operations" | "plan"; readonly fraction: number };
export type OnProgress = (progress: Progress) => void;
