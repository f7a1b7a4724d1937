/** What a token must be to be kept: a database would hold some texts as others, and the row would be read as damaged ever after. */
import { isStorable } from "./canonical.ts";
import type { Token } from "./index.ts";

/** Throws TypeError for a text with NUL or a lone surrogate. */
export const checkToken = (token: Token): void => {
  for (const [member, value] of Object.entries(token))
    if (typeof value === "string" && !isStorable(value))
      throw new TypeError(`the ${member} of a token is text without NUL and lone surrogates`);
};
