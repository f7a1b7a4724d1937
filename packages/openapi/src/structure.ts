/**
 * Whether a value is an OpenAPI document, by the official schema of its version.
 *
 * It is checked in pieces: the frame, then each path and each component in a frame of its own. So the errors of a document that is
 * wrong in a million places are never all in memory, and progress can be told.
 * Invariant: the pieces have an error iff the whole has one, for nothing in the schemas looks across paths or components.
 */
import type { OnProgress } from "./faults.ts";
import type { Findings } from "./findings.ts";
import { type Check, metaSchema, type SpecVersion } from "./meta-schemas.ts";
import { isObject, memberOf, type RawObject } from "./pointers.ts";
import { structureFaults } from "./structure-faults.ts";

const READ = ["2.0", "3.0.x", "3.1.x"] as const;

/** The version that a document names. What names none is a fault and has no structure. */
export function specVersionOf(
  document: RawObject,
  findings: Findings,
): { readonly family: SpecVersion; readonly exact: string } | undefined {
  const member = Object.hasOwn(document, "swagger") ? "swagger" : "openapi";
  const given = memberOf(document, member);
  if (given === undefined) {
    findings.fault("required", "/openapi", {
      detail: 'A document says which OpenAPI it is: openapi: 3.1.0, or swagger: "2.0".',
      allowed: READ,
    });
  } else if (typeof given !== "string") {
    findings.fault("wrong_type", `/${member}`, {
      detail: `The version is a string: write ${member}: "${given === 2 ? "2.0" : given}" in quotes.`,
      allowed: READ,
    });
  } else {
    if (member === "swagger" && given === "2.0") return { family: "2.0", exact: given };
    const family = /^(3\.[01])\.\d+(?:-.+)?$/.exec(given)?.[1];
    if (member === "openapi" && family !== undefined) return { family: family as SpecVersion, exact: given };
    findings.fault("unknown_version", `/${member}`, { detail: `Version ${given.slice(0, 32)} is not read.`, allowed: READ });
  }
  return undefined;
}

/** Sections of a document whose entries are pieces. */
const SECTIONS: Readonly<Record<SpecVersion, readonly string[]>> = {
  "2.0": ["paths", "definitions", "parameters", "responses", "securityDefinitions"],
  "3.0": ["paths"],
  "3.1": ["paths", "webhooks"],
};

export function checkStructure(
  document: RawObject,
  family: SpecVersion,
  { findings, onProgress }: { findings: Findings; onProgress: OnProgress },
): void {
  const check = metaSchema(family);
  const frame: Record<string, unknown> = { ...document };
  const pieces: RawObject[] = [];
  const bare = frameOf(family);
  const takeOut = (owner: Record<string, unknown>, section: string, within: (entries: RawObject) => RawObject): void => {
    const entries = owner[section];
    if (!isObject(entries)) return;
    owner[section] = {};
    for (const [name, entry] of Object.entries(entries)) pieces.push({ ...bare, ...within({ [section]: { [name]: entry } }) });
  };
  for (const section of SECTIONS[family]) takeOut(frame, section, (entries) => entries);
  if (isObject(frame.components)) {
    const components: Record<string, unknown> = { ...frame.components };
    frame.components = components;
    for (const section of Object.keys(components)) {
      if (!section.startsWith("x-")) takeOut(components, section, (entries) => ({ components: entries }));
    }
  }
  report(check, frame, findings);
  for (const [index, piece] of pieces.entries()) {
    if (findings.full) return;
    report(check, piece, findings);
    if (index % 64 === 0) onProgress({ stage: "structure", fraction: index / pieces.length });
  }
}

const frameOf = (family: SpecVersion): RawObject => {
  const info = { title: "", version: "" };
  return family === "2.0" ? { swagger: "2.0", info, paths: {} } : { openapi: `${family}.0`, info, paths: {} };
};

function report(check: Check, piece: RawObject, findings: Findings): void {
  const errors = check(piece);
  if (errors.length === 0) return;
  for (const { pointer, code, detail, allowed } of structureFaults(errors)) {
    findings.fault(code, pointer, { detail, ...(allowed === undefined ? {} : { allowed }) });
  }
}
