/**
 * The certificate of HTTPS: two files, read when the server is configured, and looked at again and again while it runs.
 *
 * Whoever exchanges them may do it one after the other, or be in the midst of writing: what is no certificate with its key is told, and the
 * pair that was taken before goes on.
 * Invariant: only a pair that TLS takes as a whole is ever given on.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Logger } from "pino";
import { type Pair, secured } from "./http/tls.ts";
import { SETTINGS } from "./settings/index.ts";

/** Absolute paths. */
export type PairFiles = { readonly certificate: string; readonly key: string };
/** `expiresMs`: of the server's own certificate, epoch milliseconds. */
export type KnownPair = Pair & { readonly expiresMs: number };
/** Which file, and what it should be: ends the sentence "allowed is …". */
export type PairFault = { readonly of: "tlsCertificate" | "tlsKey"; readonly allowed: string };
export type ReadPair = { readonly ok: true; readonly value: KnownPair } | { readonly ok: false; readonly error: PairFault };

/** Certificates with many signers have some tens of KiB. */
const BYTES_MAX = 1_048_576;

export function readPair(files: PairFiles): ReadPair {
  const certificate = textOf(files.certificate);
  if ("why" in certificate) return refused("tlsCertificate", certificate.why);
  const key = textOf(files.key);
  if ("why" in key) return refused("tlsKey", key.why);
  return pairOf({ certificate: certificate.text, key: key.text });
}

function textOf(path: string): { readonly text: string } | { readonly why: string } {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > BYTES_MAX) return { why: "it is no file of 1 MiB at most" };
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    return { why: (error as NodeJS.ErrnoException).code ?? "it cannot be read" };
  }
}

function refused(of: PairFault["of"], why: string): ReadPair {
  return { ok: false, error: { of, allowed: `${SETTINGS[of].allowed} (${why})` } };
}

function pairOf(pair: Pair): ReadPair {
  const certificate = made(() => new X509Certificate(pair.certificate));
  if (certificate === undefined) return refused("tlsCertificate", "it is none");
  // Messages of the library may quote what they read.
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(pair.key)) return refused("tlsKey", "it is encrypted");
  const key = made(() => createPrivateKey(pair.key));
  if (key === undefined) return refused("tlsKey", "it is none");
  if (!certificate.checkPrivateKey(key)) return refused("tlsKey", "it is another's");
  if (made(() => createSecureContext(secured(pair))) === undefined)
    return refused("tlsCertificate", "TLS does not take it: too weak, or broken further on");
  return { ok: true, value: { ...pair, expiresMs: certificate.validToDate.getTime() } };
}

function made<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** `expiresMs`: of the pair that is served. `isTaken`: the files hold it, and not something that could not be taken. */
export type Served = { readonly expiresMs: number; readonly isTaken: boolean };
export type Following = { served(): Served; stop(): void };
export type FollowOptions = {
  readonly everyMs: number;
  readonly clock: () => number;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
};
type Given = FollowOptions & { readonly files: PairFiles; readonly first: KnownPair; readonly take: (pair: Pair) => void };

/** Looks at the files every so often, and has a new pair taken. */
export function followPair({ files, first, everyMs, clock, logger, take }: Given): Following {
  let served = first;
  let told: string | undefined;
  const warnOfEnd = (): void => {
    if (served.expiresMs <= clock()) logger.warn({ expired: dateOf(served) }, "the certificate has expired: clients will refuse it");
  };
  const look = (): void => {
    const read = readPair(files);
    const fault = read.ok ? undefined : `${files[read.error.of === "tlsKey" ? "key" : "certificate"]}: allowed is ${read.error.allowed}`;
    // What stays as it is is told once.
    if (fault !== undefined && fault !== told) logger.error({ fault }, "the certificate's files cannot be taken; the pair before goes on");
    told = fault;
    if (!read.ok || (read.value.certificate === served.certificate && read.value.key === served.key)) return;
    take(read.value);
    served = read.value;
    logger.info({ expires: dateOf(served) }, "a new certificate is served");
    warnOfEnd();
  };
  warnOfEnd();
  const looking = setInterval(look, everyMs).unref();
  return { served: () => ({ expiresMs: served.expiresMs, isTaken: told === undefined }), stop: () => clearInterval(looking) };
}

const dateOf = ({ expiresMs }: KnownPair): string => new Date(expiresMs).toISOString();
