/**
 * Mails by which somebody who forgot his password chooses another: asked for by anybody, sent to whoever has an account.
 *
 * Whether an address has one is looked up after the answer has left, so that neither the answer nor its time tells it.
 * Invariant: what was asked for costs no more than a counter until its turn has come, and is sent or told to the log.
 */
import type { Attempts, Begun } from "./attempts.ts";
import type { PasswordChanges, ResetLink } from "./password-changes.ts";
import { turns } from "./turns.ts";

const RUNNING_MAX = 16;
const WAITING_MAX = 200;

/** `failed`: it could not be handed over; who sends has told the log why. */
export type SendLink = (mail: {
  readonly kind: "invitation" | "password";
  readonly to: string;
  readonly link: string;
  /** Of an invitation. */
  readonly organization?: string;
}) => Promise<"sent" | "failed">;

export type ResetRefusal = Extract<Begun, { readonly ok: false }>["error"] | { readonly code: "mail_not_configured" };
export type ResetMails = {
  /** Why no mail is sent, whatever the address; else it is, where there is an account. */
  ask(of: Parameters<Attempts["beginMail"]>[0]): ResetRefusal | undefined;
  /** A link by which an account chooses another password, to be handed on by whoever may. `undefined`: no account has the address. */
  link(email: string): Promise<Made | undefined>;
};
type Made = ResetLink & { readonly link: string };
type Given = {
  readonly attempts: Attempts;
  readonly changes: PasswordChanges;
  /** Origin of the server, as people reach it. */
  readonly origin: () => string;
  /** Absent: no mail is sent. */
  readonly sendLink?: SendLink | undefined;
  /** What became of a mail that was not sent. */
  readonly onFailure: (error: unknown) => void;
};

export function createResetMails({ attempts, changes, origin, sendLink, onFailure }: Given): ResetMails {
  const inTurn = turns({ runningMax: RUNNING_MAX, waitingMax: WAITING_MAX });
  const make = async (email: string): Promise<Made | undefined> => {
    const made = await changes.reset(email);
    return made === undefined ? undefined : { ...made, link: `${origin()}/password#${made.token}` };
  };
  const send = async (email: string, hand: SendLink): Promise<void> => {
    const made = await make(email);
    // To the account's own address: what was asked may be another that is only spelled alike.
    if (made !== undefined) await hand({ kind: "password", to: made.account.email, link: made.link });
  };
  return {
    link: make,
    ask(of) {
      if (sendLink === undefined) return { code: "mail_not_configured" };
      const begun = attempts.beginMail(of);
      if (!begun.ok) return begun.error;
      setImmediate(() => {
        inTurn(() => send(of.email, sendLink)).then((done) => done === "busy" && onFailure("too many mails wait"), onFailure);
      });
      return undefined;
    },
  };
}
