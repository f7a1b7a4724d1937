/** The gate at every place where the server waits: what was awaited there is thrown away and replaced by the fault. */
import { ANYTHING, Broken, type Faults } from "./fault.ts";
import { GATE } from "./sites.ts";

export function closeGates(faults: Faults): void {
  Reflect.set(globalThis, GATE, (place: string, isIterated: boolean, value: unknown): unknown => {
    if (isIterated) return each(faults, place, value as AsyncIterable<unknown>);
    const how = faults.passing(place);
    if (how === undefined) return value;
    // What the call itself comes to must not become a rejection that nobody handles.
    Promise.resolve(value).catch(() => undefined);
    if (how === "throw") return Promise.reject(new Broken());
    if (how === "hang") return new Promise(() => undefined);
    return Promise.resolve(ANYTHING[Number(how.slice("rubbish ".length))]?.(value));
  });
}

async function* each(faults: Faults, place: string, values: AsyncIterable<unknown>): AsyncIterable<unknown> {
  for await (const value of values) {
    const how = faults.passing(place);
    if (how === "throw") throw new Broken();
    if (how === "hang") await new Promise(() => undefined);
    yield how === undefined ? value : ANYTHING[Number(how.slice("rubbish ".length))]?.(value);
  }
}
