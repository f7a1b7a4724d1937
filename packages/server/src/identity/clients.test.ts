/** Clients and their secrets: two at most, told once, and no word about which half of a wrong credential was wrong. */
import type { PrincipalType } from "@reeve/core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { memoryStore } from "../store/memory/memory-store.ts";
import { createClients } from "./clients.ts";

const NOTE = { actor: { type: "user", id: "ada" }, action: "test", target: "/", requestId: "r" };
const AT = { actor: { type: "user", id: "ada" }, requestId: "r", target: "developer-projects/shop/credential" };
const BOT = { org: "acme", principal: "bot" };

async function world() {
  const store = memoryStore();
  await store.create("acme", (tx) => {
    for (const id of ["bot", "other"]) tx.put({ kind: "principal", value: { id, type: "service-account", active: true } });
    tx.audit(NOTE);
  });
  let nowMs = 1_000_000;
  let type: PrincipalType | undefined = "service-account";
  const clients = createClients({ items: store.items, clock: () => nowMs, principals: () => type });
  const id = (await clients.createClient(BOT, AT)) as string;
  const secretOf = async (asked = {}) => {
    const made = await clients.addSecret(id, asked, AT);
    if (!made.ok) throw new Error(made.error.code);
    return { secret: made.value.secret, ...made.value.told };
  };
  const isLetIn = async (secret: string, client = id) => (await clients.authenticateClient(client, secret)) !== undefined;
  return {
    store,
    clients,
    id,
    secretOf,
    isLetIn,
    pass: (ms: number) => {
      nowMs += ms;
    },
    become: (next: PrincipalType | undefined) => {
      type = next;
    },
  };
}

describe("a client", () => {
  it("is one for a service account, however often it is made, and another for another", async () => {
    const { clients, id } = await world();
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await Promise.all([clients.createClient(BOT, AT), clients.createClient(BOT, AT), clients.clientOf(BOT)])).toEqual([id, id, id]);
    expect(await clients.createClient({ ...BOT, principal: "other" }, AT)).not.toBe(id);
  });

  it("is not made for a principal or an organization that is not there", async () => {
    const { clients } = await world();
    expect(await clients.createClient({ org: "acme", principal: "nobody" }, AT)).toBeUndefined();
    expect(await clients.createClient({ org: "none", principal: "bot" }, AT)).toBeUndefined();
  });

  it("ends with the life of its service account, and the next life has another", async () => {
    const { store, clients, id, secretOf, isLetIn } = await world();
    const { secret } = await secretOf();
    await store.write("acme", (tx) => {
      tx.delete("principal", ["bot"]);
      tx.audit(NOTE);
    });
    expect([await isLetIn(secret), await clients.clientOf(BOT), await clients.secrets(id)]).toEqual([false, undefined, []]);
    expect(await clients.addSecret(id, {}, AT)).toEqual({ ok: false, error: { code: "unknown_client" } });
  });

  it("that is deleted takes its secrets along, and is gone the second time", async () => {
    const { clients, id, secretOf, isLetIn } = await world();
    const { secret } = await secretOf();
    expect([await clients.deleteClient(BOT, AT), await clients.deleteClient(BOT, AT)]).toEqual([true, false]);
    expect([await isLetIn(secret), await clients.secrets(id)]).toEqual([false, []]);
    expect(await clients.createClient(BOT, AT)).not.toBe(id);
  });
});

