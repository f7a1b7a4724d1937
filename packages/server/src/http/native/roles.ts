/**
 * What is done with a role beside reading and writing it: it is duplicated.
 *
 * Invariant: a copy holds what the role holds at that moment, and nobody has it.
 */
import { findRecord, LIMITS, type Plan, type Role } from "@reeve/core";
import type { Changes } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../query.ts";
import { REVISION_HEADER } from "./at-least.ts";
import { askedBy, etagOf, idOf, onceOf, reasonOf, refused } from "./writing.ts";

export type RoleOptions = { readonly changes: Changes; readonly newId: () => string };

export function roleHandlers(options: RoleOptions): Pick<Handlers, "duplicateRole"> {
  return { duplicateRole: (exchange) => duplicateRole(options, exchange) };
}

const CREATED = 201;

async function duplicateRole({ changes, newId }: RoleOptions, exchange: Exchange): Promise<Role> {
  const { request, reply } = exchange;
  queryOf(request.url, []);
  const { org: organization, id: of } = request.params as { readonly org: string; readonly id: string };
  const { once } = onceOf(exchange);
  const id = once === undefined ? newId() : idOf(once);
  let copy: Role | undefined;
  const result = await changes.write({
    organization,
    changes: (plan) => {
      // Sent again under its key, it is what it was made.
      copy = roleIn(plan, id) ?? copyOf(roleIn(plan, of) ?? notThere(exchange, of), id);
      return [{ put: { kind: "role", value: copy } }];
    },
    action: "roles.duplicate",
    ...(once === undefined ? {} : { once }),
    ...askedBy(exchange),
    ...reasonOf(exchange),
  });
  if (!result.ok) throw refused(result.error);
  const { revision } = result.value;
  const location = `/v1/orgs/${encodeURIComponent(organization)}/roles/${encodeURIComponent(id)}`;
  reply.status(CREATED).headers({ location, etag: etagOf(revision), [REVISION_HEADER]: revision });
  return copy as Role;
}

function roleIn(plan: Plan, id: string): Role | undefined {
  const rec = findRecord(plan, "role", [id]);
  return rec?.kind === "role" ? rec.value : undefined;
}

/** Who is here by his office alone is not told what is there. */
function notThere({ byOffice }: Exchange, id: string): never {
  if (byOffice === true) throw new HttpProblem("not_permitted");
  throw new HttpProblem("object_not_found", { detail: `There is no role with id ${JSON.stringify(id)}.` });
}

const SUFFIX = "_Copy";

/** The organization's own, whatever the role is; the name is cut where it would be too long. */
function copyOf({ builtIn: _, aliases: __, ...role }: Role, id: string): Role {
  const name = [...role.name].slice(0, LIMITS.nameCharactersMax - SUFFIX.length).join("") + SUFFIX;
  return { ...role, id, name, type: "user-defined" };
}
