/**
 * Validation of bodies: schemas of the contract compiled once; all faults together.
 *
 * Invariant: nothing is coerced, defaulted or removed: what a route sees is what was sent.
 */
import { type Finding, faultsOf } from "@reeve/contract";
import type { Fault } from "@reeve/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { FastifyRequest } from "fastify";
import { faultyBody } from "./problem.ts";

const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });

export type Validated<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: readonly Fault[] };

/** Gives the value, or every fault of it; `pointer` is put before each. */
export type Validator<T> = (value: unknown, pointer?: string) => Validated<T>;

/** Compiles a schema. */
export function validator<T>(schema: object): Validator<T> {
  const validate = ajv.compile(schema);
  return (value, pointer = "") => {
    if (validate(value)) return { ok: true, value: value as T };
    return { ok: false, error: faultsOf((validate.errors ?? []) as readonly Finding[], pointer) };
  };
}

/** The pointer of a fault of a change → within the record that the change puts or deletes. */
export const withinRecord = (pointer: string): string => pointer.replace(/^\/changes\/\d+\/(?:put\/value|delete)/, "");

/** The body of a request, as its schema says. Throws a problem with every fault. */
export function validBody<T>(validate: Validator<T>, { request }: { readonly request: Pick<FastifyRequest, "body"> }): T {
  const validated = validate(request.body);
  if (!validated.ok) throw faultyBody(validated.error);
  return validated.value;
}
