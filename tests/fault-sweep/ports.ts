/**
 * The ports of a server with somebody between: every method of what `Wiring` hands over, of the store, its tokens, its items, its
 * transactions and the metrics, and every function that is handed to them.
 *
 * The tables below say what else each of them may answer that is no answer: another organization's data, an older head, a page too few.
 * Invariant: the tables are complete by their types: a method that is new does not compile until it is here.
 */
import { type Store, WIRING, type Wiring } from "@reeve/server";
import { ANYTHING, Broken, type Faults, type Rubbish } from "./fault.ts";
import { RICH } from "./world.ts";

type Tokens = Store["tokens"];
type Items = Store["items"];
type Metrics = ReturnType<Wiring["createMetrics"]>;
type Work = Parameters<Store["write"]>[1];
type Transaction = Parameters<Work>[0];
type ItemWork = Parameters<Items["write"]>[0];
type ItemTransaction = Parameters<ItemWork>[0];
type Page = Store["load"] extends (org: string) => AsyncIterable<infer One> ? One : never;
type Head = Page["head"];
type Batch = Awaited<ReturnType<Store["changes"]>>;
type Methods<Port> = Readonly<Record<keyof Port, readonly Rubbish[]>>;

/** What a rich organization would have answered. */
export type Rich = {
  readonly pages: readonly Page[];
  readonly batch: Batch;
  readonly head: Head;
  readonly token: unknown;
  /** Tokens of its principals, as a list would have them. */
  readonly tokens: readonly unknown[];
  readonly object: unknown;
  readonly list: unknown;
  readonly sets: unknown;
  readonly event: unknown;
  readonly events: unknown;
};

export async function richOf(store: Store): Promise<Rich> {
  const pages: Page[] = [];
  for await (const page of store.load(RICH)) pages.push(page);
  const { head } = pages[0] as Page;
  return {
    pages,
    head,
    batch: await store.changes(RICH, { ...head, revision: 1 }, 10),
    token: { hash: new Uint8Array(32), kind: "administrator", ceiling: "admin", createdMs: 1 },
    tokens: await store.tokens.list({ org: RICH }, undefined, 10),
    object: await store.read(RICH, "principal", ["dan"]),
    list: await store.list(RICH, { kind: "grant", filter: {}, sort: "key", max: 10 }),
    sets: await store.changeSets(RICH, undefined, 10),
    event: await store.changeSet(RICH, { revision: 2 }),
    events: await store.history(RICH, { kind: "principal", key: ["dan"] }, { max: 10 }),
  };
}

/** A copy with other members, where there is something to copy. */
const but =
  (members: (real: Record<string, unknown>) => object): Rubbish =>
  (real) => {
    if (typeof real !== "object" || real === null) return "rubbish";
    return { ...real, ...members(real as Record<string, unknown>) };
  };
const headBut = (head: (real: Head) => object): Rubbish =>
  but(({ head: real }) => ({ head: { ...(real as Head), ...head(real as Head) } }));
const OTHER_HEADS: readonly Rubbish[] = [
  headBut(({ revision }) => ({ revision: revision - 1 })),
  headBut(({ revision }) => ({ revision: revision + 1 })),
  headBut(() => ({ revision: -1 })),
  headBut(() => ({ epoch: "another" })),
];

/** Of a page of a load. */
const pageRubbish = ({ pages }: Rich): readonly Rubbish[] => [
  ...ANYTHING,
  ...OTHER_HEADS,
  () => pages[0],
  but(() => ({ records: pages[0]?.records })),
  but(() => ({ records: [] })),
  but(() => ({ records: [], total: undefined })),
  but(({ records }) => ({ records: (records as readonly { kind: string }[]).filter(({ kind }) => kind !== "policy") })),
  but(() => ({ records: [undefined] })),
];

