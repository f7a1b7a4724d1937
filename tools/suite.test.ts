import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./steps.ts";
import { count, sum } from "./suite.ts";

const file = (name: string, status: string, tests: readonly string[]) => ({
  name: join(ROOT, name),
  status,
  assertionResults: tests.map((result, index) => ({ fullName: `test ${index}`, status: result })),
});

describe("a suite's tally", () => {
  it("counts passes and failures by test", () => {
    expect(count({ testResults: [file("a.test.ts", "failed", ["passed", "failed", "passed"])] }, [])).toEqual({
      passed: 2,
      failed: 1,
      skips: [],
    });
  });

  it("counts a file that broke before its first test as a failure", () => {
    expect(count({ testResults: [file("a.test.ts", "failed", [])] }, []).failed).toBe(1);
  });

  it("tells a skip with the reason that its file noted", () => {
    const notes = [{ file: join(ROOT, "a.test.ts"), why: "no browser" }];
    const { skips } = count({ testResults: [file("a.test.ts", "passed", ["skipped"]), file("b.test.ts", "passed", ["todo"])] }, notes);
    expect(skips).toEqual([
      { file: "a.test.ts", title: "test 0", why: "no browser" },
      { file: "b.test.ts", title: "test 0", why: "no reason noted" },
    ]);
  });

  it("sums up", () => {
    const skip = { file: "a", title: "b", why: "c" };
    expect(
      sum([
        { passed: 1, failed: 2, skips: [skip] },
        { passed: 3, failed: 0, skips: [] },
      ]),
    ).toEqual({ passed: 4, failed: 2, skips: [skip] });
  });
});
