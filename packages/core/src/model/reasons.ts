/**
 * The registry of reason codes: what a decision may say about itself. Codes are stable: clients compare them.
 * Invariant: every decision carries exactly one code of this table, and whether it allows is read from the table.
 */
export const REASONS = {
  allowed_by_role: { allow: true, message: "A role holds the permission here." },
  allowed_by_access: { allow: true, message: "Grants or ownership give the access that the action needs." },
  allowed_by_admin: {
    allow: true,
    message: "The principal is an organization administrator, and the product lets administrators do everything.",
  },
  allowed_by_policy: { allow: true, message: "A Permit rule matches." },
  allowed_by_rule: { allow: true, message: "An alternative of the operation's rule holds." },
  unknown_principal: { allow: false, message: "The principal is unknown, inactive or not of this organization." },
  unknown_type: { allow: false, message: "No product of the organization declares this type, or this is no resource path." },
  unknown_resource: { allow: false, message: "The resource, its parent or its sandbox is not registered." },
  wrong_parent: { allow: false, message: "An id of the path is registered under another parent." },
  unknown_action: { allow: false, message: "The type does not declare this action." },
  denied_by_policy: { allow: false, message: "A Deny rule matches." },
  no_access: { allow: false, message: "Nothing gives this access." },
  ambiguous_path: { allow: false, message: "The request target can be read in more than one way." },
  method_override: { allow: false, message: "The request carries a method override header." },
  unknown_operation: { allow: false, message: "No operation of the product has this method and path." },
  unmapped_operation: { allow: false, message: "The operation has no rule yet." },
  wrong_organization: { allow: false, message: "The path names another organization." },
  attribute_unavailable: { allow: false, message: "The rule depends on an attribute that the enforcement point did not give." },
} as const satisfies Record<string, { allow: boolean; message: string }>;
export type ReasonCode = keyof typeof REASONS;

/** Why a request target is refused, in the order in which it is examined (model §4). */
export const AMBIGUITIES = [
  "not_origin_form",
  "control_character",
  "fragment",
  "backslash",
  "encoded_separator",
  "empty_segment",
  "path_parameter",
  "bad_escape",
  "invalid_utf8",
  "double_encoding",
  "dot_segment",
] as const;
export type Ambiguity = (typeof AMBIGUITIES)[number];
