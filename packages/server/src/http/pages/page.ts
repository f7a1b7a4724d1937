/**
 * A page for people: a document with its style and its one script in it, and the policy that lets these two run and nothing else.
 *
 * The text of a page is the same for everybody, so that it can be made once: what is somebody's own its script asks the server for.
 * Invariant: nothing that a client sent is in a page's text.
 */
import { createHash } from "node:crypto";
import { BASE_STYLE } from "@reeve/contract";
import { PAGE_SCRIPT } from "./script.ts";
import { PAGE_STYLE } from "./style.ts";

/** `body`: HTML. `script`: runs after `PAGE_SCRIPT`, with its names. */
export type PageParts = { readonly title: string; readonly body: string; readonly script: string };
export type ServedPage = { readonly text: string; readonly policy: string };

export function pageOf({ title, body, script }: PageParts): ServedPage {
  const style = BASE_STYLE + PAGE_STYLE;
  const whole = `"use strict";\n(() => {\n${PAGE_SCRIPT}\n${script}\n})();\n`;
  const text = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Reeve</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body class="person">
<main>
<p class="eyebrow">Reeve</p>
<noscript><p class="told">This page needs its script to speak to the server.</p></noscript>
${body}
</main>
<script>${whole}</script>
</body>
</html>
`;
  return { text, policy: policyOf(style, whole) };
}

function policyOf(style: string, script: string): string {
  const own = [`style-src '${hashOf(style)}'`, `script-src '${hashOf(script)}'`];
  const none = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"];
  return [...none, ...own, "connect-src 'self'", "img-src data:"].join("; ");
}

const hashOf = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;

/** A field with its label; `more`: further attributes; `hint`: what is said below it. */
export function field(
  id: string,
  label: string,
  { type = "text", more = "", hint = "" }: { readonly type?: string; readonly more?: string; readonly hint?: string } = {},
): string {
  const described = hint === "" ? "" : ` aria-describedby="${id}-hint"`;
  const below = hint === "" ? "" : `<p class="hint" id="${id}-hint">${hint}</p>`;
  return `<div class="field" id="${id}-field"><label for="${id}">${label}</label><input id="${id}" name="${id}" type="${type}"${described}${more === "" ? "" : ` ${more}`}>${below}</div>`;
}

export const EMAIL = 'inputmode="email" autocomplete="username" autocapitalize="none" spellcheck="false" required';
export const CODE = 'autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="64"';
export const PASSWORD = 'autocomplete="current-password" required';
export const NEW_PASSWORD = 'autocomplete="new-password" minlength="12" required';
export const PASSWORD_HINT = "12 characters or more; there is no other rule.";
