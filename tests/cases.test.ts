/**
 * Runs every decision case: one file, one `describe`; one case, one `it`. The cases are the model in examples, readable by
 * whoever does not read the engine; where one of them and the model disagree, the model is right and the case is mended.
 */
import { readFileSync } from "node:fs";
import type { Decision } from "@reeve/core";
import { decide, decideOperation } from "@reeve/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { publishedCases } from "../tools/generate-published-cases.ts";
import {
  CASES,
  type Case,
  type CaseFile,
  caseFiles,
  isOperation,
  milliseconds,
  operationRequestOf,
  planOf,
  requestOf,
} from "./case-files.ts";

const files = caseFiles();
const read = (name: string) => readFileSync(new URL(name, CASES), "utf8");
const isValid = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(read("schema.json")));

function answer(file: CaseFile, one: Case): Decision {
  const plan = planOf(file, one.given);
  const now = milliseconds(one.now ?? file.now);
  if (isOperation(one.ask)) return decideOperation(plan, operationRequestOf(one.ask, file.product), now);
  return decide(plan, requestOf(one.ask), now);
}

function check(decision: Decision, expected: Case["expect"]): void {
  expect(decision).toMatchObject({ allow: expected.decision === "allow", code: expected.code });
  if (expected.evidence !== undefined) expect(decision.evidence).toMatchObject(expected.evidence);
  if (expected.facts !== undefined) expect(decision.facts).toMatchObject(expected.facts);
  if (expected.filter !== undefined) expect(decision.filter).toEqual(expected.filter);
  const missing = decision.facts?.missing ?? [];
  for (const one of expected.missing ?? []) expect(missing).toContainEqual(expect.objectContaining(one));
  for (const kind of expected.notMissing ?? []) expect(missing.map((one) => one.kind)).not.toContain(kind);
}

describe.each(files)("$name", ({ file }) => {
  it("is a case file in which every title occurs once", () => {
    expect(isValid(file) ? [] : isValid.errors).toEqual([]);
    expect(new Set(file.cases.map((one) => one.title)).size).toBe(file.cases.length);
  });
  for (const one of file.cases) it(one.title, () => check(answer(file, one), one.expect));
});

describe("the cases together", () => {
  it("have the 212 of the published table, as the rows say, and at least 150 others", () => {
    const published = files.find(({ name }) => name === "published-table.yaml");
    expect(published?.file.cases).toHaveLength(212);
    expect(files.reduce((sum, { file }) => sum + file.cases.length, 0)).toBeGreaterThanOrEqual(212 + 150);
    expect(read("published-table.yaml")).toBe(publishedCases(JSON.parse(read("published-rows.json"))));
  });

  it("meet every reason but the one that only a surface can give", () => {
    const codes = JSON.parse(read("schema.json")).$defs.expectation.properties.code.enum as string[];
    const met = new Set(files.flatMap(({ file }) => file.cases.map((one) => one.expect.code)));
    expect([...met].sort()).toEqual([...codes].sort());
  });
});
