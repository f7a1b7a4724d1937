/**
 * Who gave the entries that go along with an asset, and when: no plan knows it, the store does. It is read before the write that takes them
 * along, and again where entries were given, replaced or taken meanwhile.
 *
 * Invariant: what is told of an entry is what was written with it, whoever takes it along.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Grant, keyOf, type Plan, present } from "@reeve/core";
import type { Objects } from "../objects.ts";
import type { View } from "./node.ts";
import { AssetRefused } from "./refusal.ts";

/** Entries as one plan has them → the same, with who gave them. Throws where they are not those that were read. */
export type WithGivers = (grants: readonly Grant[], plan: Plan) => readonly Grant[];
/** For what is not written. */
export const withoutGivers: WithGivers = (grants) => grants;

type Ground = { readonly objects: Pick<Objects, "read">; readonly organization: string };
type Going = {
  /** Looks at the organization as it stands. */
  readonly seen: <T>(look: (view: View) => Promise<T>) => Promise<T | undefined>;
  /** The entries that would go along. */
  readonly going: (view: View) => readonly Grant[];
};

const TRIES_MAX = 20;
/** So often the organization must not have moved on at all: an entry that is given once more has another giver, and looks the same. */
const STRICT_TRIES = 3;
const READS_A_TURN = 50;

class Outdated extends Error {}

/** Does work with the givers of what goes along, as often as these change under it. */
export async function withGivers<T>(ground: Ground, { seen, going }: Going, work: (told: WithGivers) => Promise<T>): Promise<T> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const read = await refusedIsNone(() => seen(async (view) => ({ at: view.plan.at, given: await giversOf(ground, going(view)) })));
    const told: WithGivers = (grants, { at }) => {
      const isStrict = tries <= STRICT_TRIES && (read?.at.revision !== at.revision || read.at.epoch !== at.epoch);
      return grants.map((grant) => {
        const found = isStrict ? undefined : read?.given.get(JSON.stringify(grant));
        if (found === undefined) throw new Outdated();
        return { ...grant, ...found };
      });
    };
    try {
      return await work(told);
    } catch (error) {
      if (!(error instanceof Outdated)) throw error;
    }
  }
  throw new AssetRefused("object_changed", "Its entries change all the time. Try again.");
}

/** What must not go is told by the write, which may have been done before. */
async function refusedIsNone<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AssetRefused) return undefined;
    throw error;
  }
}

type Givers = ReadonlyMap<string, Pick<Grant, "givenBy" | "givenAt">>;

async function giversOf({ objects, organization }: Ground, grants: readonly Grant[]): Promise<Givers> {
  const found = new Map<string, Pick<Grant, "givenBy" | "givenAt">>();
  for (const [index, grant] of grants.entries()) {
    // Others are served in between.
    if (index % READS_A_TURN === 0) await nextTurn();
    const read = await objects.read({ organization, kind: "grant", key: keyOf({ kind: "grant", value: grant }) }, undefined);
    const value = "code" in read ? undefined : (read.object?.rec.value as Grant | undefined);
    if (value !== undefined) found.set(JSON.stringify(grant), present({ givenBy: value.givenBy, givenAt: value.givenAt }));
  }
  return found;
}
