/**
 * Base paths: what stands before every path of a document on the request line.
 *
 * 2.0 names it; 3.x has servers, whose URLs may be relative and may hold variables (their defaults are taken). When all servers of a
 * list have the same path, that is the base path; when they differ there is none, and a note tells the paths.
 */
import type { Findings } from "./findings.ts";
import { isObject, memberOf, type RawObject, under } from "./pointers.ts";

/** `""`: none. `undefined`: the servers disagree, or the path is none that requests can begin with. */
export function basePathOf(owner: RawObject, pointer: string, findings: Findings): string | undefined {
  if (typeof owner.basePath === "string") return trimmed(owner.basePath);
  const servers = memberOf(owner, "servers");
  if (!Array.isArray(servers) || servers.length === 0) return "";
  const paths = [...new Set(servers.map(pathOfServer))];
  if (paths.length === 1 && paths[0] !== undefined) return paths[0];
  const told = paths.map((path) => (path === undefined ? "one that is no path" : path === "" ? "/" : path)).slice(0, 8);
  const detail = `The servers have different base paths (${told.join(", ")}); paths are taken without one unless the import is told which.`;
  findings.note("servers_disagree", under(pointer, "servers"), { detail, allowed: told });
  return undefined;
}

function pathOfServer(server: unknown): string | undefined {
  const url = memberOf(server, "url");
  if (typeof url !== "string") return undefined;
  const variables = memberOf(server, "variables");
  const filled = url.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => {
    const given = memberOf(memberOf(variables, name), "default");
    return isObject(variables) && typeof given === "string" ? given : whole;
  });
  const path =
    /^(?:[a-zA-Z][\w+.-]*:)?\/\/[^/?#]*([^?#]*)/.exec(filled)?.[1] ?? (filled.startsWith("/") ? filled.replace(/[?#].*/s, "") : undefined);
  return path === undefined || /[{}]/.test(path) ? undefined : trimmed(path);
}

/** Without slashes at its end, with one at its beginning; `/` is none. */
export const trimmed = (path: string): string => {
  const bare = path.replace(/\/+$/, "");
  return bare === "" || bare.startsWith("/") ? bare : `/${bare}`;
};
