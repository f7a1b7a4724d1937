/** Entitlements of the native surface: which products that ship an organization has. Mapping only. */
import type { ChangesAnswer } from "@reeve/contract";
import type { EntitlementRefused, Entitlements, Written } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { faultyQuery, queryOf } from "../query.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { askedBy, reasonOf, refused } from "./writing.ts";

export type EntitlementOptions = { readonly entitlements: Entitlements };
type EntitlementRoute = "listEntitlements" | "putEntitlement" | "deleteEntitlement";

export function entitlementHandlers({ entitlements }: EntitlementOptions): Pick<Handlers, EntitlementRoute> {
  return {
    async listEntitlements(exchange) {
      queryOf(exchange.request.url, []);
      const found = await entitlements.list(paramsOf(exchange).org, atLeastOf(undefined, exchange.request.headers[AT_LEAST]));
      if (!found.ok) throw unanswered(found.error);
      exchange.reply.header(REVISION_HEADER, found.value.revision);
      return found.value;
    },
    async putEntitlement(exchange) {
      queryOf(exchange.request.url, []);
      return written(exchange, await entitlements.bring(askedOf(exchange)));
    },
    /** Said twice: nobody takes everything of a product by a slip. */
    async deleteEntitlement(exchange) {
      const { confirm } = queryOf(exchange.request.url, ["confirm"]);
      const { product } = paramsOf(exchange);
      if (confirm !== product)
        throw faultyQuery([{ code: "not_allowed", pointer: "?confirm", detail: `Say the id of the product once more: ${product}.` }]);
      return written(exchange, await entitlements.take(askedOf(exchange)));
    },
  };
}

const paramsOf = ({ request }: Exchange): { readonly org: string; readonly product: string } =>
  request.params as { readonly org: string; readonly product: string };

function askedOf(exchange: Exchange): Parameters<Entitlements["bring"]>[0] {
  const { org, product } = paramsOf(exchange);
  return { organization: org, product, ...askedBy(exchange), ...reasonOf(exchange) };
}

type Answer = { readonly ok: true; readonly value: Written } | { readonly ok: false; readonly error: EntitlementRefused };

function written({ reply }: Exchange, result: Answer): ChangesAnswer {
  if (!result.ok) throw result.error.code === "product_not_found" ? new HttpProblem(result.error.code) : refusedHere(result.error);
  const { revision, changeSet, applied } = result.value;
  reply.header(REVISION_HEADER, revision);
  return { revision, changeSet, applied };
}

/** Where names are taken, what is missing for want of them says nothing more. No body names the parts: their faults' words say which. */
function refusedHere(error: Exclude<EntitlementRefused, { readonly code: "product_not_found" }>): HttpProblem {
  if (error.code !== "changes_refused") return refused(error);
  const isTaken = error.faults.some(({ code }) => code === "key_taken");
  const faults = isTaken ? error.faults.filter(({ code }) => code === "key_taken") : error.faults;
  return refused({ code: error.code, faults: faults.map((fault) => ({ ...fault, pointer: "" })) });
}
