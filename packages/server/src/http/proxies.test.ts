import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import { addressOf, trustedProxies } from "./proxies.ts";

const PROXY = "10.0.0.1";
const CLIENT = "203.0.113.9";

function settled(remoteAddress: string | undefined, headers: IncomingHttpHeaders, networks = ["10.0.0.0/8", "fd00::/8", "192.0.2.1"]) {
  const request = { headers: { ...headers }, socket: { remoteAddress } } as Parameters<typeof addressOf>[0];
  trustedProxies(networks).settle(request);
  return { address: addressOf(request), headers: request.headers };
}
const addressFor = (remoteAddress: string, header: string, networks?: string[]): string =>
  settled(remoteAddress, { "x-forwarded-for": header }, networks).address;

describe("the address of a client", () => {
  it.each([
    ["one proxy", PROXY, CLIENT, CLIENT],
    ["two proxies", PROXY, `${CLIENT}, 10.9.9.9`, CLIENT],
    ["what the client wrote itself", PROXY, `127.0.0.1, 10.0.0.1, ${CLIENT}, 10.9.9.9`, CLIENT],
    ["a proxy by an IPv4 address in IPv6", "::ffff:10.0.0.1", CLIENT, CLIENT],
    ["proxies of both families", "fd12::1", `2001:db8::7, ${PROXY}`, "2001:db8::7"],
    ["a single address, no network", "192.0.2.1", CLIENT, CLIENT],
    ["with its port", PROXY, `${CLIENT}:4711`, CLIENT],
    ["with brackets and port", PROXY, "[2001:db8::7]:4711", "2001:db8::7"],
    ["proxies alone: the first of them", PROXY, "10.1.1.1, 10.2.2.2", "10.1.1.1"],
    ["no header", PROXY, "", PROXY],
  ])("is the rightmost that is no proxy's: %s", (...[, peer, header, address]) => {
    expect(addressFor(peer, header)).toBe(address);
  });

  it.each([
    ["a word", PROXY, "unknown", PROXY],
    ["a word before a proxy", PROXY, "unknown, 10.9.9.9", "10.9.9.9"],
    ["a word that the client wrote", PROXY, `'; drop table, ${CLIENT}`, CLIENT],
    ["nothing between commas", PROXY, `${CLIENT},,`, PROXY],
    ["an address that is none", PROXY, "1.2.3.4.5", PROXY],
    ["a number", PROXY, "2130706433", PROXY],
    ["a very long header", PROXY, `${"1,".repeat(5_000)}x`, PROXY],
  ])("is the last that is known for sure where the header is malformed: %s", (...[, peer, header, address]) => {
    expect(addressFor(peer, header)).toBe(address);
  });

  it.each(["203.0.113.10", "127.0.0.1", "11.0.0.1", "::1", "::ffff:11.0.0.1", "not an address"])(
    "is the connection's where %s, which nobody trusts, forges it",
    (peer) => {
      expect(addressFor(peer, "10.0.0.1")).toBe(peer);
      expect(addressFor(peer, CLIENT, [])).toBe(peer);
    },
  );

  it("is empty where the connection is gone, and no header changes that", () => {
    expect(settled(undefined, { "x-forwarded-for": CLIENT }).address).toBe("");
  });
});

describe("what is left of the headers", () => {
  const sent = { host: "a", "x-forwarded-for": CLIENT, "x-forwarded-proto": "http, https", "x-forwarded-host": "evil", forwarded: "for=1" };
  it("is nothing where nobody trusted said it", () => {
    expect(settled(CLIENT, sent).headers).toEqual({ host: "a" });
    expect(settled(PROXY, sent, []).headers).toEqual({ host: "a" });
  });
  it("is the client and the last proxy's scheme where one did; another host never", () => {
    expect(settled(PROXY, sent).headers).toEqual({ host: "a", "x-forwarded-for": CLIENT, "x-forwarded-proto": "https" });
    expect(settled(PROXY, { host: "a" }).headers).toEqual({ host: "a" });
  });
});
