/** Handlers: what answers the routes of the table, as the framework calls it and names them. */
import type { RouteId } from "@reeve/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../identity/index.ts";

/** `byOffice`: the caller has no more here than an office lets him; what he may see is still to be asked. */
export type Exchange = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller | undefined;
  readonly byOffice?: true;
};
/** What answers a route of the table; what it returns is sent. */
export type Handlers = { readonly [id in RouteId]: (exchange: Exchange) => unknown };

/** A path of the table as the framework writes it. */
export function routeUrl(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
