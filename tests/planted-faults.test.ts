/** The planted faults (`planted-faults.ts`) fit the engine as it stands, long before the proofs plant them. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FAULTS } from "./planted-faults.ts";

it.each(Object.entries(FAULTS))("the engine holds the text of a planted fault once: %s", (_, fault) => {
  const file = readFileSync(new URL(`../packages/core/src/engine/${fault.in}.ts`, import.meta.url), "utf8");
  expect(file.split(fault.text).length - 1, fault.text).toBe(1);
  expect(fault.instead).not.toBe(fault.text);
});
