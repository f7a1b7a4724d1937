/**
 * Templates of which some requests fit two: segments made of literals and parameters in turn, at one place under the same beginning.
 *
 * A request whose segment fits two of them is refused, since nobody can say which was meant; the author should know.
 * Words: a segment is *compound* when it has a parameter and something else.
 */
import { parseTemplate } from "@reeve/core";
import type { DescribedOperation } from "./described.ts";
import type { Findings } from "./findings.ts";

type Part = { readonly literal: string } | { readonly parameter: string };
type Segment = { readonly shape: string; readonly first: string; readonly last: string; readonly path: string; readonly pointer: string };

export function noteOverlaps(operations: readonly DescribedOperation[], findings: Findings): void {
  const places = new Map<string, Map<string, Segment>>();
  for (const { path, at } of operations) {
    let before = "";
    for (const parts of parseTemplate(path)?.segments ?? []) {
      const shape = parts.map((part) => ("literal" in part ? part.literal : "{}")).join("");
      if (parts.length > 1) {
        const compound = places.get(before) ?? new Map<string, Segment>();
        places.set(before, compound);
        if (!compound.has(shape))
          compound.set(shape, { shape, first: literalOf(parts[0]), last: literalOf(parts.at(-1)), path, pointer: at.pointer });
      }
      before = `${before}/${shape}`;
    }
  }
  for (const compound of places.values()) notePairs([...compound.values()], findings);
}

const literalOf = (part: Part | undefined): string => (part !== undefined && "literal" in part ? part.literal : "");

function notePairs(segments: readonly Segment[], findings: Findings): void {
  // A hundred at one place is more than any document has; pairs of more are not looked at.
  const looked = segments.slice(0, 100);
  for (const [index, one] of looked.entries()) {
    for (const other of looked.slice(index + 1)) {
      if (!mayOverlap(one, other)) continue;
      const detail = `A segment may fit both ${one.shape} (${one.path}) and ${other.shape} (${other.path}); such requests are refused.`;
      findings.note("overlapping_templates", other.pointer, { detail });
    }
  }
}

/** Beginnings and ends fit each other: then some value fits both, unless a literal in the middle forbids it. */
const mayOverlap = (a: Segment, b: Segment): boolean =>
  (a.first.startsWith(b.first) || b.first.startsWith(a.first)) && (a.last.endsWith(b.last) || b.last.endsWith(a.last));
