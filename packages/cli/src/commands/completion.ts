/**
 * `reeve completion SHELL`: a script that completes commands, options, collections and choices, made from the program's own grammar.
 */
import type { Command } from "commander";
import { type CompletionShell, completionScript } from "../completion-scripts.ts";
import { completionTree } from "../completion-tree.ts";
import { EXIT, type Exit } from "../exit.ts";
import type { Shell } from "../shell.ts";

export function completion(shell: Shell, program: Command, kind: CompletionShell): Exit {
  shell.stdout.write(completionScript(kind, completionTree(program)));
  return EXIT.yes;
}
