/** Mails to reset a password: sent after the answer, so many at once, and none of them lost in silence. */
import { expect, it } from "vitest";
import { createAttempts } from "./attempts.ts";
import type { PasswordChanges } from "./password-changes.ts";
import { createResetMails, type SendLink } from "./reset-mails.ts";

const ADA = { account: { id: "1", email: "Ada@Example.com" }, token: "rvp_x", expiresMs: 2 };

function world(sendLink?: SendLink) {
  const failures: unknown[] = [];
  const looked: string[] = [];
  const reset: PasswordChanges["reset"] = async (email) => {
    looked.push(email);
    if (email === "broken@x") throw new Error("the store failed");
    return email.startsWith("ada") ? ADA : undefined;
  };
  const mails = createResetMails({
    attempts: createAttempts({ clock: () => 1 }),
    changes: { reset } as PasswordChanges,
    origin: () => "https://reeve.example.com",
    sendLink,
    onFailure: (error) => failures.push(error),
  });
  const ask = (email: string, address = "192.0.2.1") => mails.ask({ email, address });
  return { mails, ask, failures, looked };
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

it("The address is looked up after the answer, and the letter goes to the account's own", async () => {
  const sent: unknown[] = [];
  const { ask, looked } = world(async (mail) => {
    sent.push(mail);
    return "sent";
  });
  expect([ask("ada@example.com"), ask("eve@example.com")]).toEqual([undefined, undefined]);
  expect(looked).toEqual([]);
  await settled();
  expect(looked).toEqual(["ada@example.com", "eve@example.com"]);
  expect(sent).toEqual([{ kind: "password", to: "Ada@Example.com", link: "https://reeve.example.com/password#rvp_x" }]);
});

it("What fails is told, and what is too much is told, and neither to who asked", async () => {
  const { ask, failures } = world(() => new Promise(() => undefined));
  expect(ask("broken@x")).toBeUndefined();
  for (let n = 0; n < 217; n++) expect(ask(`ada${n}@x`, `10.0.${n}.1`)).toBeUndefined();
  await settled();
  expect(failures.map(String)).toEqual(["Error: the store failed", "too many mails wait"]);
});

it("Without mail nothing is looked up, and the link is made for who hands it on", async () => {
  const { mails, ask, looked } = world();
  expect(ask("ada@x")).toEqual({ code: "mail_not_configured" });
  await settled();
  expect(looked).toEqual([]);
  expect(await mails.link("ada@x")).toMatchObject({ link: "https://reeve.example.com/password#rvp_x", expiresMs: 2 });
  expect(await mails.link("eve@x")).toBeUndefined();
});
