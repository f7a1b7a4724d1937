/**
 * Reads the decision cases of `packages/core/src/cases`: finds the files, makes an organization of what a file names, and
 * turns the short forms in which people write (`user ada`, `GET /api/programs`) into the requests of the engine.
 *
 * A *case file* is one organization, one moment and many questions. Records of a file follow those of its catalogues, and
 * records of a case those of its file; one with the same key takes the place of an earlier one.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { OperationRequest, Plan, Rec, Request } from "@reeve/core";
import { compiler, keyOf, parseProductDocument, parseRecord } from "@reeve/core";
import { parse } from "yaml";

type Item = { readonly kind: string; readonly value: Readonly<Record<string, unknown>> };
type Catalogue = "cloud-manager" | "api-management" | "demo";
export type Question = Pick<Request, "context"> & {
  readonly principal: string | Request["principal"];
  readonly action: string | Request["action"];
  readonly resource: string | Request["resource"];
};
export type OperationQuestion = Omit<OperationRequest, "principal" | "product" | "method" | "target"> & {
  readonly principal: string | Request["principal"];
  readonly operation: string;
  readonly product?: string;
};
export type Case = {
  readonly title: string;
  readonly given?: readonly Item[];
  readonly now?: string | number;
  readonly ask: Question | OperationQuestion;
  readonly expect: {
    readonly decision: "allow" | "deny";
    readonly code: string;
    readonly evidence?: object;
    readonly facts?: object;
    readonly filter?: object;
    readonly missing?: readonly object[];
    readonly notMissing?: readonly string[];
  };
};
export type CaseFile = {
  readonly about: string;
  readonly organization: { readonly catalogue?: Catalogue | readonly Catalogue[]; readonly records?: readonly Item[] };
  readonly now: string | number;
  readonly product?: string;
  readonly cases: readonly Case[];
};

const ROOT = new URL("../", import.meta.url);
export const CASES = new URL("packages/core/src/cases/", ROOT);
const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), "utf8")) as unknown;

/** Every case file by name, in order of names. */
export function caseFiles(): readonly { readonly name: string; readonly file: CaseFile }[] {
  const names = readdirSync(CASES).filter((name) => name.endsWith(".yaml"));
  return names.sort().map((name) => ({ name, file: parse(readFileSync(new URL(name, CASES), "utf8")) as CaseFile }));
}

const shipped = new Map<Catalogue, readonly Rec[]>();
/** The records of a catalogue; of `demo`: those of the demo organization and of the two products that it uses. */
function catalogueRecords(catalogue: Catalogue): readonly Rec[] {
  const known = shipped.get(catalogue);
  if (known !== undefined) return known;
  const records =
    catalogue === "demo" ? demoRecords() : must(parseProductDocument(readJson(`catalogues/${catalogue}/product.json`)), catalogue);
  shipped.set(catalogue, records);
  return records;
}

function demoRecords(): readonly Rec[] {
  const demo = readJson("catalogues/demo/organization.json") as { records: readonly Item[] };
  return [...catalogueRecords("cloud-manager"), ...catalogueRecords("api-management"), ...demo.records.map(record)];
}

function record(item: Item): Rec {
  return must(parseRecord(item.kind, withTimes(item.value)), JSON.stringify(item));
}

/** People write a moment as a date; a record holds milliseconds. */
function withTimes(value: Item["value"]): Item["value"] {
  const times = ["notBefore", "notAfter"].flatMap((name) => (typeof value[name] === "string" ? [[name, milliseconds(value[name])]] : []));
  return { ...value, ...Object.fromEntries(times) };
}

export function milliseconds(time: string | number): number {
  return typeof time === "number" ? time : Date.parse(time);
}

function must<T>(result: { ok: true; value: T } | { ok: false; error: unknown }, what: string): T {
  if (result.ok) return result.value;
  throw new Error(`${what}: ${JSON.stringify(result.error)}`);
}

const plans = new Map<CaseFile, Plan>();
/** The plan of the organization in which a case is asked. */
export function planOf(file: CaseFile, given: readonly Item[] | undefined): Plan {
  const known = given === undefined ? plans.get(file) : undefined;
  if (known !== undefined) return known;
  const catalogues = [file.organization.catalogue ?? []].flat();
  const records = [...catalogues.flatMap(catalogueRecords), ...[...(file.organization.records ?? []), ...(given ?? [])].map(record)];
  const compiling = compiler("CASES@ReeveOrg");
  compiling.add(new Map(records.map((one) => [JSON.stringify([one.kind, keyOf(one)]), one])).values());
  const plan = compiling.finish({ revision: 1, epoch: "cases" });
  if (given === undefined) plans.set(file, plan);
  return plan;
}

function subject(principal: string | Request["principal"]): Request["principal"] {
  if (typeof principal !== "string") return principal;
  const space = principal.indexOf(" ");
  return { type: principal.slice(0, space), id: principal.slice(space + 1) };
}

export function isOperation(ask: Case["ask"]): ask is OperationQuestion {
  return "operation" in ask;
}

export function requestOf(ask: Question): Request {
  const { principal, action, resource, ...rest } = ask;
  return {
    ...rest,
    principal: subject(principal),
    action: typeof action === "string" ? { name: action } : action,
    resource: typeof resource === "string" ? { path: resource } : resource,
  };
}

export function operationRequestOf(ask: OperationQuestion, product: string | undefined): OperationRequest {
  const { principal, operation, ...rest } = ask;
  const space = operation.indexOf(" ");
  const method = operation.slice(0, space);
  return { product: product ?? "", ...rest, principal: subject(principal), method, target: operation.slice(space + 1) };
}
