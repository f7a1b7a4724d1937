/** Forged access tokens: every known way, whoever's the tokens are that must not be forged. */
import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign as signBytes } from "node:crypto";
import { part, seconds, es256 as signEs256 } from "./issuer.ts";
import { claimsOf } from "./oauth-client.ts";

export type Signer = (text: string) => Buffer;
/** What is other than in a good token; a member that is undefined is left out. */
export type Forgery = { readonly header?: object; readonly claims?: object; readonly signer?: Signer };
/** Whose tokens they are: the key that signs them, as it is published, and where. */
export type Forged = { readonly ours: KeyObject; readonly published: JsonWebKey; readonly keysAt: string };

const es256 =
  (key: KeyObject): Signer =>
  (text) =>
    signEs256(key, text);
const hs256 =
  (secret: string | Buffer): Signer =>
  (text) =>
    createHmac("sha256", secret).update(text).digest();
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const theirs = es256(stranger.privateKey);
const jwk = stranger.publicKey.export({ format: "jwk" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const now = (): number => seconds();

/** A token with the header and claims of a good one, but for the forgery. */
export function forge({ header = {}, claims = {}, signer }: Forgery, good: Forgery, { ours }: Forged): string {
  const text = `${part({ ...good.header, ...header })}.${part({ ...good.claims, ...claims })}`;
  return `${text}.${(signer ?? es256(ours))(text).toString("base64url")}`;
}

export const FORGERIES: Readonly<Record<string, (forged: Forged) => Forgery>> = {
  "no algorithm, no signature": () => ({ header: { alg: "none" }, signer: () => Buffer.alloc(0) }),
  "no algorithm, our signature": () => ({ header: { alg: "none" } }),
  "HS256 with the published key as JSON": ({ published }) => ({ header: { alg: "HS256" }, signer: hs256(JSON.stringify(published)) }),
  "HS256 with the published x": ({ published }) => ({
    header: { alg: "HS256" },
    signer: hs256(Buffer.from(published.x ?? "", "base64url")),
  }),
  "HS256 with a PEM": ({ ours }) => ({
    header: { alg: "HS256" },
    signer: hs256(createPublicKey(ours).export({ type: "spki", format: "pem" }).toString()),
  }),
  "HS256 with an empty secret": () => ({ header: { alg: "HS256" }, signer: hs256("") }),
  RS256: () => ({ header: { alg: "RS256" }, signer: (text) => signBytes("sha256", Buffer.from(text), rsa.privateKey) }),
  ES384: () => ({ header: { alg: "ES384" } }),
  "another key with our kid": () => ({ signer: theirs }),
  "another key with its kid": () => ({ header: { kid: "theirs" }, signer: theirs }),
  "another key, no kid": () => ({ header: { kid: undefined }, signer: theirs }),
  "another key with its jwk": () => ({ header: { jwk }, signer: theirs }),
  "another key with a jku": ({ keysAt }) => ({ header: { jku: keysAt }, signer: theirs }),
  "another key with an x5u": () => ({ header: { x5u: "http://127.0.0.1:1/x" }, signer: theirs }),
  "our key with a jwk beside it": () => ({ header: { jwk } }),
  "our key with something critical": () => ({ header: { crit: ["x"], x: 1 } }),
  "another issuer": () => ({ claims: { iss: "https://reeve.example.com" } }),
  "no issuer": () => ({ claims: { iss: undefined } }),
  "another audience": () => ({ claims: { aud: "other" } }),
  "no audience": () => ({ claims: { aud: undefined } }),
  expired: () => ({ claims: { iat: now() - 100, nbf: now() - 100, exp: now() - 1 } }),
  "never expires": () => ({ claims: { exp: undefined } }),
  "expires in a hundred years": () => ({ claims: { exp: now() + 3_155_760_000 } }),
  "not yet valid": () => ({ claims: { nbf: now() + 120 } }),
  "issued in the future": () => ({ claims: { iat: now() + 120 } }),
  "times that are texts": () => ({ claims: { exp: String(now() + 100) } }),
  "no subject": () => ({ claims: { sub: undefined } }),
  "a subject that is not there": () => ({ claims: { sub: "nobody-of-that-name" } }),
  "a signature of zeroes": () => ({ signer: () => Buffer.alloc(64) }),
  "a signature in DER": ({ ours }) => ({ signer: (text) => signBytes("sha256", Buffer.from(text), ours) }),
};

export const SPOILT: Readonly<Record<string, (token: string) => string>> = {
  "a last character less": (token) => token.slice(0, -1),
  "no signature": (token) => `${token.split(".").slice(0, 2).join(".")}.`,
  "two parts": (token) => token.split(".").slice(0, 2).join("."),
  "a part more": (token) => `${token}.x`,
  "other claims under its signature": (token) => {
    const [header, , signature] = token.split(".");
    return `${header}.${part({ ...claimsOf(token), sub: "ann" })}.${signature}`;
  },
  "the claims of another service account in front": (token) => `${token.split(".")[0]}.${part({ sub: "ann" })}.${token}`,
  "only dots": () => "..",
  "rubbish with two dots": () => "a.b.c",
  "rubbish that begins like one": () => "eyJhbGciOiJFUzI1NiJ9.eyJ9.AAAA",
  "4,096 characters": (token) => token.padEnd(4_096, "A"),
};
