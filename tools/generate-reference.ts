/**
 * Pages of the reference that are made from the code: what can be configured, what is limited, the API, the commands, and all codes.
 *
 * `node tools/generate-reference.ts` writes them; a golden test compares. Invariant: nothing on these pages is typed twice.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HTTP_LIMITS, type Limit, PROBLEMS } from "@reeve/contract";
import { LIMITS } from "@reeve/core";
import { DRAIN_MS, OTHER_KEYS, REVISION_WAIT_MS, SETTINGS, type Setting } from "@reeve/server";
import { code, number, row, table } from "./markdown.ts";
import { apiPage } from "./reference-api.ts";
import { cliPage } from "./reference-cli.ts";
import { errorCodesPage, reasonCodesPage } from "./reference-codes.ts";
import { experiencePlatformPage } from "./reference-experience-platform.ts";
import { ROOT } from "./steps.ts";

const settings: readonly Setting[] = Object.values(SETTINGS);

/** docs/reference/configuration.md */
export function configurationPage(): string {
  const rows = settings.map(({ key, place, default: fallback, allowed, isSecret, description }) =>
    row(
      code(place),
      code(key),
      fallback === undefined ? "unset" : code(fallback),
      allowed,
      `${description}${isSecret ? " Secret: never shown." : ""}`,
    ),
  );
  return `# Configuration

Made from the code by \`tools/generate-reference.ts\`. How it is used: [Configure Reeve](../how-to/configure.md).

## Settings of the server

Every setting has a place in \`reeve.config.yaml\` and a key in the environment. The environment wins; a key that is set to nothing counts as
unset. In the environment a list is written with commas and what has members as JSON; in the file both are YAML.

${table(["In the file", "In the environment", "Default", "Allowed", "Meaning"], rows)}

## Other keys of the environment

${table(
  ["Key", "Meaning"],
  OTHER_KEYS.map(({ key, description }) => row(code(key), description)),
)}

## A whole file

\`\`\`yaml
${exampleFile()}\`\`\`
`;
}

/** Every setting at its default; those without one as a comment. */
function exampleFile(): string {
  type Tree = Map<string, Tree | string>;
  const root: Tree = new Map();
  for (const { place, default: fallback } of settings) {
    const names = place.split(".");
    let at = root;
    for (const name of names.slice(0, -1)) {
      if (!(at.get(name) instanceof Map)) at.set(name, new Map());
      at = at.get(name) as Tree;
    }
    at.set(names.at(-1) as string, fallback ?? "");
  }
  const print = (tree: Tree, indent: string): string =>
    [...tree]
      .map(([name, value]) =>
        value instanceof Map
          ? `${indent}${name}:\n${print(value, `${indent}  `)}`
          : `${indent}${name}:${value === "" ? "" : ` ${value}`}\n`,
      )
      .join("");
  return print(root, "");
}

/** docs/reference/limits.md */
export function limitsPage(): string {
  const limits = Object.values(HTTP_LIMITS) as readonly Limit[];
  const bounded = (name: "connectionsMax" | "connectionsPerAddressMax", about: string): string =>
    row(about, `${SETTINGS[name].default} (${code(SETTINGS[name].key)})`, problemOf("too_many_connections"));
  const rows = [
    ...limits.map((limit) => row(limit.about, amount(limit), problemOf(limit.code))),
    bounded("connectionsMax", "Connections at once."),
    bounded("connectionsPerAddressMax", "Connections at once from one address."),
    row(
      "A question's wait for the revision that it asks for (`atLeast`).",
      amount({ value: REVISION_WAIT_MS, unit: "ms" }),
      problemOf("revision_not_reached"),
    ),
    row(
      "A server that stops: answering what has begun. What comes meanwhile is refused.",
      amount({ value: DRAIN_MS, unit: "ms" }),
      problemOf("draining"),
    ),
  ];
  const ofModel = Object.entries(LIMITS).map(([name, value]) => row(code(name), number(value)));
  return `# Limits

Made from the code by \`tools/generate-reference.ts\`. All bounds are inclusive.

## Of HTTP

What goes beyond is answered with the problem that is named, or its connection is closed where nobody would read an answer.

${table(["What", "Bound", "Answered with"], rows)}

A body that breaks another bound of the model is answered ${problemOf("malformed_request")} with every fault and its place. An item of a
batch that does is denied by itself, and the others are answered.

## Of the model

Names end in what is counted: characters are Unicode code points, bytes are those of JSON in UTF-8.

${table(["Name", "Bound"], ofModel)}
`;
}

function amount({ value, unit }: Pick<Limit, "value" | "unit">): string {
  return unit === "ms" ? `${value / 1_000} s` : `${number(value)} ${unit}`;
}

function problemOf(name: keyof typeof PROBLEMS | undefined): string {
  return name === undefined ? "closed" : `${PROBLEMS[name].status} ${code(name)}`;
}

/** Every page by its name in docs/reference. */
export const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  "api.md": apiPage,
  "cli.md": cliPage,
  "configuration.md": configurationPage,
  "error-codes.md": errorCodesPage,
  "experience-platform-catalogue.md": experiencePlatformPage,
  "limits.md": limitsPage,
  "reason-codes.md": reasonCodesPage,
};

if (import.meta.main) for (const [name, page] of Object.entries(PAGES)) writeFileSync(join(ROOT, "docs/reference", name), await page());
