/** Rounds of catching up: shared by who asks meanwhile, tried again when they fail, never stuck. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRounds } from "./rounds.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Rounds that end when they are told to. */
function world(onError: (organization: string, error: unknown) => void = () => undefined) {
  const begun: { readonly end: (error?: unknown) => void }[] = [];
  const once = () =>
    new Promise<void>((resolve, reject) => {
      begun.push({ end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { begun, rounds: createRounds(once, onError) };
}
const turns = () => vi.advanceTimersByTimeAsync(0);

describe("rounds", () => {
  it("run one after another, and one that waits is shared by all who ask meanwhile", async () => {
    const { begun, rounds } = world();
    const first = rounds.ask("o");
    await turns();
    const later = [rounds.ask("o"), rounds.ask("o")];
    expect(new Set(later).size).toBe(1);
    expect(begun.length).toBe(1);
    begun[0]?.end();
    await first;
    await turns();
    expect(begun.length).toBe(2);
    begun[1]?.end();
    await Promise.all(later);
  });

  it("of one organization wait for none of another's", async () => {
    const { begun, rounds } = world();
    void rounds.ask("o");
    void rounds.ask("p");
    await turns();
    expect(begun.length).toBe(2);
  });

  it("that fail are told, to who asked too, and tried again a second later until one works", async () => {
    const errors: unknown[] = [];
    const { begun, rounds } = world((_, error) => void errors.push(error));
    const asked = rounds.ask("o").catch((error: unknown) => error);
    await turns();
    begun[0]?.end("broken");
    expect(await asked).toBe("broken");
    await vi.advanceTimersByTimeAsync(1_000);
    begun[1]?.end("still broken");
    await vi.advanceTimersByTimeAsync(1_000);
    begun[2]?.end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([errors, begun.length]).toEqual([["broken", "still broken"], 3]);
  });

  it("go on when telling an error fails too", async () => {
    const { begun, rounds } = world(() => {
      throw new Error("no log");
    });
    rounds.ask("o").catch(() => undefined);
    await turns();
    begun[0]?.end("broken");
    await turns();
    const second = rounds.ask("o");
    await turns();
    begun[1]?.end();
    await second;
  });

  it("that are closed are not tried again", async () => {
    const { begun, rounds } = world();
    rounds.ask("o").catch(() => undefined);
    await turns();
    rounds.close();
    begun[0]?.end("broken");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(begun.length).toBe(1);
  });
});
