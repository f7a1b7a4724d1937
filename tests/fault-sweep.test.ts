/**
 * Everything that the server waits for and everything that it is wired to, made to throw and to hang, one at a time, under requests that
 * go on: no allow that must be a deny, an end to every request, and a server that answers afterwards. `fault-sweep.prove.ts` has it answer
 * rubbish too.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { expectComplete, expectSafe, sweep } from "./fault-sweep/outcome.ts";
import type { Report } from "./fault-sweep/run.ts";
import { gated, sitesOf } from "./fault-sweep/sites.ts";

const SWEEP_MS_MAX = 600_000;
let report: Report;
beforeAll(async () => {
  report = await sweep("thin", SWEEP_MS_MAX);
}, SWEEP_MS_MAX);

describe("a server of which one thing breaks", () => {
  it("allows nothing that must be denied, answers every request, keeps what it acknowledged, and answers afterwards", () => {
    expectSafe(report);
  });

  it("has been broken in every place where its source waits, and at every method that it is wired to", () => {
    expectComplete(report);
    expect(report.struck).toBeGreaterThan(200);
  });
});

describe("the list of places", () => {
  it("has every await, for await, then, catch and finally of a source, and the source is rewritten at each", () => {
    const source = `async function f(x) {
      const a = await g(await h(x));
      for await (const one of a.all()) one.then(i).catch(j).finally(k);
      return () => x.y;
    }`;
    expect(sitesOf("f.ts", source).map(({ place, start, end }) => [place, source.slice(start, end)])).toEqual([
      ["f.ts#f", "g(await h(x))"],
      ["f.ts#f+1", "h(x)"],
      ["f.ts#f+2", "a.all()"],
      ["f.ts#f+3", "one.then(i).catch(j)"],
      ["f.ts#f+4", "one.then(i)"],
      ["f.ts#f+5", "one"],
    ]);
    expect(gated("f.ts", source).replaceAll(/globalThis\.__gate\("f\.ts#f(\+\d)?", (true|false), /g, "G$1(")).toBe(`async function f(x) {
      const a = await G(g(await G+1(h(x))));
      for await (const one of G+2(a.all())) G+3(G+4(G+5(one).then(i)).catch(j)).finally(k);
      return () => x.y;
    }`);
  });
});
