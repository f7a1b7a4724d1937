/** The threat model names, for everything that holds, the tests that show it: each of them is there. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./cli-server.ts";

/** A test across packages by its name, one beside its code by its file. */
const fileOf = (name: string): string => (name.endsWith(".test") ? `{tests,packages/*/src/**}/${name}.ts` : `tests/${name}.test.ts`);

it("Every defence of the threat model has a test that is there", () => {
  const rows = readFileSync(join(ROOT, "docs/threat-model.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (---|Who \|)/.test(line));
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    const names = [...(row.split("|").at(-2) as string).matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);
    expect(names, row).not.toEqual([]);
    for (const name of names) expect(globSync(fileOf(name), { cwd: ROOT }), `${name}: ${row}`).not.toEqual([]);
  }
});
