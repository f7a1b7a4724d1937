/** The door of the model: nouns, requests and decisions, paths, reasons, limits, parsers. */
export { checkCondition } from "./condition.ts";
export * from "./decision.ts";
export { editDistance } from "./edit-distance.ts";
export * from "./limits.ts";
export * from "./nouns.ts";
export { KINDS, parseChange, parseRecord } from "./parse.ts";
export { type Account, emailKey, parseAccount } from "./parse-people.ts";
export { parseProductDocument } from "./parse-product-document.ts";
export * from "./path.ts";
export * from "./present.ts";
export * from "./reasons.ts";
export { differingMembers, keyOf, objectName, sameRecord } from "./record.ts";
export { FAULTS, type Fault, type FaultCode, fail, ok, type Result, WARNINGS, type Warning, type WarningCode } from "./result.ts";
export { parsePattern, parseTemplate, templateShape } from "./template.ts";
