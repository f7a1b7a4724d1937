/**
 * Kept missing: what somebody lacks for an action in a sandbox, as it was told the last time. Who asks about many resources of a
 * sandbox, or comes again, is mostly told the same.
 *
 * Invariant: what is kept was told of the same subject, action and sandbox, and nothing was changed since.
 */
import type { ActionInfo } from "../state/catalogue.ts";
import type { Subject } from "../state/people.ts";

/** Of which things a text tells. `version`: of the state. */
type About = { readonly version: number; readonly subject: Subject; readonly action: ActionInfo; readonly sandbox: number };

const SLOTS = 1_024;
const TEXT_MAX = 2_048;

class Entry {
  readonly about: About;
  readonly text: string;
  constructor(about: About, text: string) {
    this.about = about;
    this.text = text;
  }
}

export class KeptMissing {
  #entries: (Entry | undefined)[] = [];

  find(about: About): string | undefined {
    const entry = this.#entries[slotOf(about)];
    return entry !== undefined && isSame(entry.about, about) ? entry.text : undefined;
  }

  /** Of what would take the same place the last one is kept. */
  keep(about: About, text: string): void {
    if (text.length > TEXT_MAX) return;
    if (this.#entries.length === 0) this.#entries = new Array<Entry | undefined>(SLOTS).fill(undefined);
    this.#entries[slotOf(about)] = new Entry(about, text);
  }
}

function slotOf({ subject, action, sandbox }: About): number {
  const named = action.name.length + 5 * action.name.charCodeAt(0) + 17 * action.type.index;
  return (subject.principal + 31 * named + 7 * sandbox) & (SLOTS - 1);
}

function isSame(one: About, other: About): boolean {
  return one.subject === other.subject && one.action === other.action && one.sandbox === other.sandbox && one.version === other.version;
}
