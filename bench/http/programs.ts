/**
 * The programs of the system that figures over HTTP need, and what Debian calls the packages that bring them.
 *
 * Invariant: a figure that lacks one is said to be not measured, with the package's name; it is never left out.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";

const PACKAGES = { wrk: "wrk", taskset: "util-linux" } as const;
export type ProgramName = keyof typeof PACKAGES;
/** Server and client have a core each. */
const CORES_MIN = 2;

/** What is lacking, in words; `undefined`: nothing. Whoever needs programs needs two cores to pin them to. */
export function lacking(names: readonly ProgramName[]): string | undefined {
  if (names.length === 0) return undefined;
  const absent = names.filter((name) => !isHere(name)).map((name) => `no \`${name}\` here (Debian: ${PACKAGES[name]})`);
  if (availableParallelism() < CORES_MIN) absent.push(`fewer than ${CORES_MIN} cores`);
  return absent.length === 0 ? undefined : absent.join(", ");
}

function isHere(name: ProgramName): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** As the program says it: `wrk debian/4.1.0`, or nothing where it is not here. */
export function loadVersion(): string | undefined {
  const program: ProgramName = "wrk";
  const { stdout } = spawnSync(program, ["-v"], { encoding: "utf8" });
  return /^wrk \S+/.exec(stdout ?? "")?.[0];
}