const storeRubbish = ({ batch, head, pages, ...rich }: Rich) =>
  ({
    load: [...ANYTHING, () => pages],
    write: [...ANYTHING, ...OTHER_HEADS, but(() => ({ applied: -1 })), but(() => ({ applied: 0 })), but(() => ({ head }))],
    remove: [...ANYTHING, () => rich.event],
    create: [...ANYTHING, () => ({ ok: true, value: { head, applied: 1, changeSet: "x" } }), () => ({ ok: false, error: {} })],
    changes: [
      ...ANYTHING,
      ...OTHER_HEADS,
      () => batch,
      () => ({ kind: "reload" }),
      but(() => ({ sets: [] })),
      but(({ head: at }) => ({ sets: [], head: { ...(at as Head), revision: 99 } })),
      but(({ sets, head: at }) => ({ sets: [...(sets as []), { revision: (at as Head).revision + 1, changes: [undefined] }] })),
      but(({ head: at }) => ({
        sets: batch.kind === "changes" ? batch.sets.map((set) => ({ ...set, revision: (at as Head).revision + 2 })) : [],
      })),
    ],
    heads: [...ANYTHING, () => new Map([[RICH, head]]), () => new Map([["x", -1]])],
    organizations: [...ANYTHING, () => ({ ids: [RICH], next: RICH })],
    read: [...ANYTHING, ...OTHER_HEADS, () => rich.object, but(() => ({ object: undefined }))],
    list: [...ANYTHING, ...OTHER_HEADS, () => rich.list, but(() => ({ objects: [undefined] })), but(() => ({ next: [7] }))],
    changeSets: [...ANYTHING, () => rich.sets, () => [undefined]],
    changeSet: [...ANYTHING, () => rich.event, but(() => ({ changes: [undefined] }))],
    history: [...ANYTHING, () => rich.events, () => [undefined]],
    origins: [...ANYTHING, () => [{ created: 7 }], () => [undefined, undefined, undefined]],
    secret: [...ANYTHING, () => new Uint8Array(31)],
    subscribe: [],
    trimChanges: ANYTHING,
    auditPage: ANYTHING,
    auditLines: [...ANYTHING, () => ({ lines: [undefined] }), () => ({ lines: [], next: { period: -1, seq: 0 } })],
    projectActivity: [...ANYTHING, () => ({ events: [undefined] }), () => ({ events: [rich.event], next: { period: -1, seq: 0 } })],
    erasePerson: ANYTHING,
    verifyAudit: ANYTHING,
    health: ANYTHING,
    close: ANYTHING,
  }) as const satisfies Methods<Omit<Store, "tokens" | "items">>;
const tokensRubbish = ({ token, tokens }: Rich) =>
  ({
    find: [
      ...ANYTHING,
      () => token,
      but(() => ({ hash: new Uint8Array(31) })),
      but(() => ({ kind: 7 })),
      but(() => ({ org: RICH })),
      but(() => ({ principal: "fay" })),
    ],
    put: ANYTHING,
    list: [...ANYTHING, () => [token, { kind: "principal" }], () => tokens],
    delete: ANYTHING,
    used: ANYTHING,
  }) as const satisfies Methods<Tokens>;
