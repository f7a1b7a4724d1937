/**
 * Every page of docs/tutorial and docs/how-to is walked as its reader would: its files written, its commands run in order, what they
 * print compared. A page says in its first line what it starts from (`<!-- set-up: … -->`), see SET_UPS.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Environment, ROOT, type Started, shell, startReeve, stopAll } from "./cli-server.ts";
import { expectShown, type Step, stepsOf } from "./walked-page.ts";

/** `nothing`: a directory, and the page itself starts the server; `after PAGE`: where that page ended; `elsewhere FILE`: that test runs it. */
const SET_UPS = /^<!-- set-up: (?:(nothing|demo)|after ([\w.-]+)|elsewhere ([\w./-]+)) -->\n/;
/** A block that ends with the start of a server in a directory of its own. */
const STARTS = /^(.*)\nREEVE_DATA_DIR=(\S+) reeve start$/s;
/** The pages are walked side by side: each takes as long as all of them, on a machine that does other things too. */
const WALK_MS = 300_000;
const FOLDERS = ["docs/tutorial", "docs/how-to"];

type Page = { readonly path: string; readonly text: string; readonly steps: readonly Step[] };
const read = (path: string): Page => {
  const text = readFileSync(join(ROOT, path), "utf8");
  return { path, text, steps: stepsOf(text) };
};
const markdown = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
const pages = FOLDERS.flatMap(markdown).map(read);
const setUpOf = ({ text }: Page): RegExpExecArray | null => SET_UPS.exec(text);
/** Pages that start anew, each with those that go on where it ended. */
const walks = pages.flatMap((page) => {
  const name = page.path.split("/").at(-1);
  const [, begin] = setUpOf(page) ?? [];
  return begin === undefined ? [] : [{ begin, pages: [page, ...pages.filter((other) => setUpOf(other)?.[2] === name)] }];
});

const homes: string[] = [];
afterAll(async () => {
  await stopAll();
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

/** A directory, a server, and the variables that the reader's terminal has by now. */
class Reader {
  readonly home = mkdtempSync(join(tmpdir(), "reeve-docs-"));
  readonly #environment: Environment;

  constructor() {
    homes.push(this.home);
    // What a reader has installed, or made by the tutorial's function.
    writeFileSync(join(this.home, "reeve"), `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, "packages/cli/bin/reeve.mjs")}" "$@"\n`);
    chmodSync(join(this.home, "reeve"), 0o755);
    const { PATH = "" } = process.env;
    this.#environment = { REEVE_DATA_DIR: join(this.home, ".reeve"), PATH: `${this.home}${delimiter}${PATH}` };
    writeFileSync(join(this.home, ".exported"), "");
  }

  async start(more: Environment, byNpm: { readonly byNpm?: true } = {}): Promise<Started> {
    const server = await startReeve({ environment: { ...this.#environment, ...more }, ...byNpm });
    writeFileSync(join(this.home, ".exported"), `export REEVE_URL=${server.url}\n`);
    return server;
  }

  /** Runs a command; what it exports is there for the next one. */
  run(command: string) {
    const line = `. ./.exported\n${command}\nstatus=$?\nexport -p > .exported\nexit $status`;
    return shell(line, { environment: this.#environment, directory: this.home });
  }

  async take(step: Step): Promise<void> {
    if ("file" in step) return writeFileSync(join(this.home, step.file), step.text);
    if (step.command === "npm ci && npm start") return void (await this.start({ REEVE_DEMO: "off" }, { byNpm: true }));
    const [, before = step.command, directory] = STARTS.exec(step.command) ?? [];
    const { code, out, err } = await this.run(before);
    const about = `$ ${step.command}\n${out}${err}`;
    expect(err, about).not.toContain("a bug of ours");
    // No is an answer, where the page shows it.
    expect((step.shown ?? []).length > 0 ? [0, 1] : [0], about).toContain(code);
    if (step.shown !== undefined) expectShown(out, step.shown);
    if (directory === undefined) return;
    // A server beside the first one, in the directory that its line names.
    const environment = { ...this.#environment, REEVE_DATA_DIR: directory };
    expect((await (await startReeve({ directory: this.home, environment })).stop()).code).toBe(0);
  }
}

describe("a reader can do what the page says:", () => {
  it.concurrent.each(walks.map((walk) => [walk.pages.map(({ path }) => path).join(", then "), walk] as const))(
    "%s",
    async (_, walk) => {
      const reader = new Reader();
      const server = walk.begin === "demo" ? await reader.start({ REEVE_DEMO: "on" }) : undefined;
      for (const step of walk.pages.flatMap(({ steps }) => steps)) await reader.take(step);
      await server?.stop();
    },
    WALK_MS,
  );
});

describe("the pages", () => {
  it("with commands all say what they start from, and each is walked once", () => {
    const walked = walks.flatMap((walk) => walk.pages.map(({ path }) => path));
    const elsewhere = pages.filter((page) => existsSync(join(ROOT, setUpOf(page)?.[3] ?? "none"))).map(({ path }) => path);
    const withCommands = pages.filter(({ steps }) => steps.some((step) => "command" in step)).map(({ path }) => path);
    expect([...walked, ...elsewhere].toSorted()).toEqual(withCommands.toSorted());
    expect(walked.length).toBeGreaterThan(5);
  });

  it("name only files and headings that are there, and the index names every page", () => {
    const all = ["docs/README.md", ...FOLDERS.flatMap(markdown), ...markdown("docs/reference")];
    const lost = all.flatMap((path) =>
      [...read(path).text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].flatMap(([link, to = "", heading]) => {
        const target = to === "" ? path : join(dirname(path), to);
        const isThere = existsSync(join(ROOT, target)) && (heading === undefined || headingsOf(target).includes(heading));
        return isThere ? [] : [`${path}: ${link}`];
      }),
    );
    expect(lost).toEqual([]);
    const index = read("docs/README.md").text;
    expect(all.filter((path) => path !== "docs/README.md" && !index.includes(`](${relative("docs", path)})`))).toEqual([]);
  });
});

const headingsOf = (path: string): readonly string[] =>
  [...read(path).text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
