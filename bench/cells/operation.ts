/**
 * The cell of P3: deciding calls of an interface of 1,100 templates, or of a public document, the reading of the target and the rule included.
 *
 * Invariant: every call is new; a principal holds three roles of its own making, half of them with scopes, and one to three built-in ones.
 */
import { readFileSync } from "node:fs";
import { compiler, decideOperation, type OperationRequest } from "@reeve/core";
import { type DescribedOperation, readDocument } from "@reeve/openapi";
import { Interface } from "../interface.ts";
import { CHUNK, time, timeByVerdict } from "../measure.ts";
import { consume, NOW, type Numbers, type Reads } from "./decide.ts";

const SEED = 20_250_616;
const ROUNDS = { warmUp: 500, chunks: 2_000, singles: 500 };

/** `document`: a file, whose operations are called in place of made ones. */
export type OperationArgs = { readonly templates: number; readonly document?: string; readonly reads?: Reads };

export function measureOperation(args: OperationArgs): Numbers {
  const called = new Interface(SEED, args.document === undefined ? args.templates : operationsOf(args.document));
  const one = compiler("acme");
  one.add(called.records());
  const plan = one.finish({ revision: 1, epoch: "bench" });
  const call = (request: OperationRequest): number => consume(decideOperation(plan, request, NOW), args.reads ?? "evidence");
  const timing = time({ next: () => called.fresh(CHUNK), call }, ROUNDS);
  const isAllowed = (request: OperationRequest): boolean => decideOperation(plan, request, NOW).allow;
  const split = timeByVerdict({ next: () => called.fresh(CHUNK), call }, isAllowed);
  const shares: Numbers = {};
  const asked = 10_000;
  for (const request of called.fresh(asked)) {
    const { code } = decideOperation(plan, request, NOW);
    shares[code] = (shares[code] ?? 0) + 1 / asked;
  }
  return { ...timing, ...split, operations: called.operations.length, ...shares };
}

function operationsOf(file: string): readonly DescribedOperation[] {
  const read = readDocument(readFileSync(file, "utf8"));
  if (!read.ok) throw new Error(`${file}: ${JSON.stringify(read.error[0])}`);
  return read.value.operations;
}
