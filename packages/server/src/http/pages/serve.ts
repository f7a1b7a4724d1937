/**
 * The pages for people: signing in, accepting an invitation, another password, and one's own account.
 *
 * Invariant: a page is nothing that the API is not: what it shows and does, it asks of the routes that everybody may ask.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { within } from "../deadline.ts";
import { OPEN } from "../strangers.ts";
import { ACCOUNT_PAGE } from "./account.ts";
import { INVITATION_PAGE } from "./invitation.ts";
import { pageOf, type ServedPage } from "./page.ts";
import { PASSWORD_PAGE } from "./password.ts";
import { type Issuer, signInPage } from "./sign-in.ts";

export type PageOptions = {
  /** Other servers that sign people in. */
  readonly issuers: readonly Issuer[];
  readonly isSignedIn: (request: FastifyRequest) => Promise<boolean>;
  readonly answerMs: number;
};

export function servePages(server: FastifyInstance, { issuers, isSignedIn, answerMs }: PageOptions): void {
  const pages = { "/sign-in": signInPage(issuers), "/invitation": INVITATION_PAGE, "/password": PASSWORD_PAGE };
  for (const [path, parts] of Object.entries(pages)) {
    const page = pageOf(parts);
    server.get(path, OPEN, async (_request, reply) => send(reply, page));
  }
  const account = pageOf(ACCOUNT_PAGE);
  const ofWhoIsSignedIn = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    (await isSignedIn(request)) ? send(reply, account) : toSignIn(request, reply);
  server.get("/account", OPEN, async (request, reply) => within(ofWhoIsSignedIn(request, reply), answerMs));
}

function send(reply: FastifyReply, { text, policy }: ServedPage): FastifyReply {
  return reply.headers({ "content-type": "text/html; charset=utf-8", "content-security-policy": policy }).send(text);
}

/** Whoever is not signed in does so, and comes back. */
export function toSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.redirect(`/sign-in?return=${encodeURIComponent(request.url)}`);
}
