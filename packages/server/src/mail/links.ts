/**
 * Letters with links: short, plain text, in which nothing is fetched and nothing counted.
 *
 * Invariant: of a letter that could not be handed over the log has its kind and the server's code, never an address, a link or what
 * the server said, which may quote both.
 */
import type { Logger } from "pino";
import type { Letter, Post } from "./smtp.ts";

type Link = { readonly kind: "invitation" | "password"; readonly to: string; readonly link: string; readonly organization?: string };
type Words = (link: Link) => Omit<Letter, "to">;

const WORDS: Readonly<Record<Link["kind"], Words>> = {
  invitation: ({ link, organization = "" }) => ({
    subject: "Your invitation to Reeve",
    text: `You are invited to be a user of the organization ${organization}.

Open this link to accept; it counts once, for seven days:

${link}

If you did not expect this, do nothing: nothing is made before you accept.
`,
  }),
  password: ({ link }) => ({
    subject: "Choose another password for Reeve",
    text: `Somebody asked for another password of your account at Reeve.

Open this link to choose one; it counts once, for an hour:

${link}

If it was not you, do nothing: your password stays as it is.
`,
  }),
};

/** Sends links; `failed`: the log says why. */
export function mailedLinks(post: Post, logger: Pick<Logger, "error">): (link: Link) => Promise<"sent" | "failed"> {
  return async (link) => {
    try {
      await post({ to: link.to, ...WORDS[link.kind](link) });
      return "sent";
    } catch (error) {
      logger.error({ event: "mail_failed", kind: link.kind, ...factsOf(error) }, "a mail could not be handed over");
      return "failed";
    }
  };
}

const CODE = /^[A-Z_]{1,40}$/;

/** Why, in what is nobody's text: the library's code, the command and the number that the server answered. */
function factsOf(error: unknown): object {
  const { code, command, responseCode } = (error ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...(typeof code === "string" && CODE.test(code) ? { code } : {}),
    ...(typeof command === "string" && COMMAND.test(command) ? { command } : {}),
    ...(Number.isInteger(responseCode) ? { responseCode } : {}),
  };
}

const COMMAND = /^[A-Z]{1,12}( [A-Z]{1,12})?$/;
