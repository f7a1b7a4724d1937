#!/usr/bin/env node
// The command `reeve`. Plain JavaScript that old versions of Node.js read too, so that they say what is needed instead of
// ERR_UNKNOWN_FILE_EXTENSION or a syntax error. In a checkout the sources run, types stripped; in a package what was built of them.
import { existsSync } from "node:fs";

const MAJOR_MIN = 24;
const EXIT_CANNOT_RUN = 3;

if (Number(process.versions.node.split(".")[0]) < MAJOR_MIN) {
  console.error(`Reeve needs Node.js ${MAJOR_MIN} or later; this is ${process.versions.node}.`);
  console.error("Install Node.js 24 or later; in a checkout `npm run reeve -- …` brings its own.");
  process.exit(EXIT_CANNOT_RUN);
}

const source = new URL("../src/main.ts", import.meta.url);
if (existsSync(source)) {
  const { registerHooks } = await import("node:module");
  // The sibling packages' TypeScript is found by the condition `source`, which otherwise is a flag of the command line.
  registerHooks({
    resolve: (specifier, context, next) => next(specifier, { ...context, conditions: ["source", ...context.conditions] }),
  });
  await import(source.href);
} else await import(new URL("../dist/main.js", import.meta.url).href);
