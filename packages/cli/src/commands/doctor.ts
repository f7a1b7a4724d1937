/**
 * `reeve doctor`: looks for everything that is wrong with the installation, the data directory and the server, and says what mends it.
 *
 * Invariant: it changes nothing; it ends with 1 where there is an error, and a check that could not be made is a finding, not silence.
 */
import type { Config } from "@reeve/server";
import { tell } from "../answer.ts";
import { type ConnectionOptions, connect, DEFAULT_URL } from "../connection.ts";
import { type DataOptions, dataReport } from "../doctor/data.ts";
import { type Finding, found, type Severity } from "../doctor/findings.ts";
import { certificateFindings, configFindings, nodeFindings, portFindings } from "../doctor/installation.ts";
import { organizationFindings } from "../doctor/organizations.ts";
import { reach, tokenReport } from "../doctor/reached.ts";
import { EXIT, type Exit } from "../exit.ts";
import { type OutputOptions, print } from "../output.ts";
import { type Output, paint, type Shell, writeLines } from "../shell.ts";

export type DoctorOptions = ConnectionOptions & OutputOptions & { readonly org?: string };
/** What the machine says of itself; tests say otherwise. */
export type Machine = { readonly nodeVersion: string; readonly nowMs: () => number } & Pick<DataOptions, "freeBytes">;

const THIS: Machine = { nodeVersion: process.versions.node, nowMs: Date.now };

export async function doctor(shell: Shell, options: DoctorOptions, machine: Machine = THIS): Promise<Exit> {
  const { findings: settings, config } = configFindings(shell.environment);
  const data = config === undefined ? undefined : dataReport({ ...machine, config, nowMs: machine.nowMs() });
  const server = await serverFindings(shell, options, { machine, config, isInUse: data?.isInUse === true });
  if ("exit" in server) return tell(shell, server);
  const certificate = config === undefined ? [] : certificateFindings(config, machine.nowMs());
  const findings = [...nodeFindings(machine.nodeVersion), ...settings, ...certificate, ...(data?.findings ?? []), ...server.findings];
  const isWrong = findings.some(({ severity }) => severity === "error");
  print(shell, options, { value: { ok: !isWrong, findings }, table: (output) => writeFindings(output, findings) });
  return isWrong ? EXIT.no : EXIT.yes;
}

type Asked = { readonly machine: Machine; readonly config: Config | undefined; readonly isInUse: boolean };
type Findings = { readonly findings: readonly Finding[] };

async function serverFindings(
  shell: Shell,
  options: DoctorOptions,
  asked: Asked,
): Promise<Findings | { readonly exit: Exit; readonly lines: readonly string[] }> {
  const { machine, config, isInUse } = asked;
  const named = options.url ?? (shell.environment.REEVE_URL || undefined);
  const url = (named ?? addressOf(config)).replace(/\/+$/, "");
  const anonymous = connect({ ...options, url }, shell, true);
  if (!anonymous.ok) return anonymous.error;
  const reached = await reach(url, { isNamed: named !== undefined || isInUse, nowMs: machine.nowMs });
  if (!reached.isReeve) {
    const ports = named === undefined && config !== undefined ? await portFindings(config) : [];
    // Another program at our port is told once.
    return { findings: ports.length > 0 && !isInUse ? ports : [...reached.findings, ...ports] };
  }
  const client = connect({ ...options, url }, shell);
  if (!client.ok)
    return { findings: [...reached.findings, found("token_missing", `${client.error.lines[0]} Nothing that needs one was looked at.`)] };
  const token = await tokenReport(client.value, url);
  if (token.me === undefined) return { findings: [...reached.findings, ...token.findings] };
  const org = options.org ?? (shell.environment.REEVE_ORG || undefined);
  return { findings: [...reached.findings, ...token.findings, ...(await organizationFindings(client.value, org, machine.nowMs()))] };
}

/** Where a server with this configuration is found from here. */
function addressOf(config: Config | undefined): string {
  if (config === undefined || config.port === 0) return DEFAULT_URL;
  const host = ["0.0.0.0", "::", "[::]"].includes(config.host) ? "127.0.0.1" : config.host;
  const scheme = config.tls === undefined ? "http" : "https";
  return `${scheme}://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${config.port}`;
}

const ORDER: readonly Severity[] = ["error", "warning", "note"];

function writeFindings(output: Output, findings: readonly Finding[]): void {
  for (const severity of ORDER) {
    for (const { code, finding, remedy } of findings.filter((one) => one.severity === severity)) {
      const word =
        severity === "error" ? paint(output, "red", "error") : severity === "warning" ? paint(output, "bold", "warning") : "note";
      output.write(`${word}  ${code}\n`);
      writeLines(output, [`  ${finding}`, `  → ${remedy}`]);
    }
  }
  const counts = ORDER.map((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return `${count} ${severity}${count === 1 ? "" : "s"}`;
  });
  writeLines(output, [findings.length === 0 ? "All well: nothing was found." : `${counts.join(", ")}.`]);
}
