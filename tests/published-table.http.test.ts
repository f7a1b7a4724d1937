/**
 * The published permission table through HTTP: 53 rows × 4 profiles, asked of the demo organization for its four service accounts.
 *
 * The rows are the transcript of the table (`published-rows.json`), never the catalogue under test; targets and attributes are those of
 * the engine's own cases, so that both are asked the same.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CASES, caseFiles, isOperation, operationRequestOf } from "./case-files.ts";
import { DEMO, type Served, serve } from "./serve.ts";

type Row = {
  readonly row: string;
  readonly method: string;
  readonly path: string;
  readonly profiles: readonly string[];
  readonly note?: { readonly profile: string };
};
const table = JSON.parse(readFileSync(new URL("published-rows.json", CASES), "utf8")) as {
  readonly profiles: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
};
const cases = caseFiles().find(({ name }) => name === "published-table.yaml")?.file.cases ?? [];

/** Each case of the table with the row and the profile that it stands for: cases follow the rows, and within a row the profiles. */
const asked = table.rows.flatMap((row, at) =>
  Object.keys(table.profiles).map((profile, of) => {
    const one = cases[at * Object.keys(table.profiles).length + of];
    if (one === undefined || !isOperation(one.ask)) throw new Error(`no case for ${row.row} and ${profile}`);
    return { row, profile, title: one.title, ask: one.ask };
  }),
);

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

describe("the published table over HTTP", () => {
  it("is 53 rows for 4 profiles", () => {
    expect([table.rows.length, Object.keys(table.profiles).length, asked.length, cases.length]).toEqual([53, 4, 212, 212]);
  });

  it.each(asked)("$title", async ({ row, profile, ask }) => {
    const { principal, ...question } = operationRequestOf(ask, "cloud-manager");
    expect([principal.id, question.method]).toEqual([`holds-${profile}`, row.method]);
    const { status, body } = await served.call(`${DEMO}/operations/check`, {
      body: { ...question, subject: { type: "service-account", id: `demo-${profile}` } },
    });
    const allow = row.profiles.includes(profile);
    expect([status, body.decision]).toEqual([200, allow]);
    expect(body.context.reasons[0].code).toBe(allow ? "allowed_by_rule" : "no_access");
    if (allow) expect(body.context.reasons[0]).toMatchObject({ source: "rule", role: profile });
    else expect(body.context.reasons[0].missing.length).toBeGreaterThan(0);
  });

  it("is answered alike by one batch of all 212", async () => {
    const evaluations = asked.map(({ profile, ask }) => {
      const { principal: _, ...question } = operationRequestOf(ask, "cloud-manager");
      return { ...question, subject: { type: "service-account", id: `demo-${profile}` } };
    });
    const { body } = await served.call(`${DEMO}/check/batch`, { body: { evaluations } });
    expect(body.evaluations.map(({ decision }: { decision: boolean }) => decision)).toEqual(
      asked.map(({ row, profile }) => row.profiles.includes(profile)),
    );
  });

  it("opens a row with a note only for what the note says: not without the attribute, and not with another value", async () => {
    const noted = asked.filter(({ row, profile }) => row.note?.profile === profile);
    expect(noted.length).toBeGreaterThan(0);
    for (const { profile, ask } of noted) {
      const { principal: _, attributes, ...question } = operationRequestOf(ask, "cloud-manager");
      const call = async (more: object) => {
        const subject = { type: "service-account", id: `demo-${profile}` };
        return (await served.call(`${DEMO}/operations/check`, { body: { ...question, subject, ...more } })).body;
      };
      expect(await call({ attributes })).toMatchObject({ decision: true });
      for (const none of [{}, { attributes: {} }, { attributes: { step: {} } }]) {
        expect(await call(none)).toMatchObject({ decision: false, context: { reasons: [{ code: "attribute_unavailable" }] } });
      }
      const other = JSON.parse(JSON.stringify(attributes).replaceAll(/:"[^"]*"/g, ':"ANOTHER"'));
      expect(await call({ attributes: other })).toMatchObject({ decision: false, context: { reasons: [{ code: "no_access" }] } });
    }
  });
});
