/**
 * Listening: what the configuration says of who may connect, how, and how often.
 *
 * Invariant: where there is a certificate nothing is said in clear, and it is followed for as long as the server listens.
 */
import type { Server } from "node:http";
import type { FastifyInstance } from "fastify";
import { type Following, type FollowOptions, followPair } from "./certificate.ts";
import type { Config } from "./config.ts";
import { trustedProxies } from "./http/proxies.ts";
import { createRates } from "./http/rates.ts";
import type { HttpOptions } from "./http/server.ts";
import { exchangePair } from "./http/tls.ts";

/** Who may connect, how often he may ask, and what pages may. */
export function boundsOf(
  config: Config,
  clock: () => number,
): Required<Pick<HttpOptions, "rates" | "proxies" | "connections" | "origins" | "pair">> {
  return {
    rates: createRates({ callers: config.callerRate, strangers: config.strangerRate, clock }),
    proxies: trustedProxies(config.trustedProxies),
    connections: { max: config.connectionsMax, perAddressMax: config.connectionsPerAddressMax },
    origins: config.corsOrigins,
    pair: config.tls?.pair,
  };
}

/** Where it listens; the framework knows nothing of TLS. */
export async function listened(server: Pick<FastifyInstance, "listen">, { host, port, tls }: Config): Promise<string> {
  const told = (url: string): string => (tls === undefined ? url : url.replace(/^http:/, "https:"));
  return told(await server.listen({ host, port, listenTextResolver: (url) => `Server listening at ${told(url)}` }));
}

/** Follows the certificate's files, where there are any. */
export function following(server: Server, { tls, ...how }: Pick<Config, "tls"> & FollowOptions): Following | undefined {
  if (tls === undefined) return undefined;
  const followed = followPair({ files: tls.files, first: tls.pair, take: (pair) => exchangePair(server, pair), ...how });
  server.once("close", followed.stop);
  return followed;
}
