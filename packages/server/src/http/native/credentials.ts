/** Credentials of developer projects. A secret's value is in the answer that made it and nowhere else. Mapping only. */
import { type CredentialAnswer, type SecretAnswer, type SecretMade, SecretRequest } from "@reeve/contract";
import type { Credentials, DeveloperProjects } from "../../app/index.ts";
import { askedBy } from "../asked.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { validator, validBody } from "../validate.ts";

const validateSecret = validator<SecretRequest>(SecretRequest);
const CREATED = 201;
const NO_CONTENT = 204;

type CredentialRoute = "getCredential" | "createClientSecret" | "deleteClientSecret" | "deleteCredential";

type CredentialOptions = { readonly credentials: Credentials; readonly projects: Pick<DeveloperProjects, "mayChangeNow"> };

export function credentialHandlers({ credentials, projects }: CredentialOptions): Pick<Handlers, CredentialRoute> {
  const mayNow = (exchange: Exchange): boolean => {
    const { caller, byOffice } = exchange;
    const { organization, project: id } = projectOf(exchange);
    return byOffice !== true || (caller !== undefined && projects.mayChangeNow({ caller, organization, id }));
  };
  /** Whoever is here by an office alone must be one who may change the project (C11, C12). */
  const guarded = (handler: (exchange: Exchange) => unknown) => (exchange: Exchange) => {
    if (!mayNow(exchange)) throw new HttpProblem("not_permitted");
    return handler(exchange);
  };
  return {
    getCredential: guarded((exchange) => read(credentials, exchange)),
    createClientSecret: guarded((exchange) => make(credentials, exchange, () => mayNow(exchange))),
    deleteClientSecret: guarded(async (exchange) => {
      const { secret } = exchange.request.params as { readonly secret: string };
      return ended(exchange, await credentials.deleteSecret(askedOf(exchange), secret));
    }),
    deleteCredential: guarded(async (exchange) => ended(exchange, await credentials.end(askedOf(exchange)))),
  };
}

function projectOf({ request }: Exchange): { readonly organization: string; readonly project: string } {
  const { org, id } = request.params as { readonly org: string; readonly id: string };
  return { organization: org, project: id };
}

const askedOf = (exchange: Exchange) => ({ ...projectOf(exchange), ...askedBy(exchange) });

async function read(credentials: Credentials, exchange: Exchange): Promise<CredentialAnswer> {
  const found = await credentials.read(projectOf(exchange));
  if (!found.ok) throw refused(found.error.code);
  const { clientId = null, serviceAccount, secrets } = found.value;
  return { clientId, serviceAccount, secrets: secrets.map(told) };
}

type StoredSecret = Extract<Awaited<ReturnType<Credentials["read"]>>, { readonly ok: true }>["value"]["secrets"][number];

function told({ id, name, createdMs, expiresMs, lastUsedMs }: StoredSecret): SecretAnswer {
  return {
    id,
    created: createdMs,
    ...(name === undefined ? {} : { name }),
    ...(expiresMs === undefined ? {} : { expires: expiresMs }),
    ...(lastUsedMs === undefined ? {} : { lastUsed: lastUsedMs }),
  };
}

async function make(credentials: Credentials, exchange: Exchange, isAllowed: () => boolean): Promise<SecretMade> {
  const { name, expires } = validBody(validateSecret, exchange);
  const made = await credentials.addSecret(askedOf(exchange), {
    isAllowed,
    ...(name === undefined ? {} : { name }),
    ...(expires === undefined ? {} : { expiresMs: expires }),
  });
  if (!made.ok) throw refused(made.error.code);
  const { clientId, secret, told: stored } = made.value;
  const location = `${exchange.request.url.split("?")[0]}/${encodeURIComponent(stored.id)}`;
  exchange.reply.status(CREATED).headers({ location, "cache-control": "no-store" });
  return { ...told(stored), clientId, secret };
}

type Ended = Awaited<ReturnType<Credentials["deleteSecret"] | Credentials["end"]>>;

function ended({ reply }: Exchange, result: Ended): undefined {
  if (!result.ok) throw refused(result.error.code);
  reply.status(NO_CONTENT);
  return undefined;
}

type RefusedCode =
  | Extract<Ended, { readonly ok: false }>["error"]["code"]
  | Extract<Awaited<ReturnType<Credentials["addSecret"]>>, { readonly ok: false }>["error"]["code"];

const NOT_FOUND = {
  project_not_found: "There is no such developer project.",
  client_not_found: "The service account of the project has no client.",
  secret_not_found: "The client has no such secret.",
} as const;
const IN_THE_PAST = { code: "out_of_range", pointer: "/expires", detail: "This is in the past: the secret would let nobody in." };

function refused(code: RefusedCode): HttpProblem {
  if (code === "organization_not_found" || code === "not_permitted") return new HttpProblem(code);
  if (code === "expired") return new HttpProblem("changes_refused", { errors: [IN_THE_PAST] });
  if (code === "too_many_secrets") return new HttpProblem(code, { detail: "Delete one of them first." });
  return new HttpProblem("object_not_found", { detail: NOT_FOUND[code] });
}
