/**
 * Hostile spellings of paths, made from a grammar. What was authorised is forwarded as it was sent, so that a spelling that some
 * backend reads as another path must never be allowed for somebody whom that other path is closed to.
 *
 * Each spelling is asked over HTTP. A reader of the test's own says what a strict reader sees: a reason to refuse it, which the answer
 * must name, or one canonical path, whose answer it must have. Lenient readers say what a backend could make of it.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { spellings } from "./hostile-spellings.ts";
import { DEMO, type Served, serve } from "./serve.ts";
import { lenientReadings, readStrictly, writeCanonically } from "./strict-reader.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

type Call = { readonly who: string; readonly method: string; readonly path: string; readonly product?: string };
/** Allowed and denied neighbours: a spelling of one may be read as another. */
const CALLS: readonly (Call & { readonly allow: boolean })[] = [
  { who: "demo-release-bot", method: "PUT", path: "/api/program/4/pipeline/10/execution", allow: true },
  { who: "demo-release-bot", method: "PUT", path: "/api/program/4/pipeline/11/execution", allow: false },
  { who: "demo-release-bot", method: "GET", path: "/api/program/4", allow: true },
  { who: "demo-release-bot", method: "GET", path: "/api/program/5", allow: false },
  { who: "demo-log-reader", method: "GET", path: "/api/program/4/environment/3/logs", allow: true },
  { who: "demo-log-reader", method: "GET", path: "/api/program/5/environment/6/logs", allow: false },
  { who: "demo-developer", method: "DELETE", path: "/api/program/4", allow: false },
  { who: "demo-developer", method: "GET", path: "/api/programs", allow: true },
  { who: "demo-business-owner", method: "DELETE", path: "/api/program/4", allow: true },
  { who: "demo-business-owner", method: "POST", path: "/api/tenant/1/programs", allow: true },
  { who: "demo-business-owner", method: "POST", path: "/api/tenant/2/programs", allow: false },
  { who: "demo-storefront", method: "GET", path: "/shop/orders/v2/orders/7", product: "api-management", allow: true },
  { who: "demo-storefront", method: "DELETE", path: "/shop/orders/v2/orders/7", product: "api-management", allow: false },
  { who: "demo-storefront", method: "GET", path: "/shop/orders/v1/orders", product: "api-management", allow: false },
];

const bodyOf = ({ who, method, path, product = "cloud-manager" }: Call) => ({
  subject: { type: "service-account", id: who },
  product,
  method,
  target: path,
  targets: { sourcePipeline: null, environment: null },
});
type Decided = { readonly decision: boolean; readonly context: { readonly reasons: readonly Record<string, unknown>[] } };
const said = ({ decision, context }: Decided) => ({ decision, reasons: context.reasons });

async function decide(calls: readonly Call[]): Promise<ReturnType<typeof said>[]> {
  const answers: ReturnType<typeof said>[] = [];
  for (let from = 0; from < calls.length; from += 1_000) {
    const { status, body } = await served.call(`${DEMO}/check/batch`, {
      body: { evaluations: calls.slice(from, from + 1_000).map(bodyOf) },
    });
    expect(status).toBe(200);
    answers.push(...body.evaluations.map(said));
  }
  return answers;
}
async function decideOne(call: Call): Promise<ReturnType<typeof said>> {
  const { status, body } = await served.call(`${DEMO}/operations/check`, { body: bodyOf(call) });
  expect(status, call.path).toBe(200);
  return said(body);
}

/** Asks every spelling, and what its strict reading is; both must be the same answer, or the reason that the reader gave. */
async function expectOneReading(calls: readonly Call[]): Promise<{ refused: Map<string, number>; decided: number; allowed: Call[] }> {
  const read = calls.map(({ path }) => readStrictly(path));
  const canonical = calls.map((call, at) => {
    const one = read[at] as (typeof read)[number];
    return "why" in one ? call : { ...call, path: writeCanonically(one.segments, one.slash) };
  });
  const [answers, wanted] = [await decide(calls), await decide(canonical)];
  const refused = new Map<string, number>();
  const allowed: Call[] = [];
  for (const [at, answer] of answers.entries()) {
    const [call, one] = [calls[at] as Call, read[at] as (typeof read)[number]];
    if ("why" in one) {
      expect(answer, JSON.stringify(call)).toMatchObject({ decision: false, reasons: [{ code: "ambiguous_path", why: one.why }] });
      refused.set(one.why, (refused.get(one.why) ?? 0) + 1);
    } else expect(answer, JSON.stringify(call)).toEqual(wanted[at]);
    if (answer.decision) allowed.push(call);
  }
  return { refused, decided: answers.length - [...refused.values()].reduce((sum, count) => sum + count, 0), allowed };
}

