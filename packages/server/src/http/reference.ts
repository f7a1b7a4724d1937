/**
 * The reference page of the API, `/docs`: made by Swagger UI from `/openapi.json`, with a form to try every route.
 *
 * Everything comes from this server: the page asks nobody else, and says so to the browser (Content-Security-Policy).
 * Invariant: what the page shows is the document that the server was made from.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { OPEN } from "./strangers.ts";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reeve API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body style="margin:0">
<noscript>This page is made by a script from <a href="/openapi.json">/openapi.json</a>.</noscript>
<main id="reference"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
const START = `const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", colour);
colour();
SwaggerUIBundle({ url: "/openapi.json", domNode: document.getElementById("reference"), deepLinking: true, docExpansion: "none", filter: true, validatorUrl: null });
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
    "": { type: "text/html; charset=utf-8", text: () => PAGE },
    "/start.js": { type: script, text: () => START },
    "/swagger-ui.css": { type: "text/css; charset=utf-8", text: library("swagger-ui.css") },
    "/swagger-ui-bundle.js": { type: script, text: library("swagger-ui-bundle.js") },
  };
}

/** `read` gives a file of the library by its name. */
export function serveReference(server: FastifyInstance, read: (name: string) => string): void {
  for (const [name, { type, text }] of Object.entries(filesOf(read))) {
    server.get(`/docs${name}`, OPEN, async (_request, reply): Promise<FastifyReply> => {
      return reply
        .headers({ "content-type": type, "content-security-policy": CONTENT_POLICY, "cache-control": "max-age=3600" })
        .send(text());
    });
  }
}
