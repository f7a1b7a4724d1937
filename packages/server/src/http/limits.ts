/** The bounds of HTTP itself as plain numbers; what they mean and what is answered beyond them the contract says. */
import { HTTP_LIMITS as CONTRACT, type LimitName } from "@reeve/contract";

export type HttpLimits = { readonly [name in LimitName]: number };

export const HTTP_LIMITS: HttpLimits = Object.fromEntries(
  Object.entries(CONTRACT).map(([name, { value }]) => [name, value]),
) as unknown as HttpLimits;
