/**
 * Tidy: the style that a program can check and no other tool does. Run by `npm run check`; `node tools/tidy.ts [folder]` alone.
 *
 * Banned calls (`banned.ts`), rooms (each TypeScript file is in exactly one), names of files, tests that are skipped in silence, notes
 * without an issue, and text that names things of one machine. Sizes and unused code are Biome's and knip's.
 * Invariant: a finding names file, line, rule, and what to do instead.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { rooms } from "../.dependency-cruiser.mjs";
import { bans } from "./banned.ts";
import { ROOT } from "./steps.ts";

export type Finding = { readonly file: string; readonly line: number; readonly rule: string; readonly instead: string };

const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "coverage", ".git", ".reeve"]);
const TEXT = /\.(ts|mjs|js|json|md|ya?ml|html|css|svg|sh|txt|sql)$|^(LICENSE|NOTICE|Dockerfile)$|^\.(npmrc|gitignore)$|(^|\/)\.ci\/run$/;
const CODE = /\.(ts|mjs|js)$/;
const DRAWERS = /(^|\/)(utils?|helpers?|common|misc|shared|lib)(\.[^/]*)?(\/|$)/;
const KEBAB = /^\.?[a-z0-9]+([-.][a-z0-9]+)*$/;
const CAPITALS = /^[A-Z]+(\.md)?$|^Dockerfile$/;

/** Rules over lines of text, in every text file of the repository. */
const lineRules: readonly { readonly rule: string; readonly instead: string; readonly pattern: RegExp; readonly files: RegExp }[] = [
  {
    rule: "no machine paths",
    instead: "a path from the top of the repository",
    pattern: /(^|[\s"'`(=:])\/(work|root|Users|home\/[a-z]+)\/[\w.-]/,
    files: /./,
  },
  {
    rule: "no registry hosts",
    instead: "the package's name: each machine has its own registry",
    pattern: /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|^\s*(@[\w-]+:)?registry\s*=|"resolved":\s*"(https?|git)/,
    files: /./,
  },
  {
    rule: "nothing from outside the repository",
    instead: "ARCHITECTURE.md, docs/ or a published specification",
    pattern: /\bshared\/(design|data|spec|hooks)\b|\bdesign\/[a-z-]+\.md\b/,
    files: /./,
  },
  {
    rule: "a note has an issue number",
    instead: "the work itself, or the number of its issue in brackets",
    pattern: /\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b(?!\(#\d+\))/,
    files: CODE,
  },
];

/** Every rule that tidy knows, by name. */
export const ruleNames: readonly string[] = [
  ...bans.map(({ rule }) => rule),
  ...lineRules.map(({ rule }) => rule),
  ...["no drawers", "kebab-case names", "every file in one room"],
];

/** Every text file below the folder, by its path from there. */
export function textFiles(root: string): readonly string[] {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) walk(path);
      else if (entry.isFile() && TEXT.test(path)) found.push(path);
    }
  };
  walk("");
  return found.sort();
}

/** All findings below the folder. */
export function tidy(root: string): readonly Finding[] {
  return textFiles(root).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const code = CODE.test(file) ? bannedCalls(file, text) : [];
    return [...names(file), ...lines(file, text), ...code];
  });
}

function names(file: string): readonly Finding[] {
  const at = (rule: string, instead: string): Finding => ({ file, line: 1, rule, instead });
  const findings: Finding[] = [];
  if (DRAWERS.test(file)) findings.push(at("no drawers", "a name that says what is in it: the domain's noun or verb"));
  const odd = file.split("/").filter((part) => !KEBAB.test(part) && !CAPITALS.test(part));
  if (odd.length > 0) findings.push(at("kebab-case names", `kebab-case for ${odd.join(", ")}`));
  const homes = rooms.filter(
    ({ files, except }) => new RegExp(files).test(file) && (except === undefined || !new RegExp(except).test(file)),
  );
  if (file.endsWith(".ts") && homes.length !== 1) {
    const instead = "a room of .dependency-cruiser.mjs: move the file, or draw the room there and in ARCHITECTURE.md";
    findings.push(at("every file in one room", `${instead} (it is in ${homes.length})`));
  }
  return findings;
}

function lines(file: string, text: string): readonly Finding[] {
  const rules = lineRules.filter(({ files }) => files.test(file));
  return text
    .split("\n")
    .flatMap((content, index) =>
      rules.filter(({ pattern }) => pattern.test(content)).map(({ rule, instead }) => ({ file, line: index + 1, rule, instead })),
    );
}

function bannedCalls(file: string, text: string): readonly Finding[] {
  const here = bans.filter(({ where }) => where(file));
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const findings: Finding[] = [];
  const visit = (node: ts.Node) => {
    for (const { rule, instead, breaks } of here) {
      if (breaks(node)) findings.push({ file, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, rule, instead });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

if (import.meta.main) {
  const findings = tidy(process.argv[2] ?? ROOT);
  for (const { file, line, rule, instead } of findings) console.log(`${file}:${line} ${rule}: use instead ${instead}`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