/** What is found under a name, and that nothing is, the store alone knows: another's name or kind is no answer, another value is believed. */
const ITEMS_RUBBISH = {
  find: [...ANYTHING.slice(1), but(() => ({ id: "another" })), but(() => ({ kind: "another" })), but(() => ({ value: null }))],
  list: [...ANYTHING, () => [{ kind: "another", id: "x", value: {} }]],
  write: ANYTHING,
  trim: ANYTHING,
} as const satisfies Methods<Items>;
const ITEM_TX_RUBBISH = {
  find: ANYTHING.slice(1),
  list: ANYTHING,
  put: ANYTHING,
  delete: ANYTHING,
  audit: ANYTHING,
} as const satisfies Methods<ItemTransaction>;
const TX_RUBBISH = {
  head: [...ANYTHING, but(({ revision }) => ({ revision: (revision as number) - 1 })), but(() => ({ epoch: "another" }))],
  put: ANYTHING,
  delete: ANYTHING,
  audit: ANYTHING,
  expect: ANYTHING,
  expectLast: ANYTHING,
  once: ANYTHING,
} as const satisfies Methods<Transaction>;
const METRICS_RUBBISH = {
  decided: ANYTHING,
  observe: ANYTHING,
  closed: ANYTHING,
  stored: ANYTHING,
  committed: ANYTHING,
  text: ANYTHING,
  contentType: [],
} as const satisfies Methods<Metrics>;
const WIRED_RUBBISH = {
  openStore: ANYTHING,
  clock: [...ANYTHING, () => Number.POSITIVE_INFINITY, () => "1", () => new Date()],
  newId: [...ANYTHING, () => "", () => "two\r\nlines", () => "x".repeat(10_000)],
  newNonce: ANYTHING,
  readCatalogue: ANYTHING,
  readReference: ANYTHING,
  openMail: ANYTHING,
  log: [],
  createMetrics: ANYTHING,
  limits: [],
  storeMs: [],
  certificateMs: [],
  passwordCost: [],
} as const satisfies Methods<Wiring>;

/** Every key, and how many kinds of rubbish it has. `isAsked`: its answer is awaited, so that it may hang. */
export type Port = { readonly rubbish: readonly Rubbish[]; readonly isAsked: boolean };

/** Methods that answer at once. */
const AT_ONCE: readonly string[] = ["store.load", "store.subscribe", "store.health"];
/** What is handed to the store, and called by it. */
const CALLED_BACK = {
  "work of write": [...ANYTHING],
  "work of create": [...ANYTHING],
  "work of items": [...ANYTHING],
  wake: [() => undefined],
} as const satisfies Readonly<Record<string, readonly Rubbish[]>>;

export function portsOf(rich: Rich): ReadonlyMap<string, Port> {
  const all = new Map<string, Port>();
  const add = (prefix: string, methods: Readonly<Record<string, readonly Rubbish[]>>, isAsked: (key: string) => boolean): void => {
    for (const [name, rubbish] of Object.entries(methods)) all.set(prefix + name, { rubbish, isAsked: isAsked(prefix + name) });
  };
  add("store.", storeRubbish(rich), (key) => !AT_ONCE.includes(key));
  add("page of ", { load: pageRubbish(rich) }, () => true);
  add("tokens.", tokensRubbish(rich), () => true);
  add("items.", ITEMS_RUBBISH, () => true);
  add("tx.", TX_RUBBISH, () => false);
  add("item tx.", ITEM_TX_RUBBISH, () => false);
  add("metrics.", METRICS_RUBBISH, (key) => key === "metrics.text");
  add("wired.", WIRED_RUBBISH, () => false);
  add("", { ...CALLED_BACK, "log.write": ANYTHING }, () => false);
  add("mail.", { post: ANYTHING }, () => true);
  return all;
}

type Between = (key: string, work: () => unknown) => unknown;

/** An object of which every method passes by `between`. */
function over<Port extends object>(port: Port, prefix: string, between: Between): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      const key = `${prefix}${String(name)}`;
      if (typeof member !== "function") return member;
      return (...given: unknown[]) => between(key, () => Reflect.apply(member, target, given));
    },
  });
}

/**
 * What goes on beside the server: `losesWakes`: it hears of no commit; `beforeWrite`: done once, before its next write, by a writer that
 * it does not know. `aheadMs`: its clock before the machine's. `mails`: the last letter of each address.
 */
export type Beside = {
  losesWakes: boolean;
  beforeWrite: (() => unknown) | undefined;
  aheadMs: number;
  readonly mails: Map<string, string>;
};
/** The mail server refuses addresses that begin so. */
export const REFUSED = "refused-";
export type Parts = { readonly faults: Faults; readonly ports: ReadonlyMap<string, Port>; readonly beside: Beside };

