/** Tokens of the native surface. A token's id is its hash; its secret is in one answer and nowhere else. Mapping only. */
import { AdministratorTokenRequest, type TokenAnswer, type TokenMade, TokenRequest } from "@reeve/contract";
import type { Fault } from "@reeve/core";
import type { Cursors, TokenUse } from "../../app/index.ts";
import { askedBy } from "../asked.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { logEvent } from "../log.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../query.ts";
import { validator, validBody } from "../validate.ts";
import { limitOf, pageOf, positionOf } from "./paging.ts";

const validateToken = validator<TokenRequest>(TokenRequest);
const validateAdministrator = validator<AdministratorTokenRequest>(AdministratorTokenRequest);
const HASH_BYTES = 32;

export type TokenOptions = { readonly tokens: TokenUse; readonly cursors: Cursors };
type TokenRoute =
  | "listTokens"
  | "createToken"
  | "deleteToken"
  | "listAdministratorTokens"
  | "createAdministratorToken"
  | "deleteAdministratorToken";
type StoredToken = Awaited<ReturnType<TokenUse["list"]>> extends readonly (infer T)[] | undefined ? T : never;

export function tokenHandlers(options: TokenOptions): Pick<Handlers, TokenRoute> {
  const { tokens } = options;
  return {
    listTokens: (exchange) => list(options, exchange),
    listAdministratorTokens: (exchange) => list(options, exchange),
    createToken: (exchange) => {
      const { principal, ...told } = validBody(validateToken, exchange);
      return make(tokens, exchange, { of: { organization: orgOf(exchange) as string, principal }, ...told });
    },
    createAdministratorToken: (exchange) => make(tokens, exchange, validBody(validateAdministrator, exchange)),
    deleteToken: (exchange) => end(tokens, exchange),
    deleteAdministratorToken: (exchange) => end(tokens, exchange),
  };
}

const orgOf = ({ request }: Exchange): string | undefined => (request.params as { readonly org?: string }).org;
const idOf = (hash: Uint8Array): string => Buffer.from(hash).toString("hex");

async function list({ tokens, cursors }: TokenOptions, exchange: Exchange): Promise<unknown> {
  const organization = orgOf(exchange);
  const { limit, cursor, principal } = queryOf(exchange.request.url, [
    ...(organization === undefined ? [] : ["principal"]),
    "limit",
    "cursor",
  ]);
  const question = ["tokens", organization ?? null, principal ?? null];
  const position = positionOf(cursors, question, { cursor });
  const max = limitOf(limit);
  const found = await tokens.list({
    max,
    ...(organization === undefined ? {} : { organization }),
    ...(principal === undefined ? {} : { principal }),
    ...(position === undefined ? {} : { after: Buffer.from(position[0] as string, "hex") }),
  });
  if (found === undefined) throw new HttpProblem("organization_not_found");
  const items = found.map(told);
  const last = items.length < max ? undefined : found.at(-1);
  return pageOf(items, last === undefined ? undefined : [idOf(last.hash)], { cursors, question });
}

function told({ hash, principal, clientId, name, ceiling, createdMs, expiresMs, lastUsedMs }: StoredToken): TokenAnswer {
  return {
    id: idOf(hash),
    ceiling: ceiling as TokenAnswer["ceiling"],
    created: createdMs,
    ...(principal === undefined ? {} : { principal }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(name === undefined ? {} : { name }),
    ...(expiresMs === undefined ? {} : { expires: expiresMs }),
    ...(lastUsedMs === undefined ? {} : { lastUsed: lastUsedMs }),
  };
}

type Told = AdministratorTokenRequest & { readonly of?: { readonly organization: string; readonly principal: string } };

async function make(tokens: TokenUse, exchange: Exchange, { expires, ...asked }: Told): Promise<TokenMade> {
  const by = askedBy(exchange);
  const result = await tokens.make({ ...asked, ...by, ...(expires === undefined ? {} : { expiresMs: expires }) });
  if (!result.ok) throw refused(result.error.code);
  const { token, secret } = result.value;
  if (asked.of === undefined) logEvent(exchange.request.log, "administrator-token.create", { id: idOf(token.hash) });
  exchange.reply
    .status(CREATED)
    .headers({ location: `${exchange.request.url.split("?")[0]}/${idOf(token.hash)}`, "cache-control": "no-store" });
  return { ...told(token), secret };
}

const CREATED = 201;
const NO_CONTENT = 204;

function refused(code: "organization_not_found" | "unknown_principal" | "group" | "expired"): HttpProblem {
  if (code === "organization_not_found") return new HttpProblem(code);
  return new HttpProblem("changes_refused", { errors: [REFUSALS[code]] as never });
}

const REFUSALS: Readonly<Record<"unknown_principal" | "group" | "expired", Fault>> = {
  unknown_principal: { code: "unknown_reference", pointer: "/principal", detail: "There is no such principal in the organization." },
  group: { code: "type_mismatch", pointer: "/principal", detail: "A token stands for a user or a service account, not for a group." },
  expired: { code: "out_of_range", pointer: "/expires", detail: "This is in the past: the token would let nobody in." },
};

async function end(tokens: TokenUse, exchange: Exchange): Promise<undefined> {
  const { id } = exchange.request.params as { readonly id: string };
  const hash = Buffer.from(id, "hex");
  const isHash = hash.length === HASH_BYTES && idOf(hash) === id;
  const isEnded = isHash && (await tokens.end(orgOf(exchange), hash, askedBy(exchange)));
  if (!isEnded) throw new HttpProblem("object_not_found", { detail: "There is no such token." });
  if (orgOf(exchange) === undefined) logEvent(exchange.request.log, "administrator-token.end", { id });
  exchange.reply.status(NO_CONTENT);
  return undefined;
}
