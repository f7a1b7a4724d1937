/** Texts that people write and read, which are kept beside the model: names and reasons. They hold what every text of the model may. */
import { LIMITS } from "@reeve/core";
import { Type } from "typebox";

/** No control characters and no lone surrogates: no store holds the latter as they are. */
const PLAIN_TEXT = String.raw`^[^\p{Cc}\p{Cs}]*$`;

export const shownName = (description: string) =>
  Type.String({ minLength: 1, maxLength: LIMITS.nameCharactersMax, pattern: PLAIN_TEXT, description });

export const reason = Type.Optional(
  Type.String({ minLength: 1, maxLength: LIMITS.textCharactersMax, pattern: PLAIN_TEXT, description: "Why; kept in the audit." }),
);
