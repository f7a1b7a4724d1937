/** What is suggested of one operation, and when two rules are one: equal whatever the order of roles and of alternatives. */
import type { Alternative } from "@reeve/core";

export type Confidence = "high" | "medium" | "low";
export type Said = { readonly alternatives: readonly Alternative[]; readonly confidence: Confidence; readonly reason: string };

export const sameAlternatives = (a: readonly Alternative[], b: readonly Alternative[]): boolean => canonical(a) === canonical(b);

const canonical = (alternatives: readonly Alternative[]): string =>
  alternatives
    .map((alternative) => JSON.stringify("roles" in alternative ? { ...alternative, roles: [...alternative.roles].sort() } : alternative))
    .sort()
    .join();
