/**
 * Proxies: whose word about a client's address counts (`X-Forwarded-For`, `X-Forwarded-Proto`).
 *
 * The address of a client is the rightmost one that is no trusted proxy's: each proxy adds on the right whom it heard, so that whatever a
 * client wrote itself stands further left. What nobody trustworthy said is taken out of the request before anybody reads it.
 * Invariant: behind this, what stands in these headers was written by trusted proxies, and every address in it is one.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

export type Proxies = {
  /** Whether a trusted proxy has this address. */
  isOne(address: string | undefined): boolean;
  /** Takes out of a request what is not to be believed. */
  settle(request: Pick<IncomingMessage, "headers" | "socket">): void;
};

const [FOR, PROTO] = ["x-forwarded-for", "x-forwarded-proto"];
/** Said by proxies too, and read by libraries; here `Host` and the configuration count. */
const UNUSED = ["x-forwarded-host", "forwarded"];

/** `networks`: as the configuration has them, addresses or CIDR. */
export function trustedProxies(networks: readonly string[]): Proxies {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    if (bits === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(bits), familyOf(address));
  }
  // An IPv4 address in IPv6 (::ffff:10.0.0.7), as sockets of both families tell it, is looked up as what it is.
  const isOne = (address: string | undefined): boolean =>
    address !== undefined && isIP(address) !== 0 && list.check(address, familyOf(address));
  return {
    isOne,
    settle({ headers, socket }) {
      for (const name of UNUSED) if (headers[name] !== undefined) delete headers[name];
      if (headers[FOR] === undefined && headers[PROTO] === undefined) return;
      if (!isOne(socket.remoteAddress)) {
        delete headers[FOR];
        delete headers[PROTO];
        return;
      }
      const heard = heardOf(String(headers[FOR] ?? ""), isOne);
      if (heard.length === 0) delete headers[FOR];
      else headers[FOR] = heard.join(", ");
      // Of several that of the last proxy.
      if (headers[PROTO] !== undefined) headers[PROTO] = (String(headers[PROTO]).split(",").at(-1) as string).trim();
    },
  };
}

/** Whose request it is, once it is settled. */
export function addressOf({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">): string {
  return (headers[FOR] as string | undefined)?.split(",")[0] ?? socket.remoteAddress ?? "";
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");

/** From the right: trusted proxies, and before them the first that is none. What is no address ends it: nobody knows who that was. */
function heardOf(header: string, isOne: Proxies["isOne"]): readonly string[] {
  const heard: string[] = [];
  for (const said of header.split(",").reverse()) {
    const address = addressIn(said.trim());
    if (isIP(address) === 0) break;
    heard.unshift(address);
    if (!isOne(address)) break;
  }
  return heard;
}

const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/;

/** Some proxies write the port too. */
function addressIn(said: string): string {
  const [, six, four] = WITH_PORT.exec(said) ?? [];
  return six ?? four ?? said;
}
