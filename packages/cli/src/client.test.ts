import { type ProblemCode, problem } from "@reeve/contract";
import { describe, expect, it } from "vitest";
import { createClient } from "./client.ts";

const token = { secret: "s", from: "REEVE_TOKEN" };
const answering = (answer: () => Response | Promise<Response>) =>
  createClient({ url: "http://127.0.0.1:1", token, fetch: (async () => answer()) as typeof fetch });
const refusing = (code: ProblemCode, about: Partial<Parameters<typeof problem>[1]> = {}) => {
  const body = problem(code, { requestId: "r-1", ...about });
  return answering(
    () => new Response(JSON.stringify(body), { status: body.status, headers: { "content-type": "application/problem+json" } }),
  );
};

describe("the client", () => {
  it("fills the route's template and follows no redirect", async () => {
    const calls: unknown[] = [];
    const spy = (async (url: string, init: RequestInit) => {
      calls.push([url, init.method, init.redirect, init.body]);
      return new Response('{"decision":true}');
    }) as typeof fetch;
    const client = createClient({ url: "http://127.0.0.1:1", token, fetch: spy });
    expect(await client.askJson({ route: "check", parameters: { org: "a/b@c" }, body: { x: 1 } })).toMatchObject({
      value: { text: '{"decision":true}', value: { decision: true } },
    });
    expect(calls).toEqual([["http://127.0.0.1:1/v1/orgs/a%2Fb%40c/check", "POST", "error", '{"x":1}']]);
  });

  it.each(["", ".", ".."])("refuses %j as an id, which a URL would resolve", async (org) => {
    expect(await answering(() => new Response("{}")).ask({ route: "check", parameters: { org } })).toMatchObject({ error: { exit: 2 } });
  });

  it.each<[ProblemCode, number]>([
    ["malformed_request", 2],
    ["revision_of_another_history", 2],
    ["not_authenticated", 4],
    ["not_permitted", 4],
    ["organization_not_found", 5],
    ["internal_error", 6],
    ["store_busy", 6],
    ["revision_not_reached", 6],
  ])("ends with the code of the problem: %s, %i", async (code, exit) => {
    expect(await refusing(code).ask({ route: "me" })).toMatchObject({
      ok: false,
      error: { exit, lines: expect.arrayContaining([expect.stringContaining(code), "  request r-1"]) },
    });
  });

  it("tells where a token came from that is refused", async () => {
    const refused = await refusing("not_authenticated").ask({ route: "me" });
    expect(refused).toMatchObject({ error: { lines: expect.arrayContaining(["  the token came from REEVE_TOKEN"]) } });
  });

  it("tells every fault with its place and what is allowed", async () => {
    const errors = [
      { code: "wrong_type", pointer: "/subject", detail: "This must be object.", allowed: ["object"] },
      { code: "required", pointer: "", detail: "A body is required." },
    ];
    expect(await refusing("malformed_request", { errors }).ask({ route: "me" })).toMatchObject({
      error: {
        lines: [
          "The request has faults (malformed_request)",
          "  /subject: This must be object. Allowed: object. (wrong_type)",
          "  the whole body: A body is required. (required)",
          "  request r-1",
        ],
      },
    });
  });

  it("sends a reason and the version that is meant, and gives the version that came", async () => {
    const sent: Record<string, string>[] = [];
    const spy = (async (_: string, { headers }: { headers: Record<string, string> }) => {
      sent.push(headers);
      return new Response("{}", { headers: { etag: '"e.2"' } });
    }) as unknown as typeof fetch;
    const client = createClient({ url: "http://127.0.0.1:1", fetch: spy });
    const call = { route: "putProject", parameters: { org: "A", id: "p" }, body: {}, reason: "größer", ifMatch: '"e.1"' } as const;
    expect(await client.askJson(call)).toMatchObject({ ok: true, value: { etag: '"e.2"' } });
    expect(sent).toEqual([expect.objectContaining({ "reeve-reason": "gr%C3%B6%C3%9Fer", "if-match": '"e.1"' })]);
  });

  it("tells an error of OAuth in the server's words, and takes nothing else for one", async () => {
    const told = (body: object, status: number) =>
      answering(() => new Response(JSON.stringify(body), { status })).ask({ route: "accessTokenV3" });
    const unknown = { error: "invalid_client", error_description: "There is no such client." };
    expect(await told(unknown, 401)).toMatchObject({ error: { exit: 4, lines: ["There is no such client. (invalid_client)"] } });
    expect(await told({ ...unknown, error: "invalid_scope" }, 400)).toMatchObject({ error: { exit: 2 } });
    expect(await told({ ...unknown, error: "toString" }, 401)).toMatchObject({ error: { exit: 3 } });
    expect(await told({ error: "invalid_client" }, 401)).toMatchObject({ error: { exit: 3 } });
  });

  it.each([
    ["a page of another server", () => new Response("<html>", { status: 404 })],
    ["a problem that is none", () => new Response("{}", { status: 500, headers: { "content-type": "application/problem+json" } })],
    ["JSON that is none", () => new Response("<html>")],
  ])("ends with 3 for %s", async (_, answer) => {
    expect(await answering(answer).askJson({ route: "me" })).toMatchObject({
      error: { exit: 3, lines: [expect.stringContaining("not as Reeve does")] },
    });
  });

  it("ends with 3 where nothing answers, and says what to do", async () => {
    expect(await createClient({ url: "http://127.0.0.1:1" }).ask({ route: "me" })).toMatchObject({
      error: { exit: 3, lines: [expect.stringMatching(/Nothing answers at http:\/\/127\.0\.0\.1:1 .*start/)] },
    });
  });
});
