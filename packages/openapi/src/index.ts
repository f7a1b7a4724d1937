/**
 * The door of OpenAPI documents: text in, values out. Nothing is fetched, opened or changed.
 *
 * Read a document, plan its import into a product, compare two versions of it, and suggest rules for what has none.
 */
export { type ComparedOperation, type Comparison, compareDocuments, type OperationAspect } from "./compare-documents.ts";
export { describeProduct } from "./describe-product.ts";
export type * from "./described.ts";
export {
  DOCUMENT_FAULTS,
  DOCUMENT_NOTES,
  type DocumentFault,
  type DocumentFaultCode,
  type DocumentNote,
  type DocumentNoteCode,
  IMPORT_PROBLEMS,
  type ImportProblem,
  type ImportProblemCode,
  type OnProgress,
  type Place,
  type Progress,
} from "./faults.ts";
export { readJsonText } from "./json-text.ts";
export { DOCUMENT_LIMITS } from "./limits.ts";
export {
  type AddedOperation,
  type ChangedOperation,
  type ImportOptions,
  type ImportPlan,
  type ImportSettings,
  planImport,
  type UnmappedOperation,
} from "./plan-import.ts";
export { lineCounter } from "./positions.ts";
export { type ReadOptions, readDocument } from "./read-document.ts";
export { type Suggestion, suggest } from "./suggest.ts";
export { type Confidence, sameAlternatives } from "./suggest-rule.ts";
