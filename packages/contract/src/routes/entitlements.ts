/** Entitlements: which products that ship an organization has. Bringing and taking one is the server's administrator's. */
import { Type } from "typebox";
import { ChangesAnswer } from "../administration.ts";
import { REASON, WRITE_PROBLEMS } from "../objects.ts";
import { json, type Route } from "../route.ts";

const tag = "Catalogue";
const Entitlement = Type.Object(
  {
    product: Type.String(),
    name: Type.Optional(Type.String()),
    state: Type.Union([Type.Literal("absent"), Type.Literal("as_shipped"), Type.Literal("differs")], {
      description: "Whether the organization has the product, and as it ships. What an organization may change of it is no difference.",
    }),
    differing: Type.Integer({ description: "How many objects bringing it again would alter." }),
  },
  { title: "Entitlement" },
);
const EntitlementList = Type.Object({ revision: Type.String(), items: Type.Array(Entitlement) }, { title: "EntitlementList" });

export const ENTITLEMENT_ROUTES = {
  listEntitlements: {
    id: "listEntitlements",
    method: "GET",
    path: "/v1/orgs/{org}/entitlements",
    summary: "The products that ship, and which of them the organization has.",
    tag,
    needs: "read",
    answer: json(EntitlementList),
    revision: "read",
    problems: ["organization_not_found", "revision_of_another_history", "revision_not_reached"],
  },
  putEntitlement: {
    id: "putEntitlement",
    method: "PUT",
    path: "/v1/orgs/{org}/entitlements/{product}",
    summary: "Give the organization a product that ships, or bring what it has of it to what ships.",
    tag,
    needs: "admin",
    above: true,
    headers: REASON,
    answer: json(ChangesAnswer),
    revision: "written",
    problems: [...WRITE_PROBLEMS, "product_not_found"],
  },
  deleteEntitlement: {
    id: "deleteEntitlement",
    method: "DELETE",
    path: "/v1/orgs/{org}/entitlements/{product}",
    summary: "Take a product that ships from the organization, with everything of it: its roles, policies, settings and resources.",
    tag,
    needs: "admin",
    above: true,
    query: { confirm: Type.String({ description: "The product's id once more." }) },
    headers: REASON,
    answer: json(ChangesAnswer),
    revision: "written",
    problems: [...WRITE_PROBLEMS, "product_not_found"],
  },
} as const satisfies Record<string, Route>;