/** The wiring of a server whose every port may break. */
export function faultyWiring(store: Store, { faults, ports, beside }: Parts): Partial<Wiring> {
  const by: Between = (key, work) => faults.call(key, { work, ...(ports.get(key) as Port) });
  return {
    openStore: () => by("wired.openStore", () => faultyStore(store, by, beside)) as Store,
    clock: () => by("wired.clock", () => Date.now() + beside.aheadMs) as number,
    newId: () => by("wired.newId", WIRING.newId) as string,
    newNonce: () => by("wired.newNonce", WIRING.newNonce) as string,
    readCatalogue: (name) => by("wired.readCatalogue", () => WIRING.readCatalogue(name)),
    readReference: (name) => by("wired.readReference", () => WIRING.readReference(name)) as string,
    openMail: () =>
      by("wired.openMail", () => (letter: Letter) => by("mail.post", () => post(letter, beside))) as ReturnType<Wiring["openMail"]>,
    log: { write: () => by("log.write", () => undefined) },
    createMetrics: (watched) => by("wired.createMetrics", () => over(WIRING.createMetrics(watched), "metrics.", by)) as Metrics,
  };
}

type Letter = Parameters<ReturnType<Wiring["openMail"]>>[0];

async function post({ to, text }: Letter, { mails }: Beside): Promise<void> {
  if (to.startsWith(REFUSED)) throw new Error("550 no such mailbox");
  mails.set(to, text);
}

function faultyStore(store: Store, by: Between, beside: Beside): Store {
  const tokens = over(store.tokens, "tokens.", by);
  const transaction = (tx: Transaction): Transaction => ({
    get head() {
      return by("tx.head", () => tx.head) as Head;
    },
    put: (rec) => void by("tx.put", () => tx.put(rec)),
    delete: (kind, key) => void by("tx.delete", () => tx.delete(kind, key)),
    audit: (note) => void by("tx.audit", () => tx.audit(note)),
    expect: (kind, key, revision) => void by("tx.expect", () => tx.expect(kind, key, revision)),
    expectLast: (kind, key, revision) => void by("tx.expectLast", () => tx.expectLast(kind, key, revision)),
    once: (key, fingerprint) => void by("tx.once", () => tx.once(key, fingerprint)),
  });
  const working =
    (key: string, work: Work): Work =>
    (tx) =>
      by(key, () => work(transaction(tx)));
  const items: Items = new Proxy(over(store.items, "items.", by), {
    get: (target, name) => {
      if (name !== "write") return Reflect.get(target, name);
      return (work: ItemWork) => target.write((tx) => by("work of items", () => work(over(tx, "item tx.", by))));
    },
  });
  const own: Partial<Store> = {
    tokens,
    items,
    load: (org) => by("store.load", () => pagesOf(store.load(org), by)) as AsyncIterable<Page>,
    write: (org, work) => {
      beside.beforeWrite?.();
      beside.beforeWrite = undefined;
      const write = () => store.write(org, working("work of write", work as Work));
      return by("store.write", write) as ReturnType<typeof store.write<never>>;
    },
    create: (org, work) =>
      by("store.create", () => store.create(org, working("work of create", work as Work))) as ReturnType<typeof store.create<never>>,
    subscribe: (wake) =>
      by("store.subscribe", () =>
        store.subscribe((org) => {
          if (beside.losesWakes) return;
          try {
            by("wake", () => wake(org));
          } catch (error) {
            // Lost: the listener was never called.
            if (!(error instanceof Broken)) throw error;
          }
        }),
      ) as () => void,
  };
  const rest = over(store, "store.", by);
  return new Proxy(store, { get: (_, name) => Reflect.get(own, name) ?? Reflect.get(rest, name) });
}

async function* pagesOf(pages: AsyncIterable<Page>, by: Between): AsyncIterable<Page> {
  for await (const page of pages) yield (await by("page of load", () => Promise.resolve(page))) as Page;
}
