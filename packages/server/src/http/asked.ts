/** Who asks for a write, as the audit tells it. */
import type { Exchange } from "./handlers.ts";

/** The actor and the request. */
export function askedBy({ caller, request }: Pick<Exchange, "caller" | "request">): {
  readonly actor: { readonly type: string; readonly id: string };
  readonly requestId: string;
} {
  const principal = caller?.principal;
  return { actor: principal === undefined ? { type: "administrator", id: "administrator" } : principal, requestId: request.id };
}