describe("a client secret", () => {
  it("has 256 random bits, is told once, and is kept as a hash alone", async () => {
    const { store, clients, id, secretOf, isLetIn } = await world();
    const { secret, ...told } = await secretOf({ name: "production" });
    expect(secret).toMatch(/^rvs_[\w-]{43}$/);
    expect(told).toEqual({ id: expect.any(String), name: "production", createdMs: 1_000_000 });
    expect(await clients.secrets(id)).toEqual([told]);
    expect(JSON.stringify(await store.items.list({ kind: "client-secret" }, undefined, 10))).not.toContain(secret.slice(4));
    expect(await clients.authenticateClient(id, secret)).toEqual({ id, ...BOT });
    expect(await isLetIn((await secretOf()).secret)).toBe(true);
  });

  it("lets nobody in who changes, shortens, lengthens or shows it to another client", async () => {
    const { clients, id, secretOf, isLetIn } = await world();
    const { secret } = await secretOf();
    const other = (await clients.createClient({ ...BOT, principal: "other" }, AT)) as string;
    const hash = Buffer.from(secret).toString("hex");
    for (const wrong of [
      "",
      " ",
      secret.slice(1),
      secret.slice(0, -1),
      `${secret}x`,
      secret.toUpperCase(),
      ` ${secret}`,
      hash,
      "x".repeat(100_000),
      "\0",
    ])
      expect(await isLetIn(wrong), wrong.slice(0, 60)).toBe(false);
    for (const client of [other, "", "0".repeat(32), id.toUpperCase(), `${id}x`, "__proto__", "\0", "x".repeat(100_000)])
      expect(await isLetIn(secret, client), client.slice(0, 60)).toBe(false);
  });

  it("that is wrong costs the store what an unknown client costs it", async () => {
    const { store, secretOf, id } = await world();
    const { secret } = await secretOf();
    const asked: string[] = [];
    const items: typeof store.items = {
      find: async (kind, one) => {
        const found = await store.items.find(kind, one);
        asked.push(`find ${kind}: ${found === undefined ? 0 : 1}`);
        return found;
      },
      list: async (filter, after, max) => {
        const found = await store.items.list(filter, after, max);
        asked.push(`list ${filter.kind} ${max}: ${found.length}`);
        return found;
      },
      write: (work) => {
        asked.push("write");
        return store.items.write(work);
      },
      trim: (beforeMs, max) => store.items.trim(beforeMs, max),
    };
    const clients = createClients({ items, clock: () => 1_000_000, principals: () => "service-account" });
    const costs = async (client: string, shown: string): Promise<readonly string[]> => {
      asked.length = 0;
      expect(await clients.authenticateClient(client, shown)).toBeUndefined();
      return [...asked].sort();
    };
    // Of both sorts one, whoever is asked for: what is there takes longer to read.
    const looks = ["find client: 0", "find client: 1", "list client-secret 4: 0", "list client-secret 4: 1"];
    for (const [client, shown] of [
      [id, `${secret}x`],
      [id, ""],
      ["e".repeat(32), secret],
      ["f".repeat(32), secret],
      ["nobody", secret],
      ["", ""],
    ] as const)
      expect(await costs(client, shown)).toEqual(looks);
  });

  it("is one of two at most that are valid, even where many are made at once", async () => {
    const { clients, id, secretOf } = await world();
    const made = await Promise.all(Array.from({ length: 8 }, () => clients.addSecret(id, {}, AT)));
    expect(made.filter(({ ok }) => ok)).toHaveLength(2);
    expect(made.filter((one) => !one.ok && one.error.code === "too_many_secrets")).toHaveLength(6);
    const [first] = await clients.secrets(id);
    expect(await clients.deleteSecret(id, first?.id as string, AT)).toBe(true);
    await secretOf();
    expect(await clients.addSecret(id, {}, AT)).toMatchObject({ ok: false });
  });

  it("that expired counts no more, neither for the client nor among the two", async () => {
    const { clients, id, secretOf, isLetIn, pass } = await world();
    const { secret } = await secretOf({ expiresMs: 1_001_000 });
    await secretOf();
    pass(999);
    expect([await isLetIn(secret), (await clients.addSecret(id, {}, AT)).ok]).toEqual([true, false]);
    pass(1);
    expect([await isLetIn(secret), (await clients.secrets(id)).length]).toEqual([false, 2]);
    await secretOf();
    expect(await clients.secrets(id)).toHaveLength(2);
    expect((await clients.addSecret(id, {}, AT)).ok).toBe(false);
  });

  it("that was deleted lets nobody in from then on, and is deleted once and by its own client", async () => {
    const { clients, id, secretOf, isLetIn } = await world();
    const made = await secretOf();
    const other = (await clients.createClient({ ...BOT, principal: "other" }, AT)) as string;
    expect([await clients.deleteSecret(other, made.id, AT), await isLetIn(made.secret)]).toEqual([false, true]);
    expect([await clients.deleteSecret(id, made.id, AT), await clients.deleteSecret(id, made.id, AT)]).toEqual([true, false]);
    expect(await isLetIn(made.secret)).toBe(false);
  });

  it.each([undefined, "group", "user"] as const)("lets nobody in while its principal is %j", async (type) => {
    const { secretOf, isLetIn, become } = await world();
    const { secret } = await secretOf();
    become(type);
    expect(await isLetIn(secret)).toBe(false);
    become("service-account");
    expect(await isLetIn(secret)).toBe(true);
  });

  it("shows its last use, to the minute, and a use never brings back one that was deleted", async () => {
    const { clients, id, secretOf, isLetIn, pass } = await world();
    const made = await secretOf();
    const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
    const lastUsed = async () => (await clients.secrets(id))[0]?.lastUsedMs;
    await isLetIn(made.secret);
    await settled();
    pass(59_999);
    await isLetIn(made.secret);
    await settled();
    expect(await lastUsed()).toBe(1_000_000);
    pass(1);
    await isLetIn(made.secret);
    await settled();
    expect(await lastUsed()).toBe(1_060_000);
    pass(60_000);
    await Promise.all([clients.authenticateClient(id, made.secret), clients.deleteSecret(id, made.id, AT)]);
    await settled();
    expect(await clients.secrets(id)).toEqual([]);
  });
});

describe("a refusal", () => {
  it("comes at one time, whatever was looked up before: for a known client, an unknown one, and a secret of no form", async () => {
    const { clients, id, secretOf } = await world();
    await secretOf();
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    for (const [client, secret] of [
      [id, "wrong"],
      ["0".repeat(32), "wrong"],
      ["no client", ""],
    ] as const) {
      const heard: unknown[] = [];
      void clients.authenticateClient(client, secret).then((told) => heard.push(told));
      await vi.advanceTimersByTimeAsync(4);
      expect(heard).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(heard).toEqual([undefined]);
    }
  });
});
