/** The setting of trusted issuers: what can be configured, and how each of its members is refused. */
import { type Config, readConfig } from "@reeve/server";
import { describe, expect, it } from "vitest";

function read(environment: Readonly<Record<string, string>>): Config {
  const result = readConfig(environment);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
function refuse(environment: Readonly<Record<string, string>>) {
  const result = readConfig(environment);
  return result.ok ? [] : result.error;
}
const file = (text: string) => ({ name: "reeve.config.yaml", directory: "/etc/reeve", text });

describe("trusted issuers", () => {
  const GOOD = { name: "corp", issuer: "https://id.example.com/realm", organization: "ACME", signIn: { clientId: "reeve" } };
  const issuers = (...entries: readonly object[]) => ({ REEVE_ISSUERS: JSON.stringify(entries) });
  const told = (...entries: readonly object[]) => refuse(issuers(...entries)).map(({ key, value }) => `${key} ${value}`);

  it.each([
    { issuer: "http://localhost:8080" },
    { issuer: "http://127.0.0.1" },
    { issuer: "http://[::1]:1/a" },
    { name: "a" },
    { name: "0-9" },
    { title: "Every One" },
    { people: "create" },
    { people: "existing" },
    { signIn: { clientId: "x", clientSecret: "y", scopes: ["a:b"] } },
    { signIn: { clientId: "x" }, tokens: { audience: "a", algorithms: ["EdDSA"], jwksUri: "https://keys.example.com/a" } },
    { groups: { "": "team", "*": "team", __proto__x: "team" }, roles: {} },
    { claims: { principal: "https://example.com/uid" } },
  ])("can be %j", (more) => {
    expect(read(issuers({ ...GOOD, ...more })).issuers).toHaveLength(1);
  });

  it.each([
    [{ name: "Corp" }, "name (not shown)"],
    [{ name: "../x" }, "name (not shown)"],
    [{ name: "x".repeat(33) }, "name (not shown)"],
    [{ issuer: "http://id.example.com" }, "issuer (not shown)"],
    [{ issuer: "http://127.0.0.1.example.com" }, "issuer (not shown)"],
    [{ issuer: "https://u:p@id.example.com" }, "issuer (not shown)"],
    [{ issuer: "https://id.example.com?a" }, "issuer (not shown)"],
    [{ issuer: "id.example.com" }, "issuer (not shown)"],
    [{ issuer: undefined }, "issuer (missing)"],
    [{ organization: "" }, "organization (not shown)"],
    [{ people: "all" }, "people (not shown)"],
    [{ signIn: {} }, "signIn.clientId (missing)"],
    [{ signIn: { clientId: "x", clientSecret: "" } }, "signIn.clientSecret (not shown)"],
    [{ signIn: { clientId: "x", scopes: ["a b"] } }, "signIn.scopes[0] (not shown)"],
    [{ signIn: { clientId: "x", scopes: "a" } }, "signIn.scopes (not shown)"],
    [{ tokens: { audience: "x", algorithms: ["HS256"] } }, "tokens.algorithms[0] (not shown)"],
    [{ tokens: { audience: "x", algorithms: ["none"] } }, "tokens.algorithms[0] (not shown)"],
    [{ tokens: { audience: "x", algorithms: [] } }, "tokens.algorithms (not shown)"],
    [{ tokens: { audience: "x", jwksUri: "http://id.example.com" } }, "tokens.jwksUri (not shown)"],
    [{ tokens: {} }, "tokens.audience (missing)"],
    [{ claims: { principal: "" } }, "claims.principal (not shown)"],
    [{ claims: { subject: "x" } }, "claims.subject (not shown)"],
    [{ groups: { a: "members" } }, "groups.a (not shown)"],
    [{ groups: { a: 7 } }, "groups.a (not shown)"],
    [{ roles: ["a"] }, "roles (not shown)"],
    [{ clientSecret: "x" }, "clientSecret (not shown)"],
  ])("cannot be %j, and the fault names the member", (more, fault) => {
    expect(told({ ...GOOD, ...more })).toEqual([`REEVE_ISSUERS[0].${fault}`]);
  });

  it("are each there once, for something", () => {
    const { signIn: _, ...idle } = GOOD;
    expect(told(GOOD, { ...GOOD, name: "b" })).toEqual(["REEVE_ISSUERS[1].issuer (not shown)"]);
    expect(told(GOOD, { ...GOOD, issuer: "https://b.example" })).toEqual(["REEVE_ISSUERS[1].name (not shown)"]);
    expect(told(idle)).toEqual(["REEVE_ISSUERS[0] (not shown)"]);
    for (const text of ["{}", "[", "7", "null", `[${"7,".repeat(32)}7]`]) expect(refuse({ REEVE_ISSUERS: text }), text).toHaveLength(1);
  });

  it("tell their faults by file and line, all together, and never a secret", () => {
    const text = `identity:
  issuers:
    - name: corp
      issuer: https://id.example.com
      signIn:
        clientId: a b
        clientSecret: "swordfish swordfish"
    - swordfish
    - name: Other
      secret: swordfish
`;
    const result = readConfig({}, file(text));
    const faults = result.ok ? [] : result.error.map(({ from, key }) => `${from} ${key}`);
    expect(faults.sort()).toEqual(
      [
        "3 identity.issuers[0].organization",
        "6 identity.issuers[0].signIn.clientId",
        "7 identity.issuers[0].signIn.clientSecret",
        "8 identity.issuers[1]",
        "9 identity.issuers[2].name",
        "9 identity.issuers[2].issuer",
        "9 identity.issuers[2].organization",
        "10 identity.issuers[2].secret",
      ]
        .map((line) => `reeve.config.yaml:${line}`)
        .sort(),
    );
    expect(JSON.stringify(result)).not.toContain("swordfish");
    const good = readConfig(issuers({ ...GOOD, signIn: { clientId: "x", clientSecret: "swordfish" } }));
    expect(good.ok && JSON.stringify(good.sources)).not.toContain("swordfish");
  });
});
