/** The administrator's token: made once, given by the operator, kept, refused when it differs, and made anew. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../store/memory/memory-store.ts";
import { ensureAdministrator, resetAdministrator, withdrawAdministrator } from "./administrator.ts";
import { authenticator } from "./authenticate.ts";
import { hashToken } from "./secrets.ts";

const GIVEN = "given-by-the-operator-0123456789ab";
const isLetIn = async (store: ReturnType<typeof memoryStore>, secret: string) =>
  (await authenticator(store.tokens, () => undefined)({ authorization: `Bearer ${secret}` }, 10)) !== undefined;

describe("the administrator's token", () => {
  it("is made on the first start, with its secret for this one time, and kept afterwards", async () => {
    const store = memoryStore();
    const made = await ensureAdministrator(store, undefined, 1);
    if (!made.ok || made.how !== "made") throw new Error("not made");
    expect(made.secret).toMatch(/^reeve_[A-Za-z0-9_-]{43}$/);
    expect(await isLetIn(store, made.secret)).toBe(true);
    expect(await ensureAdministrator(store, undefined, 2)).toEqual({ ok: true, how: "kept" });
    expect(await store.tokens.list({}, undefined, 10)).toEqual([
      { hash: new Uint8Array(hashToken(made.secret)), kind: "administrator", ceiling: "admin", name: "administrator", createdMs: 1 },
    ]);
  });

  it("is another one each time that it is made", async () => {
    const secrets = await Promise.all([1, 2, 3].map(async () => JSON.stringify(await ensureAdministrator(memoryStore(), undefined, 1))));
    expect(new Set(secrets).size).toBe(3);
  });

  it("may be given by the operator, again and again, and no other one later", async () => {
    const store = memoryStore();
    expect(await ensureAdministrator(store, GIVEN, 1)).toEqual({ ok: true, how: "given" });
    expect(await isLetIn(store, GIVEN)).toBe(true);
    expect(await ensureAdministrator(store, GIVEN, 2)).toEqual({ ok: true, how: "kept" });
    expect(await ensureAdministrator(store, `${GIVEN}x`, 3)).toEqual({ ok: false, error: { code: "bootstrap_token_differs" } });
    expect([await isLetIn(store, GIVEN), await isLetIn(store, `${GIVEN}x`)]).toEqual([true, false]);
  });

  it("made anew takes the place of the old one", async () => {
    const store = memoryStore();
    await ensureAdministrator(store, GIVEN, 1);
    const secret = await resetAdministrator(store, 2);
    expect([await isLetIn(store, GIVEN), await isLetIn(store, secret)]).toEqual([false, true]);
    expect(await store.tokens.list({ kind: "administrator" }, undefined, 10)).toHaveLength(1);
    expect(await ensureAdministrator(store, GIVEN, 3)).toMatchObject({ ok: false });
  });

  it("that nobody was told is taken back, so that the next start makes one", async () => {
    const store = memoryStore();
    const made = await ensureAdministrator(store, undefined, 1);
    if (!made.ok || made.how !== "made") throw new Error("not made");
    await withdrawAdministrator(store, made.secret);
    expect(await isLetIn(store, made.secret)).toBe(false);
    expect(await ensureAdministrator(store, undefined, 2)).toMatchObject({ how: "made" });
  });
});
