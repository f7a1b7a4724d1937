/**
 * Negotiation: what a client likes best of what there is (RFC 9110 §12.4.2, §12.5).
 *
 * Invariant: what the client refuses (`q=0`) is never chosen.
 */

/** The parts of a header such as `Accept-Encoding`, in lower case, each with its weight from 0 to 1. */
export function weightsOf(header: string): readonly { readonly name: string; readonly weight: number }[] {
  return header
    .toLowerCase()
    .split(",")
    .map((part) => {
      const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim());
      const given = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      const weight = given === undefined ? 1 : Number(given);
      return { name, weight: Number.isFinite(weight) ? weight : 0 };
    });
}
