/**
 * Compression of large answers: Brotli or gzip, as the client takes them; small answers leave as they are.
 *
 * Answers of hot routes leave as they are on both of their ways: a check is small, and who asks for many asks from nearby.
 * Invariant: an answer that says `content-encoding` is one that the client said it takes; what is left is the same bytes.
 */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { ROUTES, type Route } from "@reeve/contract";
import type { FastifyInstance } from "fastify";
import { weightsOf } from "./accept.ts";
import { varied } from "./cors.ts";
import { within } from "./deadline.ts";

const HOT: ReadonlySet<string> = new Set(
  (Object.values(ROUTES) as readonly Route[]).filter(({ isHot }) => isHot === true).map(({ path }) => routerPath(path)),
);
const isHot = (url: string | undefined): boolean => url !== undefined && HOT.has(url);

/** Below this the work costs more than the bytes. */
const COMPRESSED_BYTES_MIN = 4_096;
/** Quality 4 of 11: nearly all of the gain at a fiftieth of the time. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const encoders = {
  br: (bytes: Buffer): Promise<Buffer> => promisify(brotliCompress)(bytes, BROTLI),
  gzip: (bytes: Buffer): Promise<Buffer> => promisify(gzip)(bytes),
} as const;
const ENCODINGS = ["br", "gzip"] as const;
type Encoding = (typeof ENCODINGS)[number];

export function compressLargeAnswers(server: FastifyInstance, limitMs: number): void {
  server.addHook("onSend", async (request, reply, payload: unknown) => {
    if (typeof payload !== "string" || payload.length < COMPRESSED_BYTES_MIN || isHot(request.routeOptions.url)) return payload;
    reply.header("vary", varied(reply.getHeader("vary"), "Accept-Encoding"));
    const encoding = encodingOf(request.headers["accept-encoding"]);
    if (encoding === undefined) return payload;
    const bytes = await within(encoders[encoding](Buffer.from(payload, "utf8")), limitMs);
    reply.header("content-encoding", encoding).removeHeader("content-length");
    return bytes;
  });
}

/** A path of the contract as the framework's router writes it. */
function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

/** The encoding that the client likes best; of equal ones the first of ours. `undefined`: the answer as it is. */
function encodingOf(accept: string | string[] | undefined): Encoding | undefined {
  if (typeof accept !== "string") return undefined;
  const weights = weightsOf(accept);
  const weightOf = (encoding: string): number =>
    weights.find(({ name }) => name === encoding)?.weight ?? weights.find(({ name }) => name === "*")?.weight ?? 0;
  let best: { readonly encoding: Encoding; readonly weight: number } | undefined;
  for (const encoding of ENCODINGS) {
    const weight = weightOf(encoding);
    if (weight > 0 && weight > (best?.weight ?? 0)) best = { encoding, weight };
  }
  const plain = weights.find(({ name }) => name === "identity")?.weight ?? 0;
  return best !== undefined && best.weight >= plain ? best.encoding : undefined;
}
