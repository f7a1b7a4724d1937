/**
 * Administration of the native surface: writes of many changes, and who the caller is. Mapping only.
 *
 * Invariant: every fault of a body is told at once, each with its place; what was refused left nothing.
 */
import { type ChangesAnswer, ChangesRequest, type Me } from "@reeve/contract";
import { type Fault, objectName } from "@reeve/core";
import type { Changes, Organizations } from "../../app/index.ts";
import type { Caller } from "../../identity/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { validator } from "../validate.ts";
import { REVISION_HEADER } from "./at-least.ts";
import { expectedOf, readChangeList, type Wanted } from "./changes-body.ts";
import { askedBy, onceOf, refused } from "./writing.ts";

type Body = {
  readonly reason?: string;
  readonly ifRevision?: string;
  readonly catalogue?: boolean;
  readonly changes: readonly unknown[];
};
const validateChanges = validator<Body>(ChangesRequest);

export type AdministrationOptions = { readonly changes: Changes; readonly organizations: Organizations };

export function administrationHandlers(options: AdministrationOptions): Pick<Handlers, "writeChanges" | "me"> {
  return {
    writeChanges: (exchange) => writeChanges(options, exchange),
    me: ({ caller }) => meOf(caller as Caller),
  };
}

async function writeChanges({ changes, organizations }: AdministrationOptions, exchange: Exchange): Promise<ChangesAnswer> {
  const { reason, ifRevision, catalogue, ...body } = readChanges(exchange.request.body);
  const organization = (exchange.request.params as { readonly org: string }).org;
  const epoch = body.wanted.length === 0 ? "" : ((await organizations.head(organization))?.epoch ?? "");
  const result = await changes.write({
    organization,
    changes: body.changes,
    expected: expectedOf(body.wanted, epoch),
    ...(reason === undefined ? {} : { reason }),
    ...(ifRevision === undefined ? {} : { ifRevision }),
    ...(catalogue === true ? { isCatalogue: true } : {}),
    ...askedBy(exchange),
    ...onceOf(exchange),
  });
  if (!result.ok) throw refused(result.error, (kind, key) => placeOf(body.wanted, objectName({ kind, key })));
  const { repeated: _, ...written } = result.value;
  exchange.reply.header(REVISION_HEADER, written.revision);
  return written as ChangesAnswer;
}

const placeOf = (wanted: readonly Wanted[], name: string): string => wanted.find((one) => objectName(one) === name)?.pointer ?? "";

/** Reads the body of a write; all faults of its form and of every change's value together. */
function readChanges(value: unknown): Omit<Body, "changes"> & ReturnType<typeof readChangeList> {
  const validated = validateChanges(value);
  // What the schema says of a change, its parser says better.
  const faults: Fault[] = validated.ok ? [] : validated.error.filter(({ pointer }) => !pointer.startsWith("/changes/"));
  return { ...(value as Body), ...readChangeList(value, faults) };
}

function meOf({ principal, organizations, ceiling, how, clientId }: Caller): Me {
  return {
    administrator: principal === undefined,
    principal: principal ?? null,
    organizations: organizations === "all" ? "all" : [...organizations],
    ceiling,
    how,
    clientId: clientId ?? null,
  };
}
