/**
 * Banned calls: what the code of a place must not do, and what to use instead. One row a ban.
 *
 * A row names where it holds (by path from the top of the repository, `/` between folders) and which syntax nodes break it; tidy walks
 * the syntax tree, so that words in comments and strings do not count.
 * Invariant: every row is broken once by `walls.test.ts`, which sees file, line and rule named.
 */
import ts from "typescript";

export type Ban = {
  readonly rule: string;
  readonly instead: string;
  readonly where: (path: string) => boolean;
  readonly breaks: (node: ts.Node) => boolean;
};

const isTest = (path: string) => /\.(test|prove)\.ts$|\/conformance(\.ts$|\/)/.test(path);
const inCore = (path: string) => path.startsWith("packages/core/src/") && !isTest(path);
// The operators of conditions end a failed evaluation by throwing through the JSON Logic library, and condition.ts catches it.
const inEngine = (path: string) =>
  path.startsWith("packages/core/src/engine/") && !isTest(path) && !path.endsWith("/engine/policy/condition.ts");
const inPackages = (path: string) => path.startsWith("packages/") && !isTest(path);
const inApp = (path: string) => path.startsWith("packages/server/src/app/") && !isTest(path);
const everywhere = () => true;
const prints = (path: string) => inPackages(path) && !path.startsWith("packages/cli/");
const readsEnvironment = (path: string) =>
  inPackages(path) && path !== "packages/server/src/config.ts" && !/^packages\/cli\/src\/(commands\/)?(start|token)[a-z-]*\.ts$/.test(path);
/** Where values have been parsed already: by `http/body.ts`. */
const parsesBodies = (path: string) =>
  inCore(path) ||
  (/^packages\/(contract|server\/src\/(app|http))\//.test(path) && path !== "packages/server/src/http/body.ts" && !isTest(path));

/** `a.b.c` as text, for property accesses on plain names; "" for anything else. */
function dotted(node: ts.Node): string {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return "";
  const left = dotted(node.expression);
  return left === "" ? "" : `${left}.${node.name.text}`;
}

const withoutGlobal = (name: string) => name.replace(/^(globalThis|global|window|self)\./, "");
/** The member itself, called or not: `const now = Date.now` is a call of it later. */
const member =
  (...names: readonly string[]) =>
  (node: ts.Node) =>
    ts.isPropertyAccessExpression(node) && names.includes(withoutGlobal(dotted(node)));
const called =
  (...names: readonly string[]) =>
  (node: ts.Node) =>
    (ts.isCallExpression(node) || ts.isNewExpression(node)) && names.includes(withoutGlobal(dotted(node.expression)));
const method =
  (...names: readonly string[]) =>
  (node: ts.Node) =>
    ts.isPropertyAccessExpression(node) && names.includes(node.name.text);
const memberOf = (name: string) => (node: ts.Node) =>
  ts.isPropertyAccessExpression(node) && withoutGlobal(dotted(node.expression)) === name;

function isImportOf(node: ts.Node, matches: (specifier: string) => boolean): boolean {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier) && matches(node.moduleSpecifier.text);
  }
  const argument = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0] : undefined;
  return argument !== undefined && ts.isStringLiteral(argument) && matches(argument.text);
}

const isAsync = (node: ts.Node) => node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node);

const isStatusCode = (node: ts.Node) => ts.isNumericLiteral(node) && /^[1-5]\d\d$/.test(node.text);
const setsStatus = (node: ts.Node) =>
  (ts.isPropertyAssignment(node) && /^status(Code)?$/.test(node.name.getText()) && isStatusCode(node.initializer)) ||
  (ts.isCallExpression(node) && method("status", "code")(node.expression) && node.arguments.some(isStatusCode));

const TEST_WORDS = ["it", "test", "describe", "suite", "bench"];
const changesTests = (node: ts.Node) =>
  ts.isPropertyAccessExpression(node) &&
  ["only", "skip", "todo"].includes(node.name.text) &&
  TEST_WORDS.includes(dotted(node).split(".")[0]!);

/** A conditional skip is fine where its reason is noted, so that `npm test` can tell it. */
const skipsSilently = (node: ts.Node) =>
  ts.isCallExpression(node) &&
  (method("skipIf", "runIf")(node.expression) || called("context.skip", "ctx.skip")(node)) &&
  !/ from "[^"]*\/require\.ts"/.test(node.getSourceFile().text);

export const bans: readonly Ban[] = [
  { rule: "no clock in core", instead: "take `now` as an argument", where: inCore, breaks: member("Date.now", "performance.now") },
  {
    rule: "no new Date() in core",
    instead: "take `now` (epoch milliseconds) as an argument",
    where: inCore,
    breaks: (node) => called("Date")(node) && ((node as ts.CallExpression).arguments ?? []).length === 0,
  },
  {
    rule: "no randomness in core",
    instead: "take the id or the number as an argument",
    where: inCore,
    breaks: member("Math.random", "crypto.randomUUID", "crypto.getRandomValues"),
  },
  {
    rule: "no timers in core",
    instead: "nothing: core answers at once; who waits stands in server",
    where: inCore,
    breaks: called("setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"),
  },
  { rule: "nothing waits in core", instead: "a plain function or an iterator", where: inCore, breaks: isAsync },
  {
    rule: "no throw in core/engine",
    instead: "a decision that denies, with a reason, or a Result",
    where: inEngine,
    breaks: ts.isThrowStatement,
  },
  { rule: "no console", instead: "pino in server, a returned value elsewhere", where: prints, breaks: memberOf("console") },
  { rule: "no eval", instead: "json-logic-engine with the fixed operators", where: everywhere, breaks: called("eval", "Function") },
  {
    rule: "no locale order",
    instead: "compare by UTF-8 bytes or code units: an order that no machine changes",
    where: everywhere,
    breaks: method("localeCompare", "toLocaleLowerCase", "toLocaleUpperCase"),
  },
  {
    rule: "no process.env",
    instead: "packages/server/src/config.ts: one frozen object, validated at the start",
    where: readsEnvironment,
    breaks: member("process.env"),
  },
  {
    rule: "no JSON.parse here",
    instead: "the parsed value: http parses bodies once, with limits, and core's parsers check it",
    where: parsesBodies,
    breaks: member("JSON.parse"),
  },
  {
    rule: "no status codes in app",
    instead: "an error with a code; contract maps every code to a status",
    where: inApp,
    breaks: setsStatus,
  },
  {
    rule: "no deep imports",
    instead: "the package's door, `@reeve/name`",
    where: everywhere,
    breaks: (node) =>
      isImportOf(node, (specifier) => /^@reeve\/[^/]+\/|\/packages\/[^/]+\/(src|dist)\/(?!index\.ts$|store\/memory\/)/.test(specifier)),
  },
  {
    rule: "no test left out",
    instead: "a whole test; for a missing program `requireProgram` of tests/require.ts with `skipIf`",
    where: isTest,
    breaks: changesTests,
  },
  {
    rule: "no silent skips",
    instead: "`requireProgram` or `noteSkip` of tests/require.ts, which say why",
    where: isTest,
    breaks: skipsSilently,
  },
];
