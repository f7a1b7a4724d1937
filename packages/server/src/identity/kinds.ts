/** Kinds of tokens, by whom they stand for. */

/** The server's administrator's own: one. */
export const ADMINISTRATOR = "administrator";
/** A token beside the administrator's own, with the same rights under its ceiling: for pipelines. A reset ends it too. */
export const FURTHER = "further-administrator";
/** It stands for a principal of one organization, and ends with that principal's life. */
export const PRINCIPAL = "principal";
