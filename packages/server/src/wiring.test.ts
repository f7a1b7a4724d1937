/** What is wired to a server and fails: it fails a request at most, and a clock that tells no time decides nothing. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COLLECTIONS, type Collection } from "@reeve/contract";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { NO_METRICS } from "./http/metrics.ts";
import { logSink } from "./log-sink.ts";
import { LISTED, type Listed } from "./store/index.ts";
import { steadyClock, steadyIds, steadyLog, steadyMetrics } from "./wiring.ts";

const silent = pino({ level: "silent" });
const broken = (): never => {
  throw new Error("broken");
};

describe("a clock", () => {
  it("that tells a time is believed", () => {
    expect(steadyClock(() => 1_700_000_000_000)()).toBe(1_700_000_000_000);
  });

  it.each([Number.NaN, undefined, null, -1, 1.5, 2 ** 60, Number.POSITIVE_INFINITY, "1700000000000", new Date()])(
    "that tells %s fails",
    (now) => {
      expect(() => steadyClock(() => now as number)()).toThrow();
    },
  );
});

describe("ids", () => {
  it("are those that are made, and counted where none is made or it is none", () => {
    expect(steadyIds(() => "made", silent)()).toBe("made");
    for (const bad of [broken, () => undefined, () => "", () => "two\r\nlines", () => ({}), () => "x".repeat(300)]) {
      const newId = steadyIds(bad as () => string, silent);
      const ids = [newId(), newId()];
      expect(new Set(ids).size).toBe(2);
      for (const id of ids) expect(id).toMatch(/^\d+-\d+$/);
    }
  });
});

describe("a log and metrics that fail", () => {
  it("are nobody's failure", () => {
    steadyLog({ write: broken }).write("line\n");
    const metrics = steadyMetrics(
      { ...NO_METRICS, decided: broken, observe: broken, closed: broken, stored: broken, committed: broken },
      silent,
    );
    metrics.decided(true, "x");
    metrics.observe("/", 200, 1);
    metrics.closed("x");
    metrics.stored("x", 1, true);
    metrics.committed(1);
  });
});

describe("the sink of the log", () => {
  const idle = () => new Promise((resolve) => setTimeout(resolve, 50));

  it("writes every line, in order", async () => {
    const directory = mkdtempSync(join(tmpdir(), "reeve-log-"));
    const file = join(directory, "log");
    const descriptor = openSync(file, "w");
    const sink = logSink(descriptor);
    const lines = Array.from({ length: 5_000 }, (_, n) => `{"n":${n},"text":"ä"}\n`);
    for (const line of lines) sink.write(line);
    await idle();
    closeSync(descriptor);
    expect(readFileSync(file, "utf8")).toBe(lines.join(""));
    rmSync(directory, { recursive: true });
  });

  it("drops what is refused, as by a full disk, and goes on", async () => {
    const directory = mkdtempSync(join(tmpdir(), "reeve-log-"));
    writeFileSync(join(directory, "log"), "");
    const descriptor = openSync(join(directory, "log"), "r");
    const sink = logSink(descriptor);
    for (let lines = 0; lines < 100; lines++) sink.write("a line\n");
    await idle();
    sink.write("another\n");
    await idle();
    closeSync(descriptor);
    rmSync(directory, { recursive: true });
  });
});

describe("the lists of the contract", () => {
  it("take the filters and sorts that the store has indexes for, and no others", () => {
    for (const [name, { kind, filters, sorts, below, only, under }] of Object.entries(COLLECTIONS) as [string, Collection][]) {
      const listed: Listed = LISTED[kind];
      // What a collection fixes, it does not ask for.
      const fixed = only !== undefined || under !== undefined ? ["type"] : [];
      expect([...filters].sort(), name).toEqual(listed.filters.filter((field) => !fixed.includes(field)).sort());
      expect([...sorts].sort(), name).toEqual([...listed.sorts].sort());
      expect(below === true, name).toBe(listed.below === true && under === undefined);
    }
  });
});
