/** A client that waits for an answer no longer than it was told. */
import { Agent, request } from "node:http";

export type Told = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked into by who knows what to expect.
  readonly body: any;
  readonly text: string;
  readonly cookie?: string;
  readonly location?: string;
};
/** `isAnonymous`: without the client's token. */
export type Sent = {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly isAnonymous?: true;
};
export type Client = { ask(path: string, sent?: Sent): Promise<Told | "nothing">; close(): void };

/** `nothing`: no answer in time, or the connection was closed. */
export function clientOf(url: string, { token, waitMs }: { readonly token: string; readonly waitMs: number }): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(url);
  return {
    ask: (path, { body, headers = {}, isAnonymous, method = body === undefined ? "GET" : "POST" } = {}) =>
      new Promise((resolve) => {
        const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
        const all = {
          ...(isAnonymous === true ? {} : { authorization: `Bearer ${token}` }),
          ...(text === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
          ...headers,
        };
        const sent = request({ agent, hostname, port, path, method, headers: all }, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", () => resolve("nothing"));
          response.on("end", () =>
            resolve({
              ...told(response.statusCode ?? 0, String(response.headers["content-type"]), Buffer.concat(chunks)),
              cookie: (response.headers["set-cookie"] ?? []).map((one) => one.split(";")[0]).join("; "),
              location: response.headers.location ?? "",
            }),
          );
        });
        sent.setTimeout(waitMs, () => sent.destroy());
        sent.on("error", () => resolve("nothing"));
        sent.end(text);
      }),
    close: () => agent.destroy(),
  };
}

function told(status: number, type: string, bytes: Buffer): Told {
  const text = bytes.toString();
  const isJson = /^application\/(problem\+)?json/.test(type);
  return { status, text, body: isJson && text !== "" ? parsed(text) : undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How a refusal is named, by each surface. */
const nameOf = (body: Told["body"]): unknown => body?.code ?? body?.error ?? body?.error_code ?? body?.title ?? body?.message;

/** What is wrong with an answer, whatever it was asked for. */
export function faultsOf(path: string, sent: Sent, told: Told | "nothing"): readonly string[] {
  if (told === "nothing") return [`${path} was never answered`];
  if (told.status === 200 && sent.body !== undefined && told.body === undefined) return [`${path} answers no JSON: ${told.text}`];
  const isProblem = told.status < 400 || path === "/readyz" || typeof nameOf(told.body) === "string";
  return isProblem ? [] : [`${path}: ${told.status} is no problem`];
}
