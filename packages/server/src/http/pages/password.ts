/** `/password`: asks for a link to another password; `/password#…`: chooses it. */
import { EMAIL, field, NEW_PASSWORD, PASSWORD_HINT, type PageParts } from "./page.ts";

export const PASSWORD_PAGE: PageParts = {
  title: "Choose another password",
  body: `<h1>Choose another password</h1>
<section class="card" id="asking" aria-label="Ask for a link">
<p>Give the address of your account. A link to choose another password is sent there; it counts for an hour.</p>
<form id="ask" method="post">
${field("email", "E-mail address", { more: EMAIL })}
<p id="ask-told" class="told" role="alert"></p>
<button class="button" type="submit">Send a link</button>
</form>
<p class="links"><a href="/sign-in">Back to signing in</a></p>
</section>
<section class="card" id="choosing" aria-label="Choose" hidden>
<p>All browsers in which you are signed in are signed out. A second factor stays on.</p>
<form id="choose" method="post">
${field("password", "New password", { type: "password", more: NEW_PASSWORD, hint: PASSWORD_HINT })}
${field("password-again", "The same password again", { type: "password", more: NEW_PASSWORD })}
<p id="choose-told" class="told" role="alert"></p>
<button class="button" type="submit">Choose it</button>
</form>
</section>`,
  script: `
const token = tokenIn("rvp_");
by("asking").hidden = token !== undefined;
by("choosing").hidden = token === undefined;
onSend("ask", async ({ email }) => {
  const answer = await ask("/password-resets", "POST", { email: email.value });
  if (answer.ok) tell("ask-told", "If this address has an account, a link is on its way. Look at your mail, and among what was taken for spam.");
  return answer;
});
onSend("choose", async (elements) => {
  if (!isSameTwice("choose", elements, "password")) return undefined;
  const answer = await ask("/password-resets/accept", "POST", { token, password: elements.password.value });
  if (!answer.ok) return answer;
  forgetToken();
  return void location.replace("/sign-in?reset=1");
});
`,
};
