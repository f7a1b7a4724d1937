/** What is done with a role beside reading and writing it. */
import { NOUNS } from "../nouns.ts";
import { IDEMPOTENCY_KEY, REASON, WRITE_PROBLEMS } from "../objects.ts";
import { json, type Route } from "../route.ts";

export const ROLE_ROUTES = {
  duplicateRole: {
    id: "duplicateRole",
    method: "POST",
    path: "/v1/orgs/{org}/roles/{id}/duplicate",
    summary: "Make a role that holds what another one holds, under its name with `_Copy`. Nobody is assigned to it.",
    tag: "Objects",
    needs: "admin",
    byOffice: true,
    headers: { ...IDEMPOTENCY_KEY, ...REASON },
    answer: json(NOUNS.role, 201),
    tells: ["ETag", "Location"],
    revision: "written",
    problems: [...WRITE_PROBLEMS, "object_not_found", "idempotency_key_reused"],
  },
} as const satisfies Record<string, Route>;
