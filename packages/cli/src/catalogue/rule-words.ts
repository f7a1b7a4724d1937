/**
 * Rules and operations in words, for lists that people review.
 *
 * Invariant: everything of an alternative is told; one that cannot be told would be taken for one that asks for less.
 */
import type { Alternative } from "@reeve/core";
import { flowText } from "../files/yaml-text.ts";

export type Alternatives = readonly Alternative[];

/** `undefined`: there is no rule. */
export function ruleWords(alternatives: Alternatives | undefined): string {
  if (alternatives === undefined) return "no rule";
  return alternatives.length === 0 ? "nobody" : alternatives.map(alternativeWords).join(" or ");
}

function alternativeWords(alternative: Alternative): string {
  const { when, product } = alternative;
  const of = product === undefined ? "" : ` of ${product}`;
  return `${heldWords(alternative)}${of}${when === undefined ? "" : ` when ${flowText(when)}`}`;
}

function heldWords(alternative: Alternative): string {
  if ("permission" in alternative) return `permission ${alternative.permission}`;
  if ("roles" in alternative) return `role ${alternative.roles.join(" or ")}`;
  return "any role";
}

export const operationName = ({ method, path }: { readonly method: string; readonly path: string }): string => `${method} ${path}`;
/** What a read may do is less: it is listed after what changes something. */
export const isMutation = ({ method }: { readonly method: string }): boolean => method !== "GET" && method !== "HEAD";
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
