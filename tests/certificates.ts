/**
 * Certificates for tests: self-signed ones for this machine, made here (X.509 v3, RFC 5280), so that no key lies in the repository.
 *
 * Invariant: each call makes another pair.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** In PEM. */
export type Pair = { readonly certificate: string; readonly key: string };
export type PairFiles = Pair;
type Asked = { readonly kind?: "ec" | "weak"; readonly fromMs?: number; readonly untilMs?: number };

const DAY_MS = 86_400_000;
const [SEQUENCE, SET, INTEGER, BOOLEAN, BITS, OCTETS, OBJECT, UTF8, TIME, NULL] = [48, 49, 2, 1, 3, 4, 6, 12, 24, 5];
/** Names of what is meant, as DER has them. */
const OF = {
  ecdsaSha256: "2a8648ce3d040302",
  rsaSha256: "2a864886f70d01010b",
  commonName: "550403",
  alternativeNames: "551d11",
  constraints: "551d13",
};

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const size = value.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}
const oid = (name: keyof typeof OF): Buffer => der(OBJECT, Buffer.from(OF[name], "hex"));
const time = (ms: number): Buffer => der(TIME, Buffer.from(`${new Date(ms).toISOString().replaceAll(/\D/g, "").slice(0, 14)}Z`));

export function makePair({ kind = "ec", fromMs = Date.now() - DAY_MS, untilMs = Date.now() + DAY_MS }: Asked = {}): Pair {
  const { publicKey, privateKey } =
    kind === "ec" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 512 });
  const algorithm = kind === "ec" ? der(SEQUENCE, oid("ecdsaSha256")) : der(SEQUENCE, oid("rsaSha256"), der(NULL));
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, oid("commonName"), der(UTF8, Buffer.from("Reeve in a test")))));
  const names = der(
    SEQUENCE,
    der(0x82, Buffer.from("localhost")),
    der(0x87, Buffer.from([127, 0, 0, 1])),
    der(0x87, Buffer.from([0, 0, 0, 0])),
  );
  const isAuthority = der(SEQUENCE, der(BOOLEAN, Buffer.from([255])));
  const extensions = [
    der(SEQUENCE, oid("alternativeNames"), der(OCTETS, names)),
    der(SEQUENCE, oid("constraints"), der(BOOLEAN, Buffer.from([255])), der(OCTETS, isAuthority)),
  ];
  const told = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    der(SEQUENCE, time(fromMs), time(untilMs)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(SEQUENCE, ...extensions)),
  );
  const signature = der(BITS, Buffer.from([0]), sign("sha256", told, privateKey));
  const lines =
    der(SEQUENCE, told, algorithm, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Writes a pair where a server finds it; gives the files. */
export function writePair(directory: string, { certificate, key }: Pair): PairFiles {
  const files = { certificate: join(directory, "server.crt"), key: join(directory, "server.key") };
  writeFileSync(files.certificate, certificate);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}

/** What a server is told of them. */
export const environmentOf = ({ certificate, key }: PairFiles) => ({ REEVE_TLS_CERT: certificate, REEVE_TLS_KEY: key });
