/** Imports of the native surface: a document in, a job out. Mapping only. */
import { ApplyImportRequest } from "@reeve/contract";
import type { Imports, Job, Tables } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { faultyQuery, queryOf } from "../query.ts";
import { validator, validBody } from "../validate.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { askedBy, refused } from "./writing.ts";

const validateApply = validator<{ readonly reason?: string }>(ApplyImportRequest);
const ACCEPTED = 202;

type Params = { readonly org: string; readonly product: string; readonly id: string };
const paramsOf = ({ request }: Exchange): Params => request.params as Params;

export type ImportOptions = { readonly imports: Imports; readonly tables: Tables };
type ImportRoute = "importDocument" | "getImport" | "applyImport" | "suggestRules";

export function importHandlers({ imports, tables }: ImportOptions): Pick<Handlers, ImportRoute> {
  return {
    async suggestRules(exchange) {
      const { org: organization, product } = paramsOf(exchange);
      queryOf(exchange.request.url, []);
      const found = await tables.ofOrganization({
        organization,
        product,
        atLeast: atLeastOf(undefined, exchange.request.headers[AT_LEAST]),
      });
      if (!found.ok) throw found.error.code === "product_not_found" ? new HttpProblem(found.error.code) : unanswered(found.error);
      exchange.reply.header(REVISION_HEADER, found.revision);
      const items = tables.suggestions(found.records).map(({ product: _, ...suggestion }) => suggestion);
      return { revision: found.revision, items };
    },
    async importDocument(exchange) {
      const { org, product } = paramsOf(exchange);
      const { partial, ...named } = queryOf(exchange.request.url, ["name", "basePath", "source", "partial"]);
      if (partial !== undefined && partial !== "true" && partial !== "false") {
        throw faultyQuery([{ code: "not_allowed", pointer: "?partial", detail: "This is yes or no.", allowed: ["true", "false"] }]);
      }
      const text = exchange.request.body;
      if (typeof text !== "string") {
        throw faultyBody([{ code: "required", pointer: "", detail: "The body is the document." }]);
      }
      const options = { product, ...named, ...(partial === "true" ? { partial: true as const } : {}) };
      const started = await imports.start({ organization: org, text, options });
      if (!started.ok) throw new HttpProblem(started.error.code);
      const { id } = started.value;
      exchange.reply.status(ACCEPTED).header("location", `/v1/orgs/${encodeURIComponent(org)}/imports/${id}`);
      return told(started.value);
    },
    getImport(exchange) {
      const { org, id } = paramsOf(exchange);
      const job = imports.get(org, id);
      if (job === undefined) throw new HttpProblem("import_not_found", { detail: "Jobs are kept for an hour, until the server ends." });
      return told(job);
    },
    async applyImport(exchange) {
      const { org, id } = paramsOf(exchange);
      const result = await imports.apply(id, { organization: org, ...validBody(validateApply, exchange), ...askedBy(exchange) });
      if (!result.ok) {
        const { error } = result;
        if (isOfImports(error)) throw new HttpProblem(error.code);
        throw refused(error);
      }
      if (result.value.state === "applied") exchange.reply.header(REVISION_HEADER, result.value.applied.revision);
      return told(result.value);
    },
  };
}

type Refused = Extract<Awaited<ReturnType<Imports["apply"]>>, { readonly ok: false }>["error"];
type OfImports = Extract<Refused, { readonly code: "import_not_found" | "import_not_planned" }>;
const isOfImports = (error: Refused): error is OfImports => error.code === "import_not_found" || error.code === "import_not_planned";

/** A job as the contract's `ImportJob` says. */
function told(job: Job): unknown {
  const { id, product, state, progress, revision } = job;
  const common = { id, product, state, progress };
  switch (job.state) {
    case "running":
    case "failed":
      return common;
    case "refused":
      return { ...common, faults: job.faults };
    case "planned":
      return { ...common, revision, plan: planOf(job.plan) };
    case "applied": {
      const { revision: made, changeSet, applied } = job.applied;
      return { ...common, revision, plan: planOf(job.plan), applied: { revision: made, changeSet, applied } };
    }
  }
}

/** Everything but the changes themselves and what stays as it is, of which there is only the number. */
function planOf({ unchanged, changes, stillOrphaned: _, ...plan }: Extract<Job, { readonly state: "planned" }>["plan"]): unknown {
  return { ...plan, unchanged: unchanged.length, changes: changes.length };
}
