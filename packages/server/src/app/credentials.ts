/**
 * Credentials of developer projects: the OAuth client of the project's service account.
 *
 * Projects of one service account share its client: a token stands for the account, not for the project.
 * Invariant: a client is reached only through a project of its own organization.
 */
import { findRecord } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { ClientSecret, Clients, OfCredential, SecretAsked } from "../identity/index.ts";
import type { AskedBy } from "../store/index.ts";

export type OfProject = { readonly organization: string; readonly project: string };
/** With who asks, for the audit. */
type OnProject = OfProject & AskedBy;
export type CredentialRefused = { readonly code: "organization_not_found" | "project_not_found" };
type Result<T, E = CredentialRefused> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };
type Refused<Code extends string> = CredentialRefused | { readonly code: Code };

export type Credential = { readonly clientId?: string; readonly serviceAccount: string; readonly secrets: readonly ClientSecret[] };
export type MadeSecret = { readonly clientId: string; readonly secret: string; readonly told: ClientSecret };
export type Credentials = {
  read(of: OfProject): Promise<Result<Credential>>;
  /** Makes the client too, where the service account has none. */
  addSecret(
    of: OnProject,
    asked: SecretAsked & { readonly isAllowed?: () => boolean },
  ): Promise<Result<MadeSecret, Refused<"too_many_secrets" | "expired" | "not_permitted">>>;
  deleteSecret(of: OnProject, secret: string): Promise<Result<void, Refused<"secret_not_found">>>;
  /** Ends the client with its secrets, and with the next request its access tokens. */
  end(of: OnProject): Promise<Result<void, Refused<"client_not_found">>>;
};

type Given = { readonly feed: Feed; readonly clients: Clients; readonly clock: () => number };

const no = <Code extends string>(code: Code) => ({ ok: false, error: { code } }) as const;
const noted = ({ project, actor, requestId }: OnProject): OfCredential => ({
  actor,
  requestId,
  target: `developer-projects/${encodeURIComponent(project)}/credential`,
});
const DONE = { ok: true, value: undefined } as const;

export function createCredentials({ feed, clients, clock }: Given): Credentials {
  const accountOf = async ({ organization, project }: OfProject): Promise<Result<{ readonly org: string; readonly principal: string }>> => {
    const plan = await feed.plan(organization);
    if (plan?.organization !== organization) return no("organization_not_found");
    const found = findRecord(plan, "developer-project", [project]);
    if (found?.kind !== "developer-project") return no("project_not_found");
    return { ok: true, value: { org: organization, principal: found.value.serviceAccount } };
  };
  return {
    async read(of) {
      const account = await accountOf(of);
      if (!account.ok) return account;
      const clientId = await clients.clientOf(account.value);
      const serviceAccount = account.value.principal;
      if (clientId === undefined) return { ok: true, value: { serviceAccount, secrets: [] } };
      return { ok: true, value: { clientId, serviceAccount, secrets: await clients.secrets(clientId) } };
    },
    async addSecret(of, asked) {
      const account = await accountOf(of);
      if (!account.ok) return account;
      if (asked.expiresMs !== undefined && asked.expiresMs <= clock()) return no("expired");
      const clientId = await clients.createClient(account.value, noted(of));
      // With its service account, which was deleted meanwhile, the project went too.
      if (clientId === undefined) return no("project_not_found");
      const made = await clients.addSecret(clientId, asked, noted(of));
      if (made.ok) return { ok: true, value: { clientId, ...made.value } };
      return no(made.error.code === "unknown_client" ? "project_not_found" : made.error.code);
    },
    async deleteSecret(of, secret) {
      const account = await accountOf(of);
      if (!account.ok) return account;
      const clientId = await clients.clientOf(account.value);
      const isDeleted = clientId !== undefined && (await clients.deleteSecret(clientId, secret, noted(of)));
      return isDeleted ? DONE : no("secret_not_found");
    },
    async end(of) {
      const account = await accountOf(of);
      if (!account.ok) return account;
      return (await clients.deleteClient(account.value, noted(of))) ? DONE : no("client_not_found");
    },
  };
}
