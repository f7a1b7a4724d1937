/**
 * `$ref`: which of them a document may have, and what they lead to.
 *
 * Every reference of the document is looked at, but none is followed into a schema: schemas may refer to themselves, and no operation
 * is read from one. References to other documents are refused by name; nothing is ever fetched or opened.
 * Invariant: after `checkReferences` found nothing, `resolve` reaches a value for every reference, or tells of a circle.
 */
import type { Findings } from "./findings.ts";
import { DOCUMENT_LIMITS } from "./limits.ts";
import { isObject, memberOf, type RawObject, segmentsOf, under, valueAt } from "./pointers.ts";

/** Members whose values are data of the API or of an extension, in which `$ref` means nothing. */
const DATA = /^(?:example|examples|default|enum|const|value|x-.*)$/;
/** Objects whose members are names that the author chose, such as properties: a member named `default` is a schema there. */
const NAMES =
  /^(?:properties|patternProperties|definitions|\$defs|dependentSchemas|schemas|responses|parameters|paths|callbacks|headers|links|requestBodies|securitySchemes|pathItems|webhooks)$/;

type Step = { readonly value: unknown; readonly pointer: string; readonly names: boolean };

export function checkReferences(document: RawObject, findings: Findings): void {
  const anchors = new Set<string>();
  const references: { readonly to: string; readonly pointer: string }[] = [];
  // Parts that aliases repeat are looked at once, at their first place.
  const seen = new Set<object>();
  const steps: Step[] = [{ value: document, pointer: "", names: false }];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { value, pointer, names } = step;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (!names && isObject(value)) {
      const { $ref, $anchor, $dynamicAnchor } = value;
      if (typeof $ref === "string") references.push({ to: $ref, pointer: under(pointer, "$ref") });
      for (const anchor of [$anchor, $dynamicAnchor]) if (typeof anchor === "string") anchors.add(anchor);
    }
    for (const [name, member] of Object.entries(value)) {
      if (typeof member !== "object" || member === null || (!names && DATA.test(name) && !Array.isArray(value))) continue;
      const place = Array.isArray(value) ? Number(name) : name;
      steps.push({ value: member, pointer: under(pointer, place), names: !names && !Array.isArray(value) && NAMES.test(name) });
    }
  }
  for (const { to, pointer } of references) checkReference(document, { to, pointer, anchors }, findings);
}

type Reference = { readonly to: string; readonly pointer: string; readonly anchors: ReadonlySet<string> };

function checkReference(document: RawObject, { to, pointer, anchors }: Reference, findings: Findings): void {
  if (!to.startsWith("#")) {
    const detail = `"${to.slice(0, 200)}" names another document; only references within this one (#/…) are followed.`;
    findings.fault("remote_reference", pointer, { detail, allowed: ["#/…"] });
  } else if (!anchors.has(to.slice(1)) && targetOf(document, to) === undefined) {
    findings.fault("unknown_reference", pointer, { detail: `Nothing stands at ${to.slice(0, 200)}.` });
  }
}

function targetOf(document: RawObject, to: string): unknown {
  const segments = to.startsWith("#") ? segmentsOf(decoded(to.slice(1))) : undefined;
  return segments === undefined ? undefined : valueAt(document, segments);
}

/** A fragment is written with the escapes of a URI; what is no escape stands for itself. */
const decoded = (fragment: string): string =>
  fragment.includes("%") ? fragment.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (text) => decodedPart(text)) : fragment;

function decodedPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export type Resolved = { readonly value: RawObject; readonly pointer: string };

/** Follows the references of a path item or a parameter until something is no reference. `undefined`: a fault was told, here or before. */
export function resolve(
  document: RawObject,
  { value, pointer }: { readonly value: unknown; readonly pointer: string },
  findings: Findings,
): Resolved | undefined {
  let current = value;
  let place = pointer;
  const seen = new Set<string>();
  while (isObject(current)) {
    const to = memberOf(current, "$ref");
    if (typeof to !== "string") return { value: current, pointer: place };
    if (seen.has(to) || seen.size >= DOCUMENT_LIMITS.referencesMax) {
      const path = [...seen].slice(0, 8).join(", ");
      findings.fault("reference_cycle", under(pointer, "$ref"), { detail: `These references lead round: ${path}.` });
      return undefined;
    }
    seen.add(to);
    current = targetOf(document, to);
    place = decoded(to.slice(1));
  }
  return undefined;
}
