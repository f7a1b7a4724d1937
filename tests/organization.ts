/**
 * An organization of a test's own on a running server: a small product, and short ways to write, to be refused and to ask.
 */
import { expect } from "vitest";
import type { Answer, Served } from "./serve.ts";

export type Change = Readonly<Record<string, unknown>>;
export const put = (kind: string, value: object): Change => ({ put: { kind, value } });
export const remove = (kind: string, key: object): Change => ({ delete: { kind, ...key } });

const PRODUCT = put("product", {
  id: "files",
  boundedBy: "scopes",
  settings: { strict: { title: "Strict", default: false } },
  types: {
    organization: { actions: { audit: [] } },
    folders: { actions: { read: ["R"], write: ["RW"] } },
    notes: { parents: ["folders"], uniqueIds: true, actions: { read: ["R"], write: ["RW"] } },
  },
});
export const BASE: readonly Change[] = [
  PRODUCT,
  put("permission-set", { product: "files", id: "reading", name: "Read", pairs: [{ type: "folders", actions: ["read"] }] }),
  put("role", { product: "files", id: "reader", name: "Reader", sets: [{ set: "reading" }] }),
  put("label", { id: "custom/x" }),
  put("principal", { id: "ann", type: "user" }),
  put("principal", { id: "bob", type: "user" }),
  put("principal", { id: "team", type: "group" }),
  put("resource", { path: "/folders/a" }),
  put("resource", { path: "/folders/b" }),
];

/** One organization and what a test does with it. */
export class Organization {
  readonly id: string;
  readonly #served: Served;
  constructor(served: Served, id: string) {
    this.#served = served;
    this.id = id;
  }
  write(changes: readonly unknown[], more: object = {}): Promise<Answer> {
    return this.#served.call(`/v1/orgs/${this.id}/changes`, { body: { changes, ...more } });
  }
  async writes(changes: readonly unknown[], more: object = {}): Promise<{ revision: string; changeSet: string | null; applied: number }> {
    const answer = await this.write(changes, more);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers.get("reeve-revision")).toBe(answer.body.revision);
    return answer.body;
  }
  /** Every fault as `code pointer`. */
  async refuses(changes: readonly unknown[], more: object = {}): Promise<string[]> {
    const answer = await this.write(changes, more);
    const codes = { 400: /^(malformed_request|body_too_deep)$/, 413: /^too_many_items$/, 422: /^changes_refused$/ };
    expect(Object.keys(codes).map(Number), answer.text).toContain(answer.status);
    expect(answer.body.code).toMatch(codes[answer.status as keyof typeof codes]);
    for (const { detail } of answer.body.errors) expect(detail.length).toBeGreaterThan(5);
    return answer.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
  }
  check([id, action, path]: readonly [subject: string, action: string, path: string], more: object = {}): Promise<Answer> {
    const question = { subject: { type: "user", id }, action: { name: action }, resource: { path } };
    return this.#served.call(`/v1/orgs/${this.id}/check`, { body: { ...question, ...more } });
  }
  async may(id: string, action: string, path: string): Promise<boolean> {
    return (await this.check([id, action, path])).body.decision;
  }
  async revision(): Promise<string> {
    return (await this.check(["x", "x", "/"])).body.context.revision;
  }
}

let count = 0;
/** Makes an organization of its own for a test, and writes the changes into it. */
export async function makeOrganization(served: Served, changes: readonly Change[] = BASE): Promise<Organization> {
  const id = `O${++count}@ReeveOrg`;
  const made = await served.call("/v1/orgs", { body: { id, name: id } });
  expect([made.status, made.body.id, made.headers.get("location")]).toEqual([201, id, `/v1/orgs/${encodeURIComponent(id)}`]);
  expect(made.headers.get("reeve-revision")).toBe(made.body.revision);
  const one = new Organization(served, id);
  if (changes.length > 0) await one.writes(changes);
  return one;
}
export const numberOf = (revision: string): number => Number(revision.split(".").at(-1));
