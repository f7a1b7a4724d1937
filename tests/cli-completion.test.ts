/**
 * Completion in real shells: the script is sourced, and what a person would see after Tab is compared.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reeve, shell } from "./cli-server.ts";
import { noteSkip, onPath } from "./require.ts";

let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "reeve-completion-"));
  for (const name of ["bash", "zsh", "fish"]) {
    const { code, out } = await reeve(["completion", name]);
    expect(code).toBe(0);
    writeFileSync(join(home, name), out);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const CASES: readonly (readonly [line: string, offered: string])[] = [
  ["reeve who", "whoami who-can"],
  ["reeve list ro", "roles"],
  ["reeve list roles --fi", "--filter"],
  ["reeve list roles -o ", "table json yaml"],
  ["reeve list --org X pol", "policies"],
  ["reeve list --org ", ""],
  ["reeve get --output yaml sand", "sandboxes"],
  ["reeve token ", "create list revoke reset"],
  ["reeve token create --ceiling a", "admin"],
  ["reeve completion ", "bash zsh fish"],
  ["reeve credentials ", "list add delete"],
  ["reeve projects cr", "create"],
  ["reeve access-token --sc", "--scope"],
  ["reeve access-token --secret-file zs", "zsh"],
  ["reeve check --subject user:ada DELETE --pro", "--product"],
  ["reeve backup ba", "bash"],
  ["reeve check --token-file zs", "zsh"],
];
const sorted = (words: string): string => words.split(/\s+/).filter(Boolean).sort().join(" ");

const bash = onPath("bash")[0];
const zsh = onPath("zsh")[0];
const fish = onPath("fish")[0];
if (bash === undefined) noteSkip("no bash is on this machine");
if (zsh === undefined) noteSkip("no zsh is on this machine");
if (fish === undefined) noteSkip("no fish is on this machine");

describe.skipIf(bash === undefined)("in bash", () => {
  it("everything of the grammar is offered where it belongs", async () => {
    const asked = CASES.map(([line]) => `try ${line.endsWith(" ") ? `${line}''` : line}`).join("\n");
    const script = `source ./bash\ntry() { COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _reeve; echo "\${COMPREPLY[*]}"; }\n${asked}\ncomplete -p reeve\n`;
    writeFileSync(join(home, "asked.sh"), script);
    const { out, err } = await shell("bash --norc -u asked.sh", { directory: home });
    const lines = out.trimEnd().split("\n");
    expect([err, lines.at(-1)]).toEqual(["", "complete -o filenames -F _reeve reeve"]);
    expect(CASES.map(([line], at) => [line, sorted(lines[at] ?? "")])).toEqual(CASES.map(([line, offered]) => [line, sorted(offered)]));
  });
});

describe.skipIf(zsh === undefined)("in zsh", () => {
  it("the script is taken, and registers the completion", async () => {
    const { out, err } = await shell(`zsh -f -c 'autoload -Uz compinit && compinit -u -D; source ./zsh; print -r -- $_comps[reeve]'`, {
      directory: home,
    });
    expect([out.trim(), err]).toEqual(["_bash_complete -o filenames -F _reeve", ""]);
  });
});

describe.skipIf(fish === undefined)("in fish", () => {
  it("everything of the grammar is offered where it belongs", async () => {
    const asked = CASES.map(([line]) => `echo (complete -C ${JSON.stringify(line)} | string replace -r '\\t.*' '')`);
    writeFileSync(join(home, "asked.fish"), `source ./fish\n${asked.join("\n")}\n`);
    const { out } = await shell("fish --no-config asked.fish", { directory: home });
    const lines = out.trimEnd().split("\n");
    expect(CASES.map(([line], at) => [line, sorted(lines[at] ?? "")])).toEqual(CASES.map(([line, offered]) => [line, sorted(offered)]));
  });
});
