/**
 * Signing in: an address and a password, in an attempt that counts, make an account known, with a code where it has a
 * second factor; and so do accepting an invitation and choosing another password.
 *
 * Invariant: no password is compared, nor any hash made, but in an attempt that was let in.
 */
import type { Account, Accounts } from "./accounts.ts";
import type { Attempts, Begun } from "./attempts.ts";
import type { PasswordChanges } from "./password-changes.ts";
import type { SecondFactors } from "./second-factors.ts";

export type SignInRefused =
  | { readonly code: "refused" | "busy" | "second_factor_needed" }
  | Extract<Begun, { readonly ok: false }>["error"];
export type AcceptRefused = { readonly code: "invitation_not_found" } | SignInRefused;
export type ResetRefused = { readonly code: "password_reset_not_found" } | SignInRefused;
type Result<E> = { readonly ok: true; readonly value: Account } | { readonly ok: false; readonly error: E };
type Shown = { readonly email: string; readonly password: string; readonly code?: string; readonly address: string };

/** Errors of all: those of the store. */
export type SignIn = {
  /** `second_factor_needed`: the password is right, and a code is missing. */
  signIn(shown: Shown): Promise<Result<SignInRefused>>;
  /** As `Accounts.accept`: a password is compared where there is an account. */
  accept(shown: ByLink & { readonly requestId: string }): Promise<Result<AcceptRefused>>;
  /** As `PasswordChanges.change`, of the account that is signed in. */
  changePassword(shown: Changing): Promise<Result<SignInRefused>>;
  /** As `PasswordChanges.accept`. */
  resetPassword(shown: ByLink): Promise<Result<ResetRefused>>;
};
type ByLink = { readonly token: string; readonly password: string; readonly address: string };
type Changing = {
  readonly account: Account;
  readonly password: string;
  readonly newPassword: string;
  readonly session: string;
  readonly address: string;
};
type Done<Code extends string> =
  | { readonly ok: true; readonly value: Account }
  | { readonly ok: false; readonly error: { readonly code: Code } };
type Given = {
  readonly accounts: Accounts;
  readonly attempts: Attempts;
  readonly changes: PasswordChanges;
  readonly factors: Pick<SecondFactors, "isOn" | "use">;
};

export function createSignIn({ accounts, attempts, changes, factors }: Given): SignIn {
  return {
    async signIn({ email, password, code, address }) {
      const begun = attempts.begin({ email, address });
      if (!begun.ok) return begun;
      const account = await undoneWhereItFails(begun, accounts.authenticate({ email, password }));
      if (account === undefined) return { ok: false, error: { code: "refused" } };
      const lacking = account === "busy" ? ({ code: "busy" } as const) : await undoneWhereItFails(begun, factorLacking(account.id, code));
      if (lacking?.code === "refused") return { ok: false, error: lacking };
      if (account !== "busy" && lacking === undefined) {
        begun.succeeded();
        return { ok: true, value: account };
      }
      begun.undo();
      return { ok: false, error: lacking ?? { code: "busy" } };
    },
    async accept({ address, ...shown }) {
      // A token cannot be guessed; who shows none is not worth a counter.
      const invitation = await accounts.invited(shown.token);
      if (invitation === undefined) return { ok: false, error: { code: "invitation_not_found" } };
      return attempted({ email: invitation.email, address }, () => accounts.accept(shown));
    },
    async changePassword({ account, address, ...asked }) {
      // Signed in by an issuer it has no password.
      if (account.email === undefined) return { ok: false, error: { code: "refused" } };
      return attempted({ email: account.email, address }, () => changes.change({ ...asked, account: account.id }));
    },
    async resetPassword({ token, password, address }) {
      const account = await changes.resetting(token);
      if (account === undefined) return { ok: false, error: { code: "password_reset_not_found" } };
      return attempted({ email: account.email, address }, () => changes.accept(token, password));
    },
  };

  /** Compares a password or makes a hash in an attempt, which a wrong password alone leaves counted. */
  async function attempted<Code extends string>(
    of: { readonly email: string; readonly address: string },
    work: () => Promise<Done<Code>>,
  ): Promise<Result<{ readonly code: Exclude<Code, "wrong_password"> } | SignInRefused>> {
    const begun = attempts.begin(of);
    if (!begun.ok) return begun;
    const done = await undoneWhereItFails(begun, work());
    if (done.ok) begun.succeeded();
    else if (done.error.code === "wrong_password") return { ok: false, error: { code: "refused" } };
    else begun.undo();
    return done as Result<{ readonly code: Exclude<Code, "wrong_password"> }>;
  }

  /** What the second factor lacks; `undefined`: nothing. */
  async function factorLacking(account: string, code: string | undefined): Promise<SignInRefused | undefined> {
    if (!(await factors.isOn(account))) return undefined;
    if (code === undefined) return { code: "second_factor_needed" };
    const begun = attempts.beginCode(account);
    if (!begun.ok) return begun.error;
    if (!(await undoneWhereItFails(begun, factors.use(account, code)))) return { code: "refused" };
    begun.succeeded();
    return undefined;
  }
}

/** What the store could not do is nobody's failure. */
async function undoneWhereItFails<T>(begun: Extract<Begun, { readonly ok: true }>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    begun.undo();
    throw error;
  }
}
