/**
 * Schemas of the contract against what core makes: whatever the parsers let in fits the schema of its kind, so that no answer that holds it
 * is another than the document says; and what is sent of an object may lack what the schema of a body says that it may.
 */
import { readFileSync } from "node:fs";
import { COLLECTIONS, type Collection, type CollectionName, NOUNS, ROUTES } from "@reeve/contract";
import { KEY_MEMBERS, KINDS, type Kind, parseProductDocument, parseRecord, type Rec, records as recordsOf } from "@reeve/core";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { caseFiles, planOf } from "./case-files.ts";
import { NAMES, objectOf } from "./every-object.ts";
import { SEED, TIMEOUT_MS } from "./reference/organizations.ts";
import { seeded } from "./reference/random.ts";
import { step } from "./reference/random-changes.ts";
import { organization } from "./reference/random-organization.ts";
import { rareStep } from "./reference/rare-changes.ts";

const ajv = new Ajv2020({ allErrors: true, strict: false });
const fits = Object.fromEntries(KINDS.map((kind) => [kind, ajv.compile(NOUNS[kind])])) as Readonly<Record<Kind, ValidateFunction>>;

/** Every record fits; how many of each kind there were. */
function expectFitting(records: readonly Rec[], what: string): ReadonlyMap<Kind, number> {
  const counts = new Map<Kind, number>();
  for (const { kind, value } of records) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    // As it travels: an absent member and one that is undefined are one.
    const told: unknown = JSON.parse(JSON.stringify(value));
    if (!fits[kind](told)) throw new Error(`${what}: ${kind} ${JSON.stringify(told)}: ${JSON.stringify(fits[kind].errors)}`);
  }
  return counts;
}

describe("a record that core's parsers gave fits its schema", () => {
  it(
    `in random organizations and after random changes (REEVE_SEED=${SEED})`,
    () => {
      const kinds = new Set<Kind>();
      for (let at = 0; at < 60; at++) {
        const random = seeded(SEED + at);
        const world = organization(random);
        let records = world.records;
        for (let steps = 0; steps < 6; steps++) {
          for (const kind of expectFitting(records, `REEVE_SEED=${SEED}, organization ${at}`).keys()) kinds.add(kind);
          records = (steps % 2 === 0 ? step : rareStep)(random, world, records);
        }
      }
      expect(KINDS.filter((kind) => !kinds.has(kind))).toEqual(NEVER_MADE);
    },
    TIMEOUT_MS,
  );

  it.each(caseFiles())("in the cases of $name", ({ name, file }) => {
    for (const given of [undefined, ...file.cases.flatMap((one) => (one.given === undefined ? [] : [one.given]))]) {
      expectFitting([...recordsOf(planOf(file, given))], name);
    }
  });

  it.each(["cloud-manager", "api-management", "reeve"])("in the catalogue %s", (name) => {
    const document = parseProductDocument(JSON.parse(readFileSync(new URL(`../catalogues/${name}/product.json`, import.meta.url), "utf8")));
    if (!document.ok) throw new Error(JSON.stringify(document.error));
    expectFitting(document.value, name);
  });
});

/** Nothing is decided by these: the generators make none. Their own objects are looked at below. */
const NEVER_MADE: readonly Kind[] = ["developer-project", "binned"];

describe("a body as its route describes it", () => {
  const bodyOf = (name: CollectionName, verb: "create" | "put"): ValidateFunction => ajv.compile(ROUTES[`${name}.${verb}`].body as object);

  it.each(NAMES)("may lack what parsers or the path fill in, and nothing else: %s", (name) => {
    const { kind, only = {} }: Collection = COLLECTIONS[name];
    const [create, put] = [bodyOf(name, "create"), bodyOf(name, "put")];
    const whole = { ...objectOf(name, 1), ...only };
    for (const validate of [create, put]) expect(validate(whole) ? [] : validate.errors).toEqual([]);
    for (const member of NOUNS[kind].required) {
      const { [member]: _, ...rest } = whole as Readonly<Record<string, unknown>>;
      const isFilled = member in only || parseRecord(kind, rest).ok;
      const isKey = (KEY_MEMBERS[kind] as readonly string[]).includes(member);
      expect([member, put(rest)]).toEqual([member, isFilled || isKey]);
      const isGiven = isKey && member === "id" && (ROUTES[`${name}.create`].summary as string).includes("without an id");
      expect([member, create(rest)]).toEqual([member, isFilled || isGiven]);
    }
    expect(put({ ...whole, unheardOf: 1 })).toBe(false);
  });
});
