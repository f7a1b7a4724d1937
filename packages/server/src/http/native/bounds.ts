/**
 * Bounds of what a question sends along: properties, context and attributes are read by conditions, and may be neither larger nor
 * deeper than the model allows.
 *
 * Invariant: what passes is cheap to walk, for whoever walks it next.
 */
import { type Fault, LIMITS } from "@reeve/core";

type Sent = { readonly properties?: unknown };
type Question = {
  readonly subject?: Sent;
  readonly action?: Sent;
  readonly resource?: Sent;
  readonly context?: unknown;
  readonly attributes?: unknown;
};

/** The members of all items of a batch that the batch itself gave are the same object, and are walked once. */
const passed = new WeakSet<object>();

/** Faults of a question whose shape is good; `pointer` is put before each. */
export function boundFaults({ subject, action, resource, context, attributes }: Question, pointer: string): readonly Fault[] {
  return [
    ...faultOf(subject?.properties, `${pointer}/subject/properties`),
    ...faultOf(action?.properties, `${pointer}/action/properties`),
    ...faultOf(resource?.properties, `${pointer}/resource/properties`),
    ...faultOf(context, `${pointer}/context`),
    ...faultOf(attributes, `${pointer}/attributes`),
  ];
}

function faultOf(value: unknown, pointer: string): readonly Fault[] {
  if (typeof value !== "object" || value === null || passed.has(value)) return [];
  if (isDeeper(value, LIMITS.jsonDepthMax)) {
    return [{ code: "too_deep", pointer, detail: `This is nested deeper than ${LIMITS.jsonDepthMax}.` }];
  }
  if (Buffer.byteLength(JSON.stringify(value)) > LIMITS.contextBytesMax) {
    return [{ code: "too_large", pointer, detail: `This is larger than ${LIMITS.contextBytesMax} bytes.` }];
  }
  passed.add(value);
  return [];
}

/** Whether anything is nested deeper; looks no further than that. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
