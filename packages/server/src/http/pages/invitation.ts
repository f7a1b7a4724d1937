/** `/invitation#…`: accepted with a password that is chosen, or with that of the account that the address has. */
import { field, NEW_PASSWORD, PASSWORD_HINT, type PageParts } from "./page.ts";

export const INVITATION_PAGE: PageParts = {
  title: "Accept an invitation",
  body: `<h1>Accept an invitation</h1>
<p class="lead" id="incomplete" hidden>This link is incomplete. Open the whole one that you were given; it ends in a long text behind a #.</p>
<section class="card" id="whole" aria-label="Accept">
<form id="accept" method="post">
<fieldset><legend>Who are you here?</legend>
<label class="choice"><input type="radio" name="who" value="new" checked> I am new: I choose a password</label>
<label class="choice"><input type="radio" name="who" value="known"> I have an account here already: I give its password</label>
</fieldset>
${field("password", "Password", { type: "password", more: NEW_PASSWORD, hint: PASSWORD_HINT })}
${field("password-again", "The same password again", { type: "password", more: NEW_PASSWORD })}
<p id="accept-told" class="told" role="alert"></p>
<button class="button" type="submit">Accept</button>
</form>
</section>`,
  script: `
const token = tokenIn("rvi_");
by("incomplete").hidden = token !== undefined;
by("whole").hidden = token === undefined;
const form = by("accept");
const isNew = () => form.elements.who.value === "new";
const show = () => {
  const { password } = form.elements, again = form.elements["password-again"];
  by("password-again-field").hidden = !isNew();
  by("password-hint").hidden = !isNew();
  again.required = isNew();
  password.autocomplete = isNew() ? "new-password" : "current-password";
  if (isNew()) password.minLength = 12;
  else password.removeAttribute("minlength");
};
for (const one of form.elements.who) one.addEventListener("change", show);
show();
onSend("accept", async (elements) => {
  const { password } = elements;
  if (isNew() && !isSameTwice("accept", elements, "password")) return undefined;
  const answer = await ask("/invitations/accept", "POST", { token, password: password.value });
  if (answer.ok) {
    forgetToken();
    const signed = await signIn(answer.told.email, password.value);
    return void location.replace(signed.ok ? "/account" : "/sign-in?accepted=1");
  }
  if (answer.code !== "sign_in_refused" || !isNew()) return answer;
  for (const one of form.elements.who) one.checked = one.value === "known";
  show();
  password.select();
  tell("accept-told", "Your address has an account here already. Give the password of that account.", true);
  return undefined;
});
`,
};
