/** The developer console of the native surface. Mapping only. */
import { type OfferedRole, type ProjectAnswer, ProjectChange, ProjectRequest } from "@reeve/contract";
import { type Cursors, type DeveloperProjects, type ProjectRefused, readRevision, type ShownProject } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../query.ts";
import { validator, validBody, withinRecord } from "../validate.ts";
import { REVISION_HEADER } from "./at-least.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";
import { askedBy, etagOf, preconditionOf, reasonOf, refused } from "./writing.ts";

type ConsoleRoute = "listOfferedRoles" | "listProjects" | "getProject" | "createProject" | "putProject" | "deleteProject";
export type ConsoleOptions = { readonly projects: DeveloperProjects; readonly cursors: Cursors };

const validateProject = validator<ProjectRequest>(ProjectRequest);
const validateChange = validator<ProjectChange>(ProjectChange);
const CREATED = 201;
const NO_CONTENT = 204;

export function consoleHandlers(options: ConsoleOptions): Pick<Handlers, ConsoleRoute> {
  const { projects } = options;
  return {
    listOfferedRoles: (exchange) => offered(options, exchange),
    listProjects: (exchange) => listed(options, exchange),
    async getProject(exchange) {
      const project = answered(await projects.read(onProject(exchange)));
      exchange.reply.header("etag", etagOf(project.revision));
      return told(project);
    },
    async createProject(exchange) {
      const body = validBody(validateProject, exchange);
      const { id, written } = answered(await projects.create({ ...writing(exchange), ...body }));
      exchange.reply.status(CREATED).header("location", `${exchange.request.url.split("?")[0]}/${encodeURIComponent(id)}`);
      return shownAfter(options, exchange, { id, revision: written.revision });
    },
    async putProject(exchange) {
      const body = validBody(validateChange, exchange);
      const { id } = onProject(exchange);
      const revision = await expected(projects, exchange);
      const { written } = answered(await projects.change({ ...writing(exchange), ...body, id, revision }));
      return shownAfter(options, exchange, { id, revision: written.revision });
    },
    async deleteProject(exchange) {
      const { id } = onProject(exchange);
      const revision = await expected(projects, exchange);
      const written = answered(await projects.end({ ...writing(exchange), id, revision }));
      exchange.reply.status(NO_CONTENT).header(REVISION_HEADER, written.revision);
      return undefined;
    },
  };
}

type Asking = { readonly caller: NonNullable<Exchange["caller"]>; readonly organization: string };

function asking({ caller, request }: Exchange): Asking {
  if (caller === undefined) throw new HttpProblem("not_authenticated");
  return { caller, organization: (request.params as { readonly org: string }).org };
}

function onProject(exchange: Exchange): Asking & { readonly id: string } {
  return { ...asking(exchange), id: (exchange.request.params as { readonly id: string }).id };
}

const writing = (exchange: Exchange) => ({ ...asking(exchange), ...askedBy(exchange), ...reasonOf(exchange) });

async function offered({ projects, cursors }: ConsoleOptions, exchange: Exchange): Promise<unknown> {
  const { limit, cursor, product } = queryOf(exchange.request.url, ["product", "limit", "cursor"]);
  const asked = asking(exchange);
  const question = ["console.roles", asked.organization, product ?? null];
  const after = positionOf(cursors, question, { cursor });
  const ofProduct = product === undefined ? {} : { product };
  const page = answered(await projects.offered({ ...asked, ...ofProduct, max: limitOf(limit), ...(after === undefined ? {} : { after }) }));
  return pageOf<OfferedRole>(page.items, page.next, { cursors, question });
}

async function listed({ projects, cursors }: ConsoleOptions, exchange: Exchange): Promise<unknown> {
  const { limit, cursor } = queryOf(exchange.request.url, ["limit", "cursor"]);
  const asked = asking(exchange);
  const question = ["console.projects", asked.organization];
  const after = positionOf(cursors, question, { cursor });
  const page = answered(await projects.list({ ...asked, max: limitOf(limit), ...(after === undefined ? {} : { after }) }));
  return pageOf(page.items.map(told), page.next, { cursors, question });
}

function told({ id, name, product, roles, serviceAccount, mayChange }: ShownProject): ProjectAnswer {
  return { id, name, product, roles: [...roles], serviceAccount, mayChange };
}

/** The project as it stands now, as an answer to a write. */
async function shownAfter(
  { projects }: ConsoleOptions,
  exchange: Exchange,
  { id, revision }: { readonly id: string; readonly revision: string },
): Promise<ProjectAnswer> {
  const project = answered(await projects.read({ ...asking(exchange), id }));
  exchange.reply.headers({ etag: etagOf(project.revision), [REVISION_HEADER]: revision });
  return told(project);
}

/** The number of the revision that must have changed the project last: what the request says, or as it is now. */
async function expected(projects: DeveloperProjects, exchange: Exchange): Promise<number> {
  const standing = readRevision(answered(await projects.read(onProject(exchange))).revision);
  if (standing === undefined) throw new Error("a revision that was given out cannot be read");
  const wanted = preconditionOf(exchange, standing.epoch);
  if (wanted === undefined || wanted === "any" || wanted === standing.revision) return standing.revision;
  const { id } = onProject(exchange);
  throw refused({ code: "object_changed", objects: [{ kind: "developer-project", key: [id] }] });
}

function answered<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ProjectRefused }): T {
  if (result.ok) return result.value;
  const { error } = result;
  switch (error.code) {
    case "object_not_found":
      throw new HttpProblem(error.code, { detail: "There is no such developer project." });
    case "project_has_secrets":
      throw new HttpProblem(error.code, { detail: "Delete the secrets of its client first." });
    case "changes_refused":
      throw refused({ ...error, faults: error.faults.map((fault) => ({ ...fault, pointer: withinRecord(fault.pointer) })) });
    default:
      throw refused(error);
  }
}
