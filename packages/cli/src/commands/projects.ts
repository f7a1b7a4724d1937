/**
 * `reeve projects`: the developer console: roles that may be given to a project, and projects with the service accounts that have them.
 *
 * Invariant: a change keeps what was not named as it was read, and is refused where somebody changed the project in between.
 */
import type { OfferedRole, ProjectAnswer, ProjectChange, ProjectRequest } from "@reeve/contract";
import { present, type Result } from "@reeve/core";
import { type AskOptions, askPlace, type Place } from "../asked.ts";
import type { Answered } from "../client.ts";
import { done } from "../done.ts";
import { toldTable } from "../entries.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { type Told, yamlText } from "../output.ts";
import { allListed, cutNotes } from "../pages.ts";
import { type Shell, visible, writeLines } from "../shell.ts";

type Reason = { readonly reason?: string };
type Limit = { readonly limit?: number };
export type OfferedOptions = AskOptions & Limit & { readonly product?: string };
export type ProjectsOptions = AskOptions & Limit;
export type CreateOptions = AskOptions & Reason & Pick<ProjectRequest, "name" | "product"> & { readonly role: readonly string[] };
export type UpdateOptions = AskOptions & Reason & { readonly name?: string; readonly role?: readonly string[] };
export type DeleteOptions = AskOptions & Reason;

export function listOffered(shell: Shell, { product, limit, ...options }: OfferedOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const query = { route: "listOfferedRoles", parameters: { org }, filter: present({ product }), limit } as const;
    const pages = await allListed<OfferedRole>(client, query);
    if (!pages.ok) return pages;
    const items = pages.value.entries;
    const rows = items.map(({ product: of, id, name }) => [of, id, name]);
    return {
      ok: true,
      value: toldTable({ value: { items }, table: { titles: ["PRODUCT", "ROLE", "NAME"], rows }, notes: cutNotes(pages.value) }),
    };
  });
}

export function listProjects(shell: Shell, options: ProjectsOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const pages = await allListed<ProjectAnswer>(client, { route: "listProjects", parameters: { org }, limit: options.limit });
    if (!pages.ok) return pages;
    const items = pages.value.entries;
    const rows = items.map(({ id, name, product, roles, serviceAccount, mayChange }) => [
      id,
      name,
      product,
      roles.join(", "),
      serviceAccount,
      mayChange ? "yes" : "no",
    ]);
    const titles = ["ID", "NAME", "PRODUCT", "ROLES", "SERVICE ACCOUNT", "MAY CHANGE"];
    return { ok: true, value: toldTable({ value: { items }, table: { titles, rows }, notes: cutNotes(pages.value) }) };
  });
}

export function getProject(shell: Shell, id: string, options: AskOptions): Promise<Exit> {
  return askPlace(shell, options, async (place) => {
    const read = await readProject(place, id);
    return read.ok ? { ok: true, value: shown(read.value) } : read;
  });
}

/** The id alone on stdout, for the next command. */
export function createProject(shell: Shell, { name, product, role: roles, reason, ...options }: CreateOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const call = { route: "createProject", parameters: { org }, body: { name, product, roles }, reason } as const;
    const made = projectIn(await client.askJson(call));
    if (!made.ok) return made;
    const { id, serviceAccount } = made.value.project;
    const notes = [`Made: project ${name} of ${product}, whose service account is ${serviceAccount}. Its id is on stdout.`];
    return { ok: true, value: { ...made.value.answer, notes, table: (output) => writeLines(output, [id]) } };
  });
}

export function updateProject(shell: Shell, id: string, { name, role: roles, reason, ...options }: UpdateOptions): Promise<Exit> {
  return askPlace(shell, options, async (place) => {
    const wanted = present({ name, roles: roles === undefined ? undefined : [...roles] });
    if (Object.keys(wanted).length === 0)
      return fail(EXIT.usage, "Nothing to change: say --name, or --role once for each role that it has from now on.");
    const read = await readProject(place, id);
    if (!read.ok) return read;
    const { project, answer } = read.value;
    const body: ProjectChange = { name: project.name, roles: project.roles, ...wanted };
    const { client, org } = place;
    const call = { route: "putProject", parameters: { org, id }, body, reason, ifMatch: answer.etag } as const;
    const written = projectIn(await client.askJson(call));
    return written.ok ? { ok: true, value: shown(written.value) } : written;
  });
}

export function deleteProject(shell: Shell, id: string, { reason, ...options }: DeleteOptions): Promise<Exit> {
  return askPlace(shell, options, ({ client, org }) => {
    const call = { route: "deleteProject", parameters: { org, id }, reason } as const;
    return done(client, call, `Project ${id} is ended, and its service account.`);
  });
}

type Read = { readonly project: ProjectAnswer; readonly answer: Answered };

async function readProject({ client, org }: Place, id: string): Promise<Result<Read, Failure>> {
  return projectIn(await client.askJson({ route: "getProject", parameters: { org, id } }));
}

function projectIn(answer: Result<Answered, Failure>): Result<Read, Failure> {
  if (!answer.ok) return answer;
  const project = answer.value.value as ProjectAnswer | null;
  if (typeof project?.id === "string" && Array.isArray(project.roles)) return { ok: true, value: { project, answer: answer.value } };
  return fail(EXIT.cannotRun, "What answered there gave no developer project. Is it the right address? (--url or REEVE_URL)");
}

const shown = ({ answer: { value, text } }: Read): Told => ({ value, text, table: (output) => output.write(visible(yamlText(value))) });
