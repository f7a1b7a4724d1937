/** Signing in by a trusted issuer (OpenID Connect): a browser is sent there, and comes back. */
import { Type } from "typebox";
import type { Route } from "../route.ts";

const OF_STORE = ["store_busy", "store_damaged", "store_failed"];
const OF_WRITES = ["store_stopped", "disk_full", "write_uncertain"];
const ONWARD: Route["answer"] = { status: 303, types: { "text/plain": Type.String({ maxLength: 0 }) } };
const said = (what: string) => Type.String({ description: `${what}, as the issuer says it.` });

export const ISSUER_ROUTES = {
  beginIssuerSignIn: {
    id: "beginIssuerSignIn",
    method: "GET",
    path: "/sign-in/{name}",
    summary: "Go to a trusted issuer to sign in there, for a browser: it is sent to the issuer.",
    tag: "People",
    query: { return: Type.String({ description: "Where to go on after that: a path of this server; `/account` where nothing is said." }) },
    answer: ONWARD,
    tells: ["Location"],
    problems: ["issuer_not_found", "issuer_unavailable", ...OF_STORE],
  },
  endIssuerSignIn: {
    id: "endIssuerSignIn",
    method: "GET",
    path: "/sign-in/{name}/callback",
    summary: "Come back from a trusted issuer: a session in a cookie of the browser; or to `/sign-in?refused=…`, with the reason.",
    tag: "People",
    query: { code: said("The code"), state: said("That of the request"), iss: said("The issuer"), error: said("Why there is no code") },
    takesAnyQuery: true,
    headers: { Cookie: Type.String({ description: "The one that this browser was given when it went to the issuer." }) },
    answer: ONWARD,
    tells: ["Location"],
    problems: ["issuer_not_found", "issuer_unavailable", "sign_in_refused", ...OF_STORE, ...OF_WRITES],
  },
} as const satisfies Record<string, Route>;
