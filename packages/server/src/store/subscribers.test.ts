import { expect, it, onTestFinished } from "vitest";
import { Subscribers } from "./subscribers.ts";

it("calls every listener even when one throws, and the throw is not lost", async () => {
  const thrown: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.once("uncaughtException", (error) => thrown.push(error));
  onTestFinished(() => {
    for (const listener of listeners) process.on("uncaughtException", listener);
  });
  const subscribers = new Subscribers();
  const woken: string[] = [];
  subscribers.add(() => {
    throw new RangeError("listener");
  });
  subscribers.add((org) => woken.push(org));
  subscribers.wake(["a"]);
  expect(woken).toEqual(["a"]);
  await new Promise(setImmediate);
  expect(thrown).toEqual([new RangeError("listener")]);
});
