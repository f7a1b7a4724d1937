/**
 * The findings of one reading, collected by pointer and placed in the text at the end.
 *
 * Places are asked for while values are read and filled together, for finding one in a long text costs as much as finding a
 * thousand. Invariant: after `settle` every place that was given out has its line and column.
 */
import type { DocumentFault, DocumentFaultCode, DocumentNote, DocumentNoteCode, Place } from "./faults.ts";
import { DOCUMENT_LIMITS } from "./limits.ts";
import { parentOf } from "./pointers.ts";
import type { Locate } from "./positions.ts";

export type Facts = { readonly detail: string; readonly allowed?: readonly string[] };

type Settling = { -readonly [M in keyof Place]: Place[M] };

export class Findings {
  readonly faults: DocumentFault[] = [];
  readonly notes: DocumentNote[] = [];
  #places: Settling[] = [];

  place(pointer: string): Place {
    const place = { pointer, line: 0, column: 0 };
    this.#places.push(place);
    return place;
  }

  /** At the limit one last fault says that there are more. */
  fault(code: DocumentFaultCode, pointer: string, { detail, allowed }: Facts): void {
    if (this.full) return;
    const last = this.faults.length === DOCUMENT_LIMITS.faultsMax;
    const facts = last
      ? { detail: `There are more faults than the ${DOCUMENT_LIMITS.faultsMax} that are told.` }
      : { detail, ...(allowed === undefined ? {} : { allowed }) };
    this.faults.push(Object.assign(this.place(pointer), { code: last ? ("too_many" as const) : code }, facts));
  }

  note(code: DocumentNoteCode, pointer: string, { detail, allowed }: Facts): void {
    if (this.notes.length > DOCUMENT_LIMITS.faultsMax) return;
    const last = this.notes.length === DOCUMENT_LIMITS.faultsMax;
    const facts = last
      ? { detail: `There are more notes than the ${DOCUMENT_LIMITS.faultsMax} that are told.` }
      : { detail, ...(allowed === undefined ? {} : { allowed }) };
    this.notes.push(Object.assign(this.place(pointer), { code: last ? ("too_many" as const) : code }, facts));
  }

  /** Nothing more is taken: reading on would only cost time. */
  get full(): boolean {
    return this.faults.length > DOCUMENT_LIMITS.faultsMax;
  }

  settle(locate: Locate): void {
    const found = locate(new Set(this.#places.map(({ pointer }) => pointer)));
    for (const place of this.#places) {
      let pointer: string | undefined = place.pointer;
      while (pointer !== undefined && !found.has(pointer)) pointer = parentOf(pointer);
      Object.assign(place, found.get(pointer ?? "") ?? { line: 1, column: 1 });
    }
    this.#places = [];
    this.faults.sort(byPlace);
    this.notes.sort(byPlace);
  }
}

const byPlace = (a: Place, b: Place): number => a.line - b.line || a.column - b.column;
