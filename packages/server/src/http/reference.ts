/**
 * The reference pages, `/docs` and one for each foreign surface: made by Swagger UI from OpenAPI documents, with a form to try every route.
 *
 * Everything comes from this server: the page asks nobody else, and says so to the browser (Content-Security-Policy). Whoever is signed in
 * sees so, and what the page asks is asked in his name.
 * Invariant: what the page shows is the document that the server was made from.
 */
import { AEP_BASE } from "@reeve/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { within } from "./deadline.ts";
import { OPEN } from "./strangers.ts";

/** `takesSessions`: what is asked is asked in the name of whoever is signed in; elsewhere headers alone count. */
type Shown = { readonly title: string; readonly document: string; readonly takesSessions: boolean };
/** Path → what the page shows. */
const SHOWN: Readonly<Record<string, Shown>> = {
  "/docs": { title: "Reeve API", document: "/openapi.json", takesSessions: true },
  "/docs/experience-platform": {
    title: "Experience Platform access control",
    document: `${AEP_BASE}/openapi.json`,
    takesSessions: false,
  },
};

function visitorOf({ takesSessions }: Shown, isSignedIn: boolean): string {
  if (!takesSessions) return "Authorize with a token, its client id as the API key, and the organization.";
  return isSignedIn ? "" : `Not signed in: <a href="/sign-in?return=%2Fdocs">sign in</a>, or give a token below.`;
}

const otherPages = (path: string): string =>
  Object.entries(SHOWN)
    .filter(([other]) => other !== path)
    .map(([other, { title }]) => `<a href="${other}">${title}</a>`)
    .join(" ");

const pageOf = (path: string, shown: Shown, isSignedIn: boolean): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shown.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/visitor.css">
</head>
<body${isSignedIn && shown.takesSessions ? " data-signed-in" : ""}>
<nav class="visitor" aria-label="References">See also: ${otherPages(path)}</nav>
<p class="visitor" id="visitor">${visitorOf(shown, isSignedIn)}</p>
<noscript>This page is made by a script from <a href="${shown.document}">${shown.document}</a>.</noscript>
<main id="reference" data-document="${shown.document}"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
const START = `const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", colour);
colour();
const visitor = document.getElementById("visitor");
const link = (href, text) => Object.assign(document.createElement("a"), { href, textContent: text });
const readSession = async () => {
  if (document.body.dataset.signedIn === undefined) return undefined;
  const answer = await fetch("/session");
  if (!answer.ok) return visitor.replaceChildren("Signed in no more: ", link("/sign-in?return=%2Fdocs", "sign in"), ".");
  const session = await answer.json();
  visitor.replaceChildren("Signed in as ", link("/account", session.account.email ?? session.account.issuer), ": what you ask below is asked in your name.");
  return session;
};
const session = readSession();
const inHisName = async (request) => {
  const known = await session;
  if (known !== undefined && request.headers.Authorization === undefined) request.headers["Reeve-CSRF"] ??= known.csrf;
  return request;
};
const reference = document.getElementById("reference");
SwaggerUIBundle({ url: reference.dataset.document, domNode: reference, deepLinking: true, docExpansion: "none", filter: true, validatorUrl: null, requestInterceptor: inHisName });
`;
const STYLE = `body { margin: 0; }
.visitor { margin: 0; padding: .6rem 20px; font: 400 .875rem/1.5 system-ui, sans-serif; color: #3b4151; background: #f2f4f7; overflow-wrap: anywhere; }
.visitor a { color: #2350c4; }
.dark-mode .visitor { color: #e4e6e6; background: #171b22; }
.dark-mode .visitor a { color: #8fb0ff; }
`;
/** The page's own styles are set by its script; nothing else comes from anywhere else. */
const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type File = { readonly type: string; readonly text: () => string };

function filesOf(read: (name: string) => string): Readonly<Record<string, File>> {
  const library = (name: string): (() => string) => {
    let text: string | undefined;
    return () => {
      text ??= read(name);
      return text;
    };
  };
  const script = "text/javascript; charset=utf-8";
  return {
    "/start.js": { type: script, text: () => START },
    "/visitor.css": { type: "text/css; charset=utf-8", text: () => STYLE },
    "/swagger-ui.css": { type: "text/css; charset=utf-8", text: library("swagger-ui.css") },
    "/swagger-ui-bundle.js": { type: script, text: library("swagger-ui-bundle.js") },
  };
}

export type ReferenceOptions = {
  /** A file of the library by its name. */
  readonly readReference: (name: string) => string;
  readonly isSignedIn: (request: FastifyRequest) => Promise<boolean>;
  readonly answerMs: number;
};

export function serveReference(server: FastifyInstance, { readReference, isSignedIn, answerMs }: ReferenceOptions): void {
  for (const [path, shown] of Object.entries(SHOWN)) {
    const page = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const text = pageOf(path, shown, await isSignedIn(request));
      return reply.headers({ "content-type": "text/html; charset=utf-8", "content-security-policy": CONTENT_POLICY }).send(text);
    };
    server.get(path, OPEN, async (request, reply) => within(page(request, reply), answerMs));
  }
  for (const [name, { type, text }] of Object.entries(filesOf(readReference))) {
    server.get(`/docs${name}`, OPEN, async (_request, reply): Promise<FastifyReply> => {
      return reply
        .headers({ "content-type": type, "content-security-policy": CONTENT_POLICY, "cache-control": "max-age=3600" })
        .send(text());
    });
  }
}
