/** Which lines of the audit are about developer projects and their credentials. */
import type { AuditEvent } from "./index.ts";

/** Where the addresses of credentials begin, as targets. */
const PROJECTS = "developer-projects/";

export const isOfProjects = ({ target, changes }: Pick<AuditEvent, "target" | "changes">): boolean =>
  target.startsWith(PROJECTS) || changes.some(({ kind }) => kind === "developer-project");
