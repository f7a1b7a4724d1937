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

/** The form that the client likes best; of equal ones the first of ours. `undefined`: it accepts none. */
export function formOf<Form extends string>(accept: string | undefined, forms: readonly Form[]): Form | undefined {
  if (accept === undefined || accept.trim() === "") return forms[0];
  let best: { form: Form; quality: number } | undefined;
  for (const form of forms) {
    const quality = qualityOf(accept, form);
    if (quality > 0 && (best === undefined || quality > best.quality)) best = { form, quality };
  }
  return best?.form;
}

/** RFC 9110 §12.5.1: the most exact range counts. */
function qualityOf(accept: string, form: string): number {
  let found = { exactness: -1, quality: 0 };
  for (const { name, weight } of weightsOf(accept)) {
    const exactness = name === form ? 2 : name === `${form.split("/")[0]}/*` ? 1 : name === "*/*" ? 0 : -1;
    if (exactness > found.exactness) found = { exactness, quality: weight };
  }
  return found.quality;
}
