/** `/account`: what is one's own: organizations, password, second factor, sessions, and the end of it. */
import { ACCOUNT_SCRIPT } from "./account-script.ts";
import { CODE, field, NEW_PASSWORD, PASSWORD, PASSWORD_HINT, type PageParts } from "./page.ts";

const USERNAME = '<input class="username" type="text" name="username" autocomplete="username" hidden readonly>';

export const ACCOUNT_PAGE: PageParts = {
  title: "Your account",
  body: `<div class="head"><h1>Your account</h1><button class="button quiet" id="sign-out" type="button">Sign out</button></div>
<p class="lead">Signed in as <strong id="email">…</strong>. <a href="/docs">The API</a>, asked in your name.</p>
<p id="page-told" class="told" role="alert"></p>
<section class="card" aria-labelledby="organizations-heading">
<h2 id="organizations-heading">Organizations</h2>
<ul class="rows" id="organizations"></ul>
</section>
<section class="card" aria-labelledby="password-heading">
<h2 id="password-heading">Password</h2>
<p>All other browsers in which you are signed in are signed out with it.</p>
<form id="change" method="post">${USERNAME}
${field("password", "Current password", { type: "password", more: PASSWORD })}
${field("new", "New password", { type: "password", more: NEW_PASSWORD, hint: PASSWORD_HINT })}
${field("new-again", "New password again", { type: "password", more: NEW_PASSWORD })}
<p id="change-told" class="told" role="status"></p>
<button class="button" type="submit">Change it</button>
</form>
</section>
<section class="card" aria-labelledby="factor-heading">
<h2 id="factor-heading">Second factor</h2>
<div id="factor-off" hidden>
<p>With it nobody signs in by your password alone. You need an app that makes six digits by time.</p>
<p class="links"><button class="button" id="enrol" type="button">Turn it on</button></p>
<form id="confirm" method="post" hidden>
<p>Take this up with your app, then give the code that it shows.</p>
<svg id="qr" class="qr" role="img" aria-label="QR code of the secret that stands below it"></svg>
<p>Or type it: <span class="secret" id="secret"></span></p>
${field("code", "Code", { more: `${CODE} inputmode="numeric" required` })}
<p id="confirm-told" class="told" role="alert"></p>
<button class="button" type="submit">Confirm</button>
</form>
</div>
<div id="factor-codes" tabindex="-1" hidden>
<p class="told" role="status">It is on. Keep these recovery codes where you find them without your phone: each is good once instead of a code, and they are shown now and never again.</p>
<ol class="codes" id="codes"></ol>
</div>
<div id="factor-on" hidden>
<p>It is on. Turned off, your password alone signs you in.</p>
<form id="off" method="post">${USERNAME}
${field("off-password", "Password", { type: "password", more: PASSWORD })}
${field("off-code", "Code", { more: `${CODE} required`, hint: "Six digits of your app, or a recovery code." })}
<p id="off-told" class="told" role="alert"></p>
<button class="button quiet" type="submit">Turn it off</button>
</form>
</div>
</section>
<section class="card" aria-labelledby="sessions-heading">
<h2 id="sessions-heading">Where you are signed in</h2>
<ul class="rows" id="sessions"></ul>
</section>
<section class="card" aria-labelledby="end-heading">
<h2 id="end-heading">Leave</h2>
<details><summary>End this account</summary>
<p class="hint">You are signed out everywhere, and the account is gone. What your organizations know of their user stays with them; they can invite you again.</p>
<form id="end" method="post">${USERNAME}
${field("end-password", "Password", { type: "password", more: PASSWORD })}
${field("end-code", "Code of your second factor", { more: CODE })}
<p id="end-told" class="told" role="alert"></p>
<button class="button quiet" type="submit">End this account</button>
</form>
</details>
</section>`,
  script: ACCOUNT_SCRIPT,
};
