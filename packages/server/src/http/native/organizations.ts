/**
 * Organizations of the native surface: which there are, their own record, and everything that one holds as a stream. Mapping only.
 *
 * Invariant: an export that was cut off cannot be taken for a whole one: its last line says that it is the end.
 */
import { Readable } from "node:stream";
import { OrganizationRequest } from "@reeve/contract";
import { type Fault, type Organization, parseRecord, type Rec } from "@reeve/core";
import {
  type Changes,
  type Cursors,
  type Entitlements,
  type Objects,
  type Organizations,
  type Write,
  writeRevision,
} from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { faultyQuery, queryOf } from "../query.ts";
import { validator } from "../validate.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";
import { askedBy, bodyOf, etagOf, preconditionOf, reasonOf, refused } from "./writing.ts";

type OrganizationBody = {
  readonly id: string;
  readonly name: string;
  readonly tenantIds?: readonly string[];
  readonly products?: readonly string[];
};
const validateOrganization = validator<OrganizationBody>(OrganizationRequest);

export type OrganizationOptions = {
  readonly changes: Changes;
  readonly objects: Objects;
  readonly organizations: Organizations;
  readonly entitlements: Entitlements;
  readonly cursors: Cursors;
};
type OrganizationRoute =
  | "listOrganizations"
  | "createOrganization"
  | "getOrganization"
  | "putOrganization"
  | "deleteOrganization"
  | "exportOrganization";

export function organizationHandlers(options: OrganizationOptions): Pick<Handlers, OrganizationRoute> {
  return {
    listOrganizations: (exchange) => listOrganizations(options, exchange),
    createOrganization: (exchange) => createOrganization(options, exchange),
    getOrganization: (exchange) => getOrganization(options, exchange),
    putOrganization: (exchange) => putOrganization(options, exchange),
    deleteOrganization: (exchange) => deleteOrganization(options, exchange),
    exportOrganization: (exchange) => exportOrganization(options, exchange),
  };
}

const CREATED = 201;
const orgOf = ({ request }: Exchange): string => (request.params as { readonly org: string }).org;

/** The server's administrator sees all of them; anybody else his own. */
async function listOrganizations({ organizations, cursors }: OrganizationOptions, exchange: Exchange): Promise<unknown> {
  const { limit, cursor } = queryOf(exchange.request.url, ["limit", "cursor"]);
  const max = limitOf(limit);
  const known = exchange.caller?.organizations ?? [];
  if (known !== "all") return { items: known.map((id) => ({ id })) };
  const position = positionOf(cursors, QUESTION, { cursor });
  const page = await organizations.list(position?.[0], max);
  const next = page.next === undefined ? undefined : [page.next];
  return pageOf(
    page.ids.map((id) => ({ id })),
    next,
    { cursors, question: QUESTION },
  );
}
const QUESTION = ["organizations"];

async function createOrganization({ changes, entitlements }: OrganizationOptions, exchange: Exchange): Promise<unknown> {
  const { id, products, ...organization } = readOrganization(exchange.request.body);
  const begun = entitlements.records(products);
  if (!begun.ok) {
    const { index, allowed } = begun.error;
    throw faultyBody([{ code: "unknown_reference", pointer: `/products/${index}`, detail: "No such product ships with Reeve.", allowed }]);
  }
  const result = await changes.create({
    organization: id,
    ...organization,
    changes: begun.value.map((put) => ({ put })),
    isCatalogue: true,
    ...askedBy(exchange),
  });
  if (!result.ok) throw refused(result.error);
  const { revision } = result.value;
  exchange.reply
    .status(CREATED)
    .header("location", `/v1/orgs/${encodeURIComponent(id)}`)
    .header(REVISION_HEADER, revision);
  return { id, revision };
}

/** Reads the body of a creation: its id, and the organization as the model's own parser reads it. */
function readOrganization(value: unknown): { readonly id: string; readonly products: readonly string[] } & Organization {
  const validated = validateOrganization(value);
  if (!validated.ok && (typeof value !== "object" || value === null || Array.isArray(value))) throw faultyBody(validated.error);
  const { id, products = [], ...organization } = value as OrganizationBody;
  const parsed = parseRecord("organization", organization);
  const faults = validated.ok ? [] : validated.error.filter(({ pointer }) => pointer === "/id" || pointer.startsWith("/products"));
  if (!parsed.ok) throw faultyBody([...faults, ...parsed.error]);
  if (faults.length > 0) throw faultyBody(faults);
  return { id, products, ...(parsed.value.value as Organization) };
}