/** Whatever a lenient backend makes of an allowed spelling must be allowed too, or be no path of the product at all. */
async function expectNoSmuggling(allowed: readonly Call[]): Promise<void> {
  for (const call of allowed) {
    const readings = [...lenientReadings(call.path)].filter((path) => !("why" in readStrictly(path)));
    const answers = await decide(readings.map((path) => ({ ...call, path })));
    for (const [at, answer] of answers.entries()) {
      const isElsewhere = !answer.decision && answer.reasons[0]?.code !== "unknown_operation";
      expect(isElsewhere, `${JSON.stringify(call)} read as ${readings[at]}`).toBe(false);
    }
  }
}

describe("hostile spellings of paths", () => {
  it("begin from paths of which some are open and some are closed", async () => {
    const answers = await decide(CALLS);
    expect(answers.map(({ decision }) => decision)).toEqual(CALLS.map(({ allow }) => allow));
    for (const { path } of CALLS) expect(readStrictly(path)).toEqual({ segments: path.slice(1).split("/"), slash: false });
  });

  it("are refused for the reason that a strict reader gives, or decided as the one path that it sees", async () => {
    const calls = CALLS.flatMap((call) => spellings(call.path).map((path) => ({ ...call, path })));
    const { refused, decided, allowed } = await expectOneReading(calls);
    expect(new Set(calls.map(({ path }) => path)).size).toBeGreaterThan(2_000);
    expect([...refused.keys()].sort()).toEqual(
      [
        ...["not_origin_form", "control_character", "fragment", "backslash", "encoded_separator", "empty_segment"],
        ...["path_parameter", "bad_escape", "invalid_utf8", "double_encoding", "dot_segment"],
      ].sort(),
    );
    for (const [why, count] of refused) expect(count, why).toBeGreaterThan(20);
    expect(decided).toBeGreaterThan(500);
    expect(allowed.length).toBeGreaterThan(200);
    await expectNoSmuggling(allowed);
  });

  it("are answered by the single check as by the batch", async () => {
    const call = CALLS[0] as Call;
    const calls = spellings(call.path).map((path) => ({ ...call, path }));
    expect(calls.length).toBeGreaterThan(500);
    const answers = await decide(calls);
    const single: unknown[] = [];
    for (const one of calls) single.push(await decideOne(one));
    expect(single).toEqual(answers);
  });

  it("stay so when two or three rules of the grammar are used on one path", async () => {
    const pick = fc.tuple(fc.constantFrom(...CALLS), fc.nat(), fc.nat(), fc.nat(), fc.boolean());
    const made = pick.map(([call, a, b, c, thrice]) => {
      const one = spellings(call.path);
      const two = spellings(one[a % one.length] as string);
      const path = two[b % two.length] as string;
      const three = thrice ? spellings(path) : [path];
      return { ...call, path: three[c % three.length] as string };
    });
    const seed = Number(process.env.REEVE_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.info(`REEVE_SEED=${seed}`);
    const { allowed, decided } = await expectOneReading(fc.sample(made, { seed, numRuns: 3_000 }));
    expect(decided).toBeGreaterThan(100);
    await expectNoSmuggling(allowed);
  });

  it("take a method exactly as it is written", async () => {
    const [get, remove] = [
      { who: "demo-developer", method: "GET", path: "/api/program/4" },
      { who: "demo-business-owner", method: "DELETE", path: "/api/program/4" },
    ];
    const odd = [
      "get",
      "Get",
      "GET ",
      " GET",
      "GET\r\n",
      "GE\u0000T",
      "G\u0395T",
      "OPTIONS",
      "TRACE",
      "CONNECT",
      "PROPFIND",
      "*",
      "GET,DELETE",
      "QUERY",
    ];
    for (const method of [...odd, "delete", "Delete", "DELETE\t"]) {
      for (const call of [get, remove]) {
        const answer = await decideOne({ ...call, method });
        expect(answer, JSON.stringify(method)).toMatchObject({ decision: false, reasons: [{ code: "unknown_operation" }] });
      }
    }
    expect(await decideOne({ ...get, method: "HEAD" })).toEqual(await decideOne(get));
    expect(await decideOne({ ...get, method: "HEAD", path: "/api/program/4/pipeline/10/execution/" })).toEqual(
      await decideOne({ ...get, path: "/api/program/4/pipeline/10/execution" }),
    );
  });

  it("open nothing by a header that overrides the method", async () => {
    const body = {
      ...bodyOf({ who: "demo-business-owner", method: "DELETE", path: "/api/program/4" }),
      headers: { "x-http-method-override": "GET" },
    };
    const answer = await served.call(`${DEMO}/operations/check`, { body });
    expect(said(answer.body)).toMatchObject({ decision: false, reasons: [{ code: "method_override" }] });
  });

  it("are refused when they are longer than a request line may be", async () => {
    const call = { who: "demo-developer", method: "GET", path: `/api/program/4?${"x".repeat(16_384 - 15)}` };
    expect((await decideOne(call)).decision).toBe(true);
    const { status, body } = await served.call(`${DEMO}/operations/check`, { body: bodyOf({ ...call, path: `${call.path}x` }) });
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ code: "too_long", pointer: "/target" })]]);
  });
});
