/**
 * The installation: Node.js, the configuration, and whether the port that it names is free.
 */
import { createServer } from "node:net";
import { type Config, type ConfigFault, type ConfigSource, loadConfig, OTHER_KEYS, SETTINGS } from "@reeve/server";
import { isHere } from "../connection.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { Shell } from "../shell.ts";
import { configLine } from "../start-faults.ts";
import { type Finding, found } from "./findings.ts";

const NODE_MIN = 24;
const EVERYWHERE = ["0.0.0.0", "::", "[::]"];

export function nodeFindings(version: string): readonly Finding[] {
  const major = Number(version.split(".")[0]);
  return major >= NODE_MIN ? [] : [found("node_too_old", `This is Node.js ${version}; Reeve needs ${NODE_MIN} or later.`)];
}

/** `config`: absent where it has faults. */
export function configFindings(environment: Shell["environment"]): { readonly findings: readonly Finding[]; readonly config?: Config } {
  const read = loadConfig(environment);
  if (!read.ok) return { findings: read.error.map(faultFinding) };
  return { findings: [...overridden(read.sources), ...contradictions(read.value)], config: read.value };
}

const PLACES = Object.values(SETTINGS).map(({ place }) => place);
const KEYS = [...Object.values(SETTINGS).map(({ key }) => key), ...OTHER_KEYS.map(({ key }) => key)];

function faultFinding(fault: ConfigFault): Finding {
  const isUnknown = fault.allowed.startsWith("a known key");
  if (!isUnknown) return found("setting_not_allowed", `${configLine(fault)}.`);
  const where = fault.from === undefined ? "in the environment" : `at ${fault.from}`;
  return found(
    "setting_unknown",
    `There is no setting ${fault.key} (${where}).${didYouMean(fault.key, fault.from === undefined ? KEYS : PLACES)}`,
  );
}

const overridden = (sources: readonly ConfigSource[]): readonly Finding[] =>
  sources.flatMap(({ key, place, over }) =>
    over === undefined ? [] : [found("setting_overridden", `${key} of the environment counts over ${place} at ${over}.`)],
  );

function contradictions({ host, publicUrl, tls, mail, connectionsMax, connectionsPerAddressMax }: Config): readonly Finding[] {
  return [
    ...(connectionsPerAddressMax > connectionsMax
      ? [
          found(
            "settings_contradict",
            `One address may have ${connectionsPerAddressMax} connections, but all together only ${connectionsMax}: one client can take them all.`,
          ),
        ]
      : []),
    ...(EVERYWHERE.includes(host) && tls === undefined
      ? [found("listens_everywhere", `The server listens on ${host}, every address of this machine, and speaks HTTP in clear.`)]
      : []),
    ...publicUrlFindings({ host, publicUrl }),
    ...(mail === undefined && !(isHere(host) && publicUrl === undefined)
      ? [
          found(
            "mail_missing",
            "No mail is sent: whoever invites is shown the link, and who forgot a password needs the server's administrator.",
          ),
        ]
      : []),
  ];
}

/** Where links lead, and whom access tokens name as their issuer. */
function publicUrlFindings({ host, publicUrl }: Pick<Config, "host" | "publicUrl">): readonly Finding[] {
  if (publicUrl === undefined) {
    if (isHere(host)) return [];
    return [found("public_url_missing", `Links of invitations, and the issuer of access tokens, name what it listens on: ${host}.`)];
  }
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === "https:" || isHere(hostname)) return [];
  return [found("public_url_in_clear", `People sign in at ${publicUrl}: passwords go in clear, and browsers keep no session.`)];
}

const NEAR_MS = 14 * 86_400_000;

export function certificateFindings({ tls }: Config, nowMs: number): readonly Finding[] {
  if (tls === undefined || tls.pair.expiresMs - nowMs > NEAR_MS) return [];
  const isOver = tls.pair.expiresMs <= nowMs;
  const at = new Date(tls.pair.expiresMs).toISOString();
  return [found("certificate_ends", `The certificate ${tls.files.certificate} ${isOver ? "has expired" : "expires"} at ${at}.`)];
}

/** To be asked where no Reeve answers there. */
export async function portFindings({ host, port }: Config): Promise<readonly Finding[]> {
  if (port === 0) return [];
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return [];
  const why = code === "EADDRINUSE" ? "another program uses it" : code;
  return [found("port_in_use", `The server could not listen on ${host}:${port}: ${why}.`)];
}