const RECORD = { kind: "organization", key: [] } as const;

async function getOrganization({ objects }: OrganizationOptions, exchange: Exchange): Promise<unknown> {
  const found = await objects.read({ organization: orgOf(exchange), ...RECORD }, atLeastOf(undefined, exchange.request.headers[AT_LEAST]));
  if ("code" in found) throw unanswered(found);
  const { head, object } = found;
  if (object === undefined) throw new HttpProblem("organization_not_found");
  exchange.reply.headers({
    etag: etagOf(writeRevision({ ...head, revision: object.revision })),
    [REVISION_HEADER]: writeRevision(head),
  });
  return object.rec.value;
}

async function putOrganization({ objects, changes }: OrganizationOptions, exchange: Exchange): Promise<unknown> {
  const organization = orgOf(exchange);
  const parsed = parseRecord("organization", bodyOf(exchange));
  if (!parsed.ok) throw faultyBody(parsed.error);
  const found = await objects.read({ organization, ...RECORD }, undefined);
  if ("code" in found) throw unanswered(found);
  const wanted = preconditionOf(exchange, found.head.epoch);
  // An organization that is asked for is there.
  if (wanted === "none" || wanted === null) throw refused({ code: "object_changed", objects: [RECORD] });
  const asked: Write = { organization, changes: [{ put: parsed.value }], ...askedBy(exchange), ...reasonOf(exchange) };
  const result = await changes.write(typeof wanted === "number" ? { ...asked, expected: [{ ...RECORD, revision: wanted }] } : asked);
  if (!result.ok) throw refused(result.error);
  const { revision, applied } = result.value;
  const standing = found.object?.revision;
  const changedLast = applied === 0 && standing !== undefined ? writeRevision({ ...found.head, revision: standing }) : revision;
  exchange.reply.headers({ etag: etagOf(changedLast), [REVISION_HEADER]: revision });
  return parsed.value.value;
}

/** Said twice, and at the revision that was exported: nobody deletes what he has not seen, or by a slip. */
async function deleteOrganization({ organizations }: OrganizationOptions, exchange: Exchange): Promise<unknown> {
  const organization = orgOf(exchange);
  const { confirm, revision } = queryOf(exchange.request.url, ["confirm", "revision"]);
  if ((await organizations.head(organization)) === undefined) throw new HttpProblem("organization_not_found");
  const faults: Fault[] = [];
  if (confirm !== organization)
    faults.push({ code: "not_allowed", pointer: "?confirm", detail: `Say the id of the organization once more: ${organization}.` });
  if (revision === undefined)
    faults.push({
      code: "required",
      pointer: "?revision",
      detail: "Say the revision of its export, which nothing may have changed since.",
    });
  if (faults.length > 0 || revision === undefined) throw faultyQuery(faults);
  const result = await organizations.remove({ organization, revision, ...askedBy(exchange), ...reasonOf(exchange) });
  if (!result.ok && result.error.code === "malformed_revision")
    throw faultyQuery([{ code: "not_allowed", pointer: "?revision", detail: "This must be a revision that this server gave out." }]);
  if (!result.ok) throw refused(result.error);
  const { timeMs, seq, hash } = result.value;
  return { id: organization, revision, time: timeMs, auditLines: seq, auditHash: Buffer.from(hash).toString("hex") };
}

/** A line for the revision, one for each record, one for the end. */
async function exportOrganization({ organizations }: OrganizationOptions, exchange: Exchange): Promise<unknown> {
  queryOf(exchange.request.url, []);
  const found = await organizations.snapshot(orgOf(exchange), atLeastOf(undefined, exchange.request.headers[AT_LEAST]));
  if ("code" in found) throw unanswered(found);
  const revision = writeRevision(found.head);
  exchange.reply.headers({ "content-type": "application/x-ndjson; charset=utf-8", [REVISION_HEADER]: revision });
  return Readable.from(linesOf(revision, found.pages));
}

async function* linesOf(revision: string, pages: AsyncIterable<readonly Rec[]>): AsyncIterable<string> {
  yield `${JSON.stringify({ revision })}\n`;
  let records = 0;
  for await (const page of pages) {
    records += page.length;
    yield page.map((rec) => `${JSON.stringify(rec)}\n`).join("");
  }
  yield `${JSON.stringify({ end: true, records })}\n`;
}
