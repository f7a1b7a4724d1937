/** Pages of the reference about codes: what a decision says of itself, and how a request, a document or an installation can be wrong. */
import { FINDINGS } from "@reeve/cli";
import { PROBLEMS } from "@reeve/contract";
import { AMBIGUITIES, FAULTS, REASONS, WARNINGS } from "@reeve/core";
import { DOCUMENT_FAULTS, DOCUMENT_NOTES, IMPORT_PROBLEMS } from "@reeve/openapi";
import { code, codes, MADE, row, table } from "./markdown.ts";

type Messages = Readonly<Record<string, { readonly message: string }>>;
const told = (messages: Messages): string =>
  table(
    ["Code", "Says"],
    Object.entries(messages).map(([name, { message }]) => row(code(name), message)),
  );

/** docs/reference/reason-codes.md */
export function reasonCodesPage(): string {
  const reasons = Object.entries(REASONS);
  const of = (allow: boolean): string => told(Object.fromEntries(reasons.filter(([, reason]) => reason.allow === allow)));
  return `# Reason codes

${MADE} Every decision carries exactly one of these codes, in \`context.reasons\`, with its message
and the facts beside it. Codes are stable, messages are not: [what \`/v1\` promises](stability.md). A code that you do not know means what
the \`decision\` beside it says.

## Yes

${of(true)}

## No

${of(false)}

\`ambiguous_path\` names why, in \`why\`: ${codes(AMBIGUITIES)}.
`;
}

/** docs/reference/error-codes.md */
export function errorCodesPage(): string {
  const problems = Object.entries(PROBLEMS).map(([name, { status, title }]) => row(String(status), code(name), title));
  const findings = Object.entries(FINDINGS).map(([name, { severity, remedy }]) => row(code(name), severity, remedy));
  return `# Error codes

${MADE} Codes are stable, titles and details are not: [what \`/v1\` promises](stability.md). A deny is
no error: it is an answer with a [reason code](reason-codes.md).

## Problems

What is answered when a request fails: \`application/problem+json\` (RFC 9457) with \`code\`, \`status\`, \`title\`, \`detail\`, the
\`requestId\` and, where a body has faults, all of them in \`errors\`. [Which route answers which](api.md).

${table(["Status", "Code", "Title"], problems)}

## Faults

What is wrong at one place of a body: in \`errors\`, each with a JSON Pointer (RFC 6901) and, where that is a short list, what would have been
allowed. \`reeve diff\`, \`apply\` and \`test\` tell them with file, line and column.

${told(FAULTS)}

## Warnings

What is done, and may be what nobody meant: in \`warnings\` of what writes and previews answer, each with its place. \`reeve apply\` tells them
on stderr.

${told(WARNINGS)}

## Of OpenAPI documents

What refuses a document, with line and column:

${told(DOCUMENT_FAULTS)}

What is worth knowing and refuses nothing:

${told(DOCUMENT_NOTES)}

What stands in the way of an import into a product:

${told(IMPORT_PROBLEMS)}

## Findings of \`reeve doctor\`

An error keeps something from working or makes it untrue; a warning will, or makes it less safe; a note is good to know.

${table(["Code", "Weight", "What to do"], findings)}
`;
}
