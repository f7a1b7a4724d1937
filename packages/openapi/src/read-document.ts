/**
 * The way in: the text of an OpenAPI document → what it describes, or every fault of it.
 *
 * Four steps, each only when the ones before it found nothing that would make it guess: the text, the structure by the official
 * schema, the references, the operations with their extensions. Structure, references and extensions are told of together.
 * Invariant: there is a value or at least one fault, never both; no text makes this throw.
 */
import { fail, ok, type Result } from "@reeve/core";
import { basePathOf } from "./base-path.ts";
import { describeOperations } from "./describe.ts";
import type { Described } from "./described.ts";
import { CATALOGUE_EXTENSION, readCatalogue } from "./extension-catalogue.ts";
import type { DocumentFault, OnProgress } from "./faults.ts";
import { Findings } from "./findings.ts";
import { isObject, type RawObject, under } from "./pointers.ts";
import { checkReferences } from "./references.ts";
import { readText } from "./source-text.ts";
import { checkStructure, specVersionOf } from "./structure.ts";

/** What part of the whole each stage has done when it ends, as long documents take their time. */
const SHARES = { text: [0, 0.3], structure: [0.3, 0.6], references: [0.6, 0.7], operations: [0.7, 1], plan: [0, 1] } as const;

export type ReadOptions = { readonly onProgress?: OnProgress };

/**
 * An OpenAPI 2.0, 3.0 or 3.1 document as text, JSON or YAML (a text that begins with `{"` is JSON) → its operations in document order with
 * what the extensions say of them. Nothing is fetched. At most 67 108 864 characters of JSON or 16 777 216 of YAML (with 1 000 000 marks), 200 levels, 4 000 000 values, 10 000
 * operations. `onProgress` hears the stages `text`, `structure`, `references`, `operations` with fractions of the whole.
 * Errors: every fault with its line, at most 1 000 and one that says there are more; codes are those of `DOCUMENT_FAULTS`. A text that is no JSON or
 * YAML has no more faults than those of the text. Source: spec.openapis.org, OpenAPI Specification 2.0, 3.0 and 3.1.
 */
export function readDocument(text: string, options: ReadOptions = {}): Result<Described, readonly DocumentFault[]> {
  const onProgress: OnProgress = ({ stage, fraction }) => {
    const [start, end] = SHARES[stage];
    options.onProgress?.({ stage, fraction: start + (end - start) * fraction });
  };
  onProgress({ stage: "text", fraction: 0 });
  const source = readText(text);
  if (!source.ok) return source;
  const findings = new Findings();
  const described = readValue(source.value.value, { findings, onProgress });
  findings.settle(source.value.locate);
  onProgress({ stage: "operations", fraction: 1 });
  return findings.faults.length > 0 || described === undefined ? fail(findings.faults) : ok({ ...described, notes: findings.notes });
}

type Reading = { readonly findings: Findings; readonly onProgress: OnProgress };

function readValue(document: unknown, { findings, onProgress }: Reading): Described | undefined {
  if (!isObject(document)) {
    findings.fault("not_a_document", "", { detail: "An OpenAPI document is an object with openapi or swagger, info and paths." });
    return undefined;
  }
  const version = specVersionOf(document, findings);
  if (version === undefined) return undefined;
  onProgress({ stage: "structure", fraction: 0 });
  checkStructure(document, version.family, { findings, onProgress });
  onProgress({ stage: "references", fraction: 0 });
  checkReferences(document, findings);
  onProgress({ stage: "operations", fraction: 0 });
  return describe(document, version.exact, { findings, onProgress });
}

function describe(document: RawObject, specVersion: string, { findings, onProgress }: Reading): Described {
  const basePath = basePathOf(document, "", findings);
  const given = { value: document[CATALOGUE_EXTENSION], pointer: under("", CATALOGUE_EXTENSION) };
  const catalogue = given.value === undefined ? undefined : readCatalogue(given, findings);
  const { operations, trailingSlash } = describeOperations({ document, findings, onProgress });
  const info = isObject(document.info) ? document.info : {};
  return {
    title: typeof info.title === "string" ? info.title : "",
    version: typeof info.version === "string" ? info.version : "",
    specVersion,
    ...(basePath === undefined ? {} : { basePath }),
    trailingSlash,
    operations,
    ...(catalogue === undefined ? {} : { catalogue }),
    notes: [],
  };
}
