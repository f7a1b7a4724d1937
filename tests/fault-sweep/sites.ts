/**
 * Every place where the server waits, found in its own source: each `await`, each `for await`, and each promise that `then`, `catch` or
 * `finally` is called on. A place can be rewritten so that what is awaited there passes by a function first.
 *
 * The store has tests of its own that break its disk; here it is what is wired to the server.
 * Invariant: a place that is new in the source is new in the list, and the same function finds it for the list and for the rewriting.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** `place`: file, function and how often before in it: it stays what it is when lines move. */
export type Site = { readonly place: string; readonly start: number; readonly end: number; readonly isIterated: boolean };

export const SERVER: string = join(import.meta.dirname, "../../packages/server/src");
const isSwept = (file: string): boolean => !file.startsWith("store/") && !/\.(test|prove)\.ts$/.test(file);

/** The server's files outside the store, by their path from its `src`. */
export function sweptFiles(): readonly string[] {
  return globSync("**/*.ts", { cwd: SERVER }).filter(isSwept).sort();
}

/** The name by which the rewritten source calls what stands between. */
export const GATE = "__gate";

const CONSUMERS: readonly string[] = ["then", "catch", "finally"];

/** What a node awaits; `undefined`: nothing. */
function awaited(node: ts.Node): ts.Expression | undefined {
  if (ts.isAwaitExpression(node)) return node.expression;
  if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return node.expression;
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && CONSUMERS.includes(node.expression.name.text)) {
    return node.expression.expression;
  }
  return undefined;
}

/** Nearest function around a node that has a name. */
function nameAround(node: ts.Node): string {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if ((ts.isFunctionDeclaration(at) || ts.isMethodDeclaration(at) || hasFunction(at)) && at.name !== undefined) return at.name.getText();
  }
  return "";
}

function hasFunction(node: ts.Node): node is ts.VariableDeclaration | ts.PropertyAssignment {
  const isNamed = ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node);
  return isNamed && node.initializer !== undefined && ts.isFunctionLike(node.initializer);
}

export function sitesOf(file: string, text: string = readFileSync(join(SERVER, file), "utf8")): readonly Site[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const sites: Site[] = [];
  const seen = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    const expression = awaited(node);
    if (expression !== undefined) {
      const name = `${file}#${nameAround(node)}`;
      const before = seen.get(name) ?? 0;
      seen.set(name, before + 1);
      const place = before === 0 ? name : `${name}+${before}`;
      sites.push({ place, start: expression.getStart(source), end: expression.getEnd(), isIterated: ts.isForOfStatement(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return sites;
}

/** The source with a gate at each of its places: `await x` becomes `await __gate("place", false, x)`. */
export function gated(file: string, text: string): string {
  const pieces = sitesOf(file, text).flatMap(({ place, start, end, isIterated }, order) => [
    { at: start, isEnd: false, order, text: `globalThis.${GATE}(${JSON.stringify(place)}, ${isIterated}, ` },
    { at: end, isEnd: true, order, text: ")" },
  ]);
  // At one position what ends comes before what begins; of what begins the outer one, which is found first, comes first.
  pieces.sort((a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd) || a.order - b.order);
  let result = "";
  let from = 0;
  for (const piece of pieces) {
    result += text.slice(from, piece.at) + piece.text;
    from = piece.at;
  }
  return result + text.slice(from);
}

/** Passed or not by how fast the machine is: broken by rounds.test.ts instead. */
export const BY_CHANCE: readonly string[] = ["feed/rounds.ts#askAgain"];
