/** Retention's sweep in the background: whatever fails in it is told, and the next sweep is made all the same. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Store } from "./index.ts";
import { memoryStore } from "./memory/memory-store.ts";
import { startRetention } from "./retention.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const HOUR_MS = 3_600_000;

async function sweptWith(
  members: Partial<Store>,
  clock: () => number = () => 1,
): Promise<{ readonly errors: unknown[]; readonly trims: number }> {
  const errors: unknown[] = [];
  let trims = 0;
  const store = memoryStore();
  await store.create("o", (tx) => tx.audit({ actor: { type: "user", id: "a" }, action: "test", target: "o", requestId: "r" }));
  const own: Partial<Store> = {
    organizations: (cursor, max) => store.organizations(cursor, max),
    trimChanges: async () => {
      trims += 1;
      return 0;
    },
    items: store.items,
    ...members,
  };
  const job = startRetention(own as Store, { clock, onError: (error) => void errors.push(error) });
  await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
  await job.stop();
  return { errors, trims };
}
const broken = async (): Promise<never> => {
  throw new Error("broken");
};

describe("retention", () => {
  it("sweeps a minute after the start and every hour", async () => {
    expect(await sweptWith({})).toEqual({ errors: [], trims: 3 });
  });

  it("forgets items a day after they expired, a thousand at a time until there are no more", async () => {
    const asked: (readonly [beforeMs: number, max: number])[] = [];
    const left = [1_000, 1_000, 7];
    const trim = async (...of: readonly [number, number]): Promise<number> => {
      asked.push(of);
      return left[asked.length - 1] ?? 0;
    };
    expect(await sweptWith({ items: { trim } as unknown as Store["items"] }, () => 25 * HOUR_MS)).toMatchObject({ errors: [] });
    expect(asked).toEqual(Array.from({ length: 5 }, () => [HOUR_MS, 1_000]));
  });

  it.each([
    ["the list of organizations fails", { organizations: broken }, undefined],
    ["it answers nothing", { organizations: async () => undefined as never }, undefined],
    ["forgetting items fails", { items: { trim: broken } as unknown as Store["items"] }, undefined],
    ["trimming fails", { trimChanges: broken }, undefined],
    [
      "the clock fails",
      {},
      () => {
        throw new Error("broken");
      },
    ],
  ] as const)("tells it when %s, and tries again the next hour", async (_, members, clock) => {
    expect((await sweptWith(members, clock)).errors.length).toBe(3);
  });
});
