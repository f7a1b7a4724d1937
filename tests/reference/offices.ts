/** Offices: what comes with product administrators and developer access, as grants that are no records. */
import type { Grant, Rec } from "@reeve/core";
import { formatPath } from "./paths.ts";

/** Whether a path lies where nothing else gives anything. */
export const isOfOffices = (path: string): boolean => /^\/reeve-(?:products|roles)(?:\/|$)/.test(path);

/** What product administrators and those with developer access are given in Reeve's own product. */
export const offices = (records: readonly Rec[]): Grant[] =>
  records.flatMap(({ kind, value }): Grant[] => {
    if (kind === "product-administrator")
      return [{ principal: value.principal, resource: formatPath(["reeve-products", value.product]), access: "RW", reach: "self" }];
    if (kind !== "developer-access") return [];
    return [{ principal: value.principal, resource: formatPath(["reeve-roles", value.role]), access: "RX", reach: "self" }];
  });
