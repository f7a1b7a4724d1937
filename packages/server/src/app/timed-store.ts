/**
 * The store with a watch on it: how long each operation takes, how many writes wait, how many one commit made durable.
 *
 * A wrapper round the port, as every such thing is: the store knows nothing of it.
 * Invariant: what comes back is what the store gave; a watch that is broken is a bug, never an answer.
 */
import type { Store } from "../store/index.ts";

export type StoreWatch = {
  readonly stored: (operation: string, elapsedMs: number, ok: boolean) => void;
  readonly committed: (writes: number) => void;
};

type Timed =
  | "load"
  | "write"
  | "create"
  | "remove"
  | "changes"
  | "heads"
  | "read"
  | "list"
  | "changeSets"
  | "changeSet"
  | "history"
  | "origins"
  | "trimChanges"
  | "auditPage"
  | "auditLines"
  | "projectActivity"
  | "verifyAudit";

/** `waiting`: writes that were asked for and have not ended. */
export function timedStore(store: Store, watch: StoreWatch): { readonly store: Store; readonly waiting: () => number } {
  let waiting = 0;
  const timed = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    let ok = false;
    try {
      const result = await work();
      ok = true;
      return result;
    } finally {
      watch.stored(operation, performance.now() - startedMs, ok);
    }
  };
  const committed = groupCounter(watch.committed);
  const write = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
    waiting += 1;
    try {
      const result = await timed(operation, work);
      committed();
      return result;
    } finally {
      waiting -= 1;
    }
  };
  const wrapped: Pick<Store, Timed> = {
    async *load(org) {
      const startedMs = performance.now();
      let ok = false;
      try {
        yield* store.load(org);
        ok = true;
      } finally {
        watch.stored("load", performance.now() - startedMs, ok);
      }
    },
    write: (org, work) => write("write", () => store.write(org, work)),
    create: (org, work) => write("create", () => store.create(org, work)),
    remove: (org, at, note) => write("remove", () => store.remove(org, at, note)),
    changes: (org, after, max) => timed("changes", () => store.changes(org, after, max)),
    heads: (orgs) => timed("heads", () => store.heads(orgs)),
    read: (org, kind, key) => timed("read", () => store.read(org, kind, key)),
    list: (org, query) => timed("list", () => store.list(org, query)),
    changeSets: (org, before, max) => timed("change_sets", () => store.changeSets(org, before, max)),
    changeSet: (org, which) => timed("change_set", () => store.changeSet(org, which)),
    history: (org, of, page) => timed("history", () => store.history(org, of, page)),
    origins: (org, kind, keys) => timed("origins", () => store.origins(org, kind, keys)),
    trimChanges: (org, keep) => timed("trim_changes", () => store.trimChanges(org, keep)),
    auditPage: (org, after, max) => timed("audit_page", () => store.auditPage(org, after, max)),
    auditLines: (org, before, max) => timed("audit_lines", () => store.auditLines(org, before, max)),
    projectActivity: (org, before, max) => timed("project_activity", () => store.projectActivity(org, before, max)),
    verifyAudit: (org) => timed("verify_audit", () => store.verifyAudit(org)),
  };
  return { store: over(store, wrapped), waiting: () => waiting };
}

/** Writes of one commit resolve in one turn of the loop, before anything else runs: those of a turn are a group. */
function groupCounter(tell: (writes: number) => void): () => void {
  let writes = 0;
  return () => {
    writes += 1;
    if (writes > 1) return;
    process.nextTick(() => {
      const group = writes;
      writes = 0;
      tell(group);
    });
  };
}

/** The store with some of its operations replaced; a store may be an object of a class, whose methods need their own `this`. */
function over(store: Store, wrapped: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own = (wrapped as Record<string | symbol, unknown>)[name];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
