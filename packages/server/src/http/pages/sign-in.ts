/** `/sign-in`: address, password, and a code where one is asked for; or by another server that is trusted. */
import { CODE, EMAIL, field, PASSWORD, type PageParts } from "./page.ts";

/** Another server that signs people in; `name` stands in a path, `title` is shown. */
export type Issuer = { readonly name: string; readonly title: string };

export const signInPage = (issuers: readonly Issuer[]): PageParts => ({
  title: "Sign in",
  body: `<h1>Sign in</h1>
<section class="card" aria-label="Sign in with a password">
<form id="sign-in" method="post">
${field("email", "E-mail address", { more: EMAIL })}
${field("password", "Password", { type: "password", more: PASSWORD })}
${field("code", "Code of your second factor", { more: CODE, hint: "Six digits of your app, or a recovery code." })}
<p id="sign-in-told" class="told" role="alert"></p>
<button class="button" type="submit">Sign in</button>
</form>
<p class="links"><a href="/password">Forgot your password?</a></p>
</section>
${issuersHtml(issuers)}`,
  script: SCRIPT,
});

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

function issuersHtml(issuers: readonly Issuer[]): string {
  if (issuers.length === 0) return "";
  const links = issuers.map(
    ({ name, title }) => `<li><a class="button quiet" href="/sign-in/${encodeURIComponent(name)}">Sign in with ${escaped(title)}</a></li>`,
  );
  return `<section class="card"><h2>Or elsewhere</h2><ul class="issuers" id="issuers">${links.join("")}</ul></section>`;
}

const SCRIPT = `
const query = new URLSearchParams(location.search);
/** Where to go afterwards: a path of this server, and nowhere else. */
const back = (() => {
  const wanted = query.get("return") ?? "";
  const url = wanted.startsWith("/") && URL.canParse(wanted, location.origin) ? new URL(wanted, location.origin) : undefined;
  return url?.origin === location.origin ? url.pathname + url.search + url.hash : undefined;
})();
const REFUSED = {
  denied: "The other server did not let you in.",
  not_proven: "The other server did not prove who you are. Try again, or sign in with a password.",
  unknown_user: "You are known there, and no user here. Ask whoever administers your organization to invite you.",
  user_taken: "Your user here is another account's. Ask whoever administers your organization.",
  claims_refused: "What the other server says of you does not fit here. Ask whoever administers your organization.",
  inactive_user: "Your user is not active. Ask whoever administers your organization.",
  suspended: "Your organization is suspended. Ask whoever operates this server.",
  expired: "That took too long, or was begun in another window. Try again.",
};
const refused = query.get("refused");
const NOT_THERE = "Signing in there did not work. Try again, or sign in with a password.";
if (refused !== null) tell("sign-in-told", Object.hasOwn(REFUSED, refused) ? REFUSED[refused] : NOT_THERE, true);
if (query.has("reset")) tell("sign-in-told", "Your password was changed. Sign in with it.");
if (query.has("accepted")) tell("sign-in-told", "The invitation is accepted. Sign in.");
if (back !== undefined) for (const link of document.querySelectorAll("#issuers a")) link.search = "?return=" + encodeURIComponent(back);

by("code-field").hidden = true;
onSend("sign-in", async ({ email, password, code }) => {
  const shown = { email: email.value, password: password.value };
  const answer = await ask("/session", "POST", code.value.trim() === "" ? shown : { ...shown, code: code.value.trim() });
  if (answer.ok) return void location.replace(back ?? "/account");
  if (answer.code === "second_factor_needed") {
    by("code-field").hidden = false;
    code.required = true;
    code.focus();
  } else if (answer.code === "sign_in_refused") {
    (by("code-field").hidden ? password : code).select();
  }
  return answer;
});
`;
