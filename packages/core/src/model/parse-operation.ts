/**
 * Parsers of operations and the rules that open them: alternatives, rows of a catalogue, documents of versions.
 *
 * Invariant: an alternative says exactly one thing (roles, a permission, any role), and a target holds only parameters that
 * the operation's path has, so that it can always be filled.
 */
import { readCondition } from "./condition.ts";
import { LIMITS } from "./limits.ts";
import type { Alternative, Condition, DocumentOperation, Operation, OperationRule } from "./nouns.ts";
import {
  below,
  type Check,
  listOf,
  objectOf,
  optional,
  type Reader,
  readString,
  readTrue,
  refine,
  refuse,
  required,
  type Shape,
  setOf,
} from "./reader.ts";
import { isParameterName, parseTemplate, targetParameters, templateShape } from "./template.ts";
import { readActionName, readId, readName, readText, readTypeName } from "./words.ts";

/** An alternative before it is known which of its three forms it has. */
type AnyAlternative = Partial<{ roles: readonly string[]; permission: string; anyRole: true; when: Condition; product: string }>;
const FORMS = ["roles", "permission", "anyRole"] as const;

const checkForm: Check<AnyAlternative> = (_value, at, raw) => {
  const given = FORMS.filter((form) => Object.hasOwn(raw, form) && raw[form] !== undefined);
  if (given.length === 1) return;
  refuse(at, given.length === 0 ? "required" : "not_allowed", {
    detail: "An alternative has exactly one of: roles, permission, anyRole.",
    allowed: FORMS,
  });
};

const readAlternative: Reader<Alternative> = objectOf<AnyAlternative>(
  {
    roles: optional(setOf(readId, LIMITS.roleSetsMax)),
    permission: optional(readId),
    anyRole: optional(readTrue),
    when: optional(readCondition),
    product: optional(readId),
  },
  checkForm,
) as Reader<Alternative>;
export const readAlternatives = listOf(readAlternative, { max: LIMITS.alternativesMax });

const METHOD = /^[A-Z]{1,128}$/;
export const readMethod: Reader<string> = refine(readString, (text, at) => {
  if (METHOD.test(text)) return true;
  refuse(at, "malformed_method");
  return false;
});

export const readTemplate: Reader<string> = refine(readString, (text, at) => {
  if (parseTemplate(text) !== undefined) return true;
  refuse(at, "malformed_template", {
    detail: "A template begins with / and has no empty or dot segments, no ? # % \\; its parameters {name} differ and do not touch.",
  });
  return false;
});

const readTarget: Reader<string> = refine(readString, (text, at) => {
  if (targetParameters(text) !== undefined) return true;
  refuse(at, "malformed_path", { detail: "A target is the path of a resource, whose ids may be a parameter {name}." });
  return false;
});

const readParameterName: Reader<string> = refine(readString, (text, at) => {
  if (isParameterName(text)) return true;
  refuse(at, "malformed_id");
  return false;
});

export const OPERATION: Shape<Operation> = {
  product: required(readId),
  id: required(readId),
  method: required(readMethod),
  path: required(readTemplate),
  names: required(setOf(readName, LIMITS.aliasesMax)),
  target: required(readTarget),
  alternatives: optional(readAlternatives),
  also: optional(
    listOf(
      objectOf<NonNullable<Operation["also"]>[number]>({
        name: required(readParameterName),
        type: required(readTypeName),
        from: optional(readText),
      }),
      { max: LIMITS.furtherTargetsMax, distinctBy: (further) => further.name },
    ),
  ),
  organizationParameter: optional(readParameterName),
  filter: optional(objectOf<NonNullable<Operation["filter"]>>({ type: required(readTypeName), action: required(readActionName) })),
  tag: optional(readName),
  summary: optional(readText),
  note: optional(readText),
  orphan: optional(readTrue),
  source: optional(readText),
};

export const checkParameters: Check<Pick<Operation, "path" | "target" | "organizationParameter">> = (
  { path, target, organizationParameter },
  at,
) => {
  const template = path === undefined ? undefined : parseTemplate(path);
  if (template === undefined) return;
  const absent = (name: string): boolean => !template.parameters.includes(name);
  const facts = { detail: "This names a parameter that the operation's path does not have.", allowed: template.parameters };
  if (target !== undefined && (targetParameters(target) ?? []).some(absent)) refuse(below(at, "target"), "not_allowed", facts);
  if (organizationParameter !== undefined && absent(organizationParameter))
    refuse(below(at, "organizationParameter"), "not_allowed", facts);
};
export const readOperation = objectOf(OPERATION, checkParameters);

export const OPERATION_RULE: Shape<OperationRule> = {
  product: required(readId),
  operation: required(readId),
  alternatives: required(readAlternatives),
};
export const readOperationRule = objectOf(OPERATION_RULE);

const readDocumentOperation = objectOf<DocumentOperation>({
  method: required(readMethod),
  path: required(readTemplate),
  alternatives: optional(readAlternatives),
});
const readDocumentList = listOf(readDocumentOperation, { max: LIMITS.documentOperationsMax });

/** A version's document, in which no two operations fit the same requests by differing in parameter names only. */
export const readDocument: Reader<readonly DocumentOperation[]> = (value, at) => {
  const operations = readDocumentList(value, at);
  const seen = new Set<string>();
  operations?.forEach(({ method, path }, index) => {
    const template = parseTemplate(path);
    if (template === undefined) return;
    const request = `${method} ${templateShape(template)}`;
    if (seen.has(request)) refuse(below(at, index), "ambiguous_template", { detail: "This method and template stand here already." });
    seen.add(request);
  });
  return operations;
};
