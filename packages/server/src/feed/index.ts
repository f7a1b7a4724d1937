/**
 * The feed: plans that follow the store.
 *
 * A plan is compiled from the store's pages when its organization is first asked, and then follows the change sets. A writer of this
 * process *offers* the plan that it admitted: when the feed meets its revision, that plan is taken instead of applying the changes
 * again; law 6 says that both are the same. When its write is acknowledged it is taken at once, so that an acknowledged write never
 * waits for another answer of the store.
 * Whoever removes an organization of this process has its plan *forgotten*, so that it answers nobody from then on.
 * Invariant: the plan of an organization is always that of a committed revision, and revisions only rise within an epoch.
 */
import type { Plan } from "@reeve/core";
import { type Head, type Store, StoreError } from "../store/index.ts";
import { type Followed, isAt, isPast, lead, move, snapshot } from "./followed.ts";
import { createRounds } from "./rounds.ts";

/** How often a load begins anew because its history ended meanwhile. */
const LOADS_MAX = 5;

export type Feed = {
  /** The plan of an organization, loaded if need be; `undefined`: there is no such organization. */
  plan(organization: string): Promise<Plan | undefined>;
  /** The plan if it is loaded. */
  current(organization: string): Plan | undefined;
  /** Follows until the organization stands at `head` or later; false: not in time, or it is of another epoch. */
  reach(organization: string, head: Head, waitMs: number): Promise<boolean>;
  /** A plan that is being committed, by a write that saw the head just before it. */
  offer(organization: string, plan: Plan): void;
  /** A plan that was offered is not committed after all. */
  withdraw(organization: string, plan: Plan): void;
  /** A plan that was offered is committed: it answers from now on, whatever becomes of asking the store for it. */
  take(organization: string, plan: Plan): void;
  /** An organization of this epoch is removed: its plan answers nobody any more, whatever becomes of asking the store for it. */
  forget(organization: string, epoch: string): void;
  /** The plan, committed or offered, that stands at this very head: what a write that sees the head builds on. */
  at(organization: string, head: Head): Plan | undefined;
  loaded(): readonly string[];
  close(): void;
};

export function createFeed(
  store: Store,
  options: { readonly seed: number; readonly onError: (organization: string, error: unknown) => void },
): Feed {
  const followed = new Map<string, Followed>();
  const waiters = new Set<() => void>();
  const onMoved = (): void => {
    for (const wake of waiters) wake();
  };
  const loader = createLoader(store, {
    seed: options.seed,
    onLoaded(organization, one) {
      followed.set(organization, one);
      onMoved();
    },
  });
  const plan = (organization: string): Promise<Plan | undefined> => {
    const known = followed.get(organization);
    return known === undefined ? loader.load(organization) : Promise.resolve(known.plan);
  };
  const rounds = createRounds(async (organization) => {
    const one = followed.get(organization);
    if (one === undefined) return;
    try {
      if (await lead(store, organization, { one, onMoved })) return;
      if (followed.get(organization) === one) followed.delete(organization);
    } catch (error) {
      // Whatever broke while changes were applied may have left half of them: whoever asks next loads the organization.
      if (!(error instanceof StoreError) && followed.get(organization) === one) followed.delete(organization);
      throw error;
    }
    await plan(organization);
  }, options.onError);
  const unsubscribe = store.subscribe((organization) => {
    loader.wake(organization);
    if (followed.has(organization)) rounds.ask(organization).catch(() => undefined);
  });
  return {
    plan,
    current: (organization) => followed.get(organization)?.plan,
    ...offers(followed, onMoved),
    forget(organization, epoch) {
      // One that was made again meanwhile is another.
      if (followed.get(organization)?.plan.at.epoch === epoch) followed.delete(organization);
    },
    loaded: () => [...followed.keys()],
    async reach(organization, head, waitMs) {
      const isThere = (): boolean => isPast(followed.get(organization)?.plan, head);
      if (isThere()) return true;
      if ((await plan(organization)) === undefined) return false;
      if (followed.has(organization)) await rounds.ask(organization);
      return isThere() || wait(isThere, waiters, waitMs);
    },
    close() {
      unsubscribe();
      rounds.close();
    },
  };
}

function offers(followed: ReadonlyMap<string, Followed>, onMoved: () => void): Pick<Feed, "offer" | "withdraw" | "take" | "at"> {
  return {
    at: (organization, head) => {
      const one = followed.get(organization);
      return one === undefined ? undefined : [...one.offered, one.plan].find((plan) => isAt(plan, head));
    },
    offer: (organization, offered) => {
      const one = followed.get(organization);
      // Writes see the head one after another: what was offered for this revision or a later one altered nothing, or failed.
      if (one !== undefined) one.offered = [...one.offered.filter((plan) => plan.at.revision < offered.at.revision), offered];
    },
    withdraw: (organization, withdrawn) => {
      const one = followed.get(organization);
      if (one !== undefined) one.offered = one.offered.filter((plan) => plan !== withdrawn);
    },
    take: (organization, taken) => {
      const one = followed.get(organization);
      if (one === undefined || one.plan.at.epoch !== taken.at.epoch || isPast(one.plan, taken.at)) return;
      move(one, taken);
      onMoved();
    },
  };
}

type LoaderOptions = { readonly seed: number; readonly onLoaded: (organization: string, one: Followed) => void };
type Loader = {
  /** Loads an organization once for all who ask meanwhile. */
  load(organization: string): Promise<Plan | undefined>;
  /** Something was committed: whoever is read just now is asked for it. */
  wake(organization: string): void;
};

function createLoader(store: Store, { seed, onLoaded }: LoaderOptions): Loader {
  const loading = new Map<string, Promise<Plan | undefined>>();
  const woken = new Set<string>();

  async function read(organization: string): Promise<Plan | undefined> {
    for (let loads = 0; loads < LOADS_MAX; loads++) {
      const one = await snapshot(store, organization, seed);
      if (one === undefined) return undefined;
      // Nobody is answered from it before the store's changes lead on from it: so it is the organization's own, and the newest.
      if (await isCaughtUp(organization, one)) {
        loading.delete(organization);
        onLoaded(organization, one);
        return one.plan;
      }
    }
    throw new StoreError("wrong_answer", "The history of the organization ended each time that it was loaded.");
  }

  /** What is committed while nobody follows yet is asked for again, until there is nothing more. */
  async function isCaughtUp(organization: string, one: Followed): Promise<boolean> {
    do {
      woken.delete(organization);
      if (!(await lead(store, organization, { one, onMoved: () => undefined }))) return false;
    } while (woken.has(organization));
    return true;
  }

  return {
    load(organization) {
      const known = loading.get(organization);
      if (known !== undefined) return known;
      const load = read(organization).finally(() => {
        if (loading.get(organization) === load) loading.delete(organization);
      });
      loading.set(organization, load);
      return load;
    },
    wake(organization) {
      if (loading.has(organization)) woken.add(organization);
    },
  };
}

function wait(isThere: () => boolean, waiters: Set<() => void>, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (answer: boolean): void => {
      clearTimeout(timer);
      waiters.delete(wake);
      resolve(answer);
    };
    const wake = (): void => {
      if (isThere()) finish(true);
    };
    const timer = setTimeout(() => finish(isThere()), waitMs);
    waiters.add(wake);
  });
}
