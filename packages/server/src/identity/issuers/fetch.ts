/**
 * Asking an issuer over HTTP: in bounded time, for bounded answers, and nobody else than who is named.
 *
 * Invariant: nothing is asked for by plain HTTP but of an issuer on loopback; no redirect is followed; what does not answer well is one
 * failure, whatever it was.
 */
export const ISSUER_MS = 5_000;
export const ISSUER_BYTES_MAX = 262_144;
/** When it may be asked again after it did not answer. */
export const ISSUER_AGAIN_MS = 30_000;
const SERVER_ERROR = 500;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The issuer did not answer, or not with what could be an answer. The message has nothing that it sent. */
export class IssuerUnavailable extends Error {
  readonly code = "issuer_unavailable";
  readonly retryMs = ISSUER_AGAIN_MS;
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
  }
}

export type Asking = Pick<NonNullable<Parameters<typeof fetch>[1]>, "method" | "headers" | "body">;
export type Ask = (url: string, asking?: Asking) => Promise<Response>;

/** Whether an issuer's own documents may send us there. */
export function mayBeAsked(url: string, issuer: string): boolean {
  const asked = URL.parse(url);
  if (asked?.protocol === "https:") return true;
  return asked?.protocol === "http:" && LOOPBACK.test(asked.hostname) && issuer.startsWith("http:");
}

/** Rejects with IssuerUnavailable. */
export function asker(issuer: string): Ask {
  return async (url, asking = {}) => {
    if (!mayBeAsked(url, issuer)) throw new IssuerUnavailable("the issuer names an address that is not https");
    try {
      const answer = await fetch(url, { ...asking, redirect: "manual", signal: AbortSignal.timeout(ISSUER_MS) });
      const body = await bytesOf(answer);
      const { status, headers } = answer;
      if (status >= SERVER_ERROR) throw new IssuerUnavailable(`the issuer answers ${status}`);
      return new Response(body.length === 0 ? null : body, { status, headers });
    } catch (error) {
      if (error instanceof IssuerUnavailable) throw error;
      throw new IssuerUnavailable("the issuer does not answer", { cause: error });
    }
  };
}

async function bytesOf(answer: Response): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > ISSUER_BYTES_MAX) throw new IssuerUnavailable(`the issuer answers more than ${ISSUER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
