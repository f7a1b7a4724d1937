/**
 * The feed: plans that follow the store.
 *
 * A plan is compiled from the store's pages when its organization is first asked, and then follows the change sets. A writer of this
 * process *offers* the plan that it admitted: when the feed meets its revision, that plan is taken instead of applying the changes
 * again; law 6 says that both are the same.
 * Invariant: the plan of an organization is always that of a committed revision, and revisions only rise within an epoch.
 */
import { apply, compiler, type Plan } from "@reeve/core";
import type { ChangeSet, Head, Store } from "../store/index.ts";

const SETS_MAX = 500;

type Followed = { plan: Plan; catching: Promise<void> | undefined; offered: Plan[] };

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
  const loading = new Map<string, Promise<Plan | undefined>>();
  const waiters = new Set<() => void>();

  async function load(organization: string): Promise<Plan | undefined> {
    const compile = compiler(organization, { seed: options.seed });
    let head: Head | undefined;
    for await (const page of store.load(organization)) {
      head ??= page.head;
      compile.add(page.records);
    }
    if (head === undefined) return undefined;
    const plan = compile.finish(head);
    followed.set(organization, { plan, catching: undefined, offered: [] });
    // What was committed while the pages were read was announced to nobody.
    await catchUp(organization);
    return followed.get(organization)?.plan;
  }

  function follow(one: Followed, set: ChangeSet): void {
    const at: Head = { revision: set.revision, epoch: one.plan.at.epoch };
    one.plan = one.offered.find((plan) => isAt(plan, at)) ?? apply(one.plan, set.changes, at);
    one.offered = one.offered.filter((plan) => plan.at.revision > at.revision);
  }

  async function catchUpOnce(organization: string): Promise<void> {
    for (;;) {
      const one = followed.get(organization);
      if (one === undefined) return;
      const batch = await store.changes(organization, one.plan.at, SETS_MAX);
      if (batch.kind === "reload") {
        followed.delete(organization);
        await plan(organization);
        return;
      }
      for (const set of batch.sets) follow(one, set);
      if (batch.sets.length > 0) for (const wake of waiters) wake();
      if (batch.sets.length < SETS_MAX) return;
    }
  }

  /** One at a time for an organization; a wake-up during it is answered by another round. */
  function catchUp(organization: string): Promise<void> {
    const one = followed.get(organization);
    if (one === undefined) return Promise.resolve();
    const before = one.catching ?? Promise.resolve();
    const next = before.then(() => catchUpOnce(organization));
    one.catching = next.catch((error: unknown) => options.onError(organization, error));
    return next;
  }

  function plan(organization: string): Promise<Plan | undefined> {
    const known = followed.get(organization);
    if (known !== undefined) return Promise.resolve(known.plan);
    let load_ = loading.get(organization);
    if (load_ === undefined) {
      load_ = load(organization).finally(() => loading.delete(organization));
      loading.set(organization, load_);
    }
    return load_;
  }

  const unsubscribe = store.subscribe((organization) => {
    if (followed.has(organization)) void catchUp(organization).catch(() => undefined);
  });

  return {
    plan,
    current: (organization) => followed.get(organization)?.plan,
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
    loaded: () => [...followed.keys()],
    async reach(organization, head, waitMs) {
      const isThere = (): boolean => {
        const at = followed.get(organization)?.plan.at;
        return at !== undefined && at.epoch === head.epoch && at.revision >= head.revision;
      };
      if (isThere()) return true;
      await plan(organization);
      await catchUp(organization);
      return isThere() || wait(isThere, waiters, waitMs);
    },
    close: unsubscribe,
  };
}

function isAt({ at }: Plan, head: Head): boolean {
  return at.revision === head.revision && at.epoch === head.epoch;
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
