/**
 * Planted faults: the engine with one line wrong, compared with the reference evaluator (`reference/comparison.ts`). Each must be
 * caught within REEVE_FAULT_CASES questions (100,000 by default), or the comparison proves less than it says.
 *
 * A fault replaces one text in a copy of the core package. A text that is not there exactly once fails the test, so that no fault
 * rots while the engine moves on. Invariant: the copy without a fault agrees, so that only the fault can be what is caught.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAULTS } from "./planted-faults.ts";
import { compare } from "./reference/comparison.ts";

const CASES = Number(process.env["REEVE_FAULT_CASES"] ?? 100_000);
const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 30);
const TIMEOUT_MS = 120_000 + CASES * 5;
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

describe("a planted fault", () => {
  let copy = "";
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "reeve-planted-"));
    for (const part of ["package.json", "src"]) cpSync(join(ROOT, "packages/core", part), join(copy, part), { recursive: true });
    // Node strips no types below a folder of this name, so the copy stands beside it and only finds its library through it.
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"), "dir");
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it("is what is caught: without one the copy agrees", { timeout: TIMEOUT_MS }, async () => {
    for (const mode of ["answers", "changes"] as const)
      expect((await compare({ mode, seed: SEED, cases: 2_000, engine: copy })).disagreement).toBeUndefined();
  });

  it.each(Object.entries(FAULTS))(`of the engine is caught: %s (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, async (_, fault) => {
    const file = join(copy, "src/engine", `${fault.in}.ts`);
    const whole = readFileSync(file, "utf8");
    expect(whole.split(fault.text).length - 1, `${fault.in}.ts holds this text once: ${fault.text}`).toBe(1);
    // A function, because in a text `$` would have a meaning.
    writeFileSync(
      file,
      whole.replace(fault.text, () => fault.instead),
    );
    try {
      const outcome = await compare({ mode: fault.mode ?? "answers", seed: SEED, cases: CASES, engine: copy });
      expect(outcome.disagreement, `within ${outcome.cases} questions`).toBeDefined();
    } finally {
      writeFileSync(file, whole);
    }
  });
});
