/** The watched store is a store like the one in it, and what it did is counted. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../store/memory/memory-store.ts";
import { timedStore } from "./timed-store.ts";

const note = { actor: { type: "user", id: "ada" }, action: "a", target: "t", requestId: "r" };
function watched() {
  const seen: string[] = [];
  const groups: number[] = [];
  const timed = timedStore(memoryStore(), {
    stored: (operation, elapsedMs, ok) => seen.push(`${operation} ${ok} ${elapsedMs >= 0}`),
    committed: (writes) => groups.push(writes),
  });
  return { ...timed, seen, groups };
}

describe("a watched store", () => {
  it("gives what the store gives, and tells each operation, its time and whether it went well", async () => {
    const { store, seen, waiting } = watched();
    const creating = store.create("acme", (tx) => tx.audit(note));
    expect(waiting()).toBe(1);
    expect(await creating).toMatchObject({ ok: true });
    await store.write("acme", (tx) => {
      tx.put({ kind: "label", value: { id: "custom/a" } } as never);
      tx.audit(note);
    });
    await expect(store.write("none", () => undefined)).rejects.toMatchObject({ code: "organization_unknown" });
    const pages = [];
    for await (const page of store.load("acme")) pages.push(page);
    expect(pages[0]?.records).toHaveLength(1);
    expect([...(await store.heads(["acme"])).keys()]).toEqual(["acme"]);
    expect([waiting(), store.health().writes]).toEqual([0, "taken"]);
    expect(seen).toEqual(["create true true", "write true true", "write false true", "load true true", "heads true true"]);
    expect(await store.tokens.list({}, undefined, 1)).toEqual([]);
    expect(await store.items.list({ kind: "x" }, undefined, 1)).toEqual([]);
    expect(await store.remove("acme", (await store.heads(["acme"])).get("acme") ?? { revision: 0, epoch: "" }, note)).toBeDefined();
    expect(seen.at(-1)).toBe("remove true true");
    await store.close();
  });

  it("ends a load that is left early, so that its read transaction ends", async () => {
    const { store, seen } = watched();
    await store.create("acme", (tx) => tx.audit(note));
    for await (const _ of store.load("acme")) break;
    expect(seen.at(-1)).toBe("load false true");
  });

  it("counts the writes that became durable together", async () => {
    const { store, groups } = watched();
    await store.create("acme", (tx) => tx.audit(note));
    await Promise.all(Array.from({ length: 5 }, () => store.write("acme", (tx) => tx.audit(note))));
    await new Promise((resolve) => setImmediate(resolve));
    expect(groups.reduce((sum, writes) => sum + writes, 0)).toBe(6);
  });
});
