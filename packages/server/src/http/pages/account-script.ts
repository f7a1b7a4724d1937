/** The script of `/account`. Plain JavaScript as the browser gets it, after `PAGE_SCRIPT`. */
export const ACCOUNT_SCRIPT = `
const TABLES_MAX = 100;
const leave = (to) => location.replace(to);
const time = (ms) => new Date(ms).toLocaleString();
/** What needs a session that there is no more leads to signing in. */
const own = async (...asked) => {
  const answer = await ask(...asked);
  if (answer.code === "not_authenticated") leave("/sign-in?return=%2Faccount");
  return answer;
};

const showFactor = (isOn) => {
  by("factor-off").hidden = isOn;
  by("factor-on").hidden = !isOn;
  by("end-code-field").hidden = !isOn;
  by("end").elements["end-code"].required = isOn;
};

const tablesOf = async (id) => {
  const path = "/v1/orgs/" + encodeURIComponent(id) + "/products";
  const answer = await ask(path + "?limit=" + TABLES_MAX);
  if (answer.code === "not_permitted") return made("p", { class: "hint", text: "You may not read its permission tables." });
  if (!answer.ok) return made("p", { class: "hint", text: wordsOf(answer) });
  const links = answer.told.items.map(({ value: product }) => {
    const href = path + "/" + encodeURIComponent(product.id) + "/operations";
    return made("li", {}, made("a", { href, text: product.name ?? product.id }));
  });
  return links.length > 0 ? made("ul", {}, ...links) : made("p", { class: "hint", text: "It has no products." });
};

const showOrganizations = async (organizations) => {
  const rows = organizations.map(async ({ id, principal }) => {
    const tables = await tablesOf(id);
    const user = made("p", { class: "hint", text: "Your user there is " + principal + ". Permission tables:" });
    return made("li", {}, made("div", {}, made("h3", { text: id }), user, tables));
  });
  const none = made("li", { text: "You are no active user of any organization." });
  by("organizations").replaceChildren(...(rows.length > 0 ? await Promise.all(rows) : [none]));
};

const showSessions = async () => {
  const answer = await own("/sessions");
  if (!answer.ok) return tell("page-told", wordsOf(answer), true);
  const rows = answer.told.items.map(({ id, current, lastSeen, address, userAgent }) => {
    const about = made("p", { class: "hint", text: "From " + address + ", last seen " + time(lastSeen) });
    const name = made("h3", { text: current ? "This browser" : userAgent === "" ? "A program without a name" : userAgent });
    const row = made("li", {}, made("div", {}, name, about));
    if (current) return row;
    const end = made("button", { class: "button quiet", type: "button", text: "Sign out", "aria-label": "Sign out " + userAgent });
    end.addEventListener("click", async () => {
      end.disabled = true;
      await own("/sessions/" + id, "DELETE");
      await showSessions();
      by("sessions-heading").focus();
    });
    row.append(end);
    return row;
  });
  by("sessions").replaceChildren(...rows);
};

/** Dark modules on white, with the margin of four that readers need. */
const draw = (rows) => {
  const svg = by("qr");
  const size = rows.length + 8;
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const dark = rows.flatMap((row, y) => [...row].map((one, x) => (one === "1" ? "M" + (x + 4) + " " + (y + 4) + "h1v1h-1z" : "")));
  path.setAttribute("d", dark.join(""));
  path.setAttribute("fill", "#000000");
  svg.setAttribute("viewBox", "0 0 " + size + " " + size);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.replaceChildren(path);
};

by("sign-out").addEventListener("click", async () => {
  const answer = await own("/session", "DELETE");
  if (answer.ok) leave("/sign-in");
  else tell("page-told", wordsOf(answer), true);
});

onSend("change", async (elements) => {
  if (!isSameTwice("change", elements, "new")) return undefined;
  const answer = await own("/session/password", "POST", { password: elements.password.value, newPassword: elements.new.value });
  if (answer.ok) {
    by("change").reset();
    tell("change-told", "Your password was changed.");
    await showSessions();
  }
  return answer;
});

by("enrol").addEventListener("click", async () => {
  const answer = await own("/session/second-factor", "POST");
  if (!answer.ok) return tell("page-told", wordsOf(answer), true);
  draw(answer.told.qr);
  by("secret").textContent = answer.told.secret.match(/.{1,4}/g).join(" ");
  by("enrol").hidden = true;
  by("confirm").hidden = false;
  by("code").focus();
});

onSend("confirm", async ({ code }) => {
  const answer = await own("/session/second-factor/confirm", "POST", { code: code.value.replaceAll(" ", "") });
  if (!answer.ok) return answer;
  by("codes").replaceChildren(...answer.told.recoveryCodes.map((text) => made("li", { text })));
  by("confirm").reset();
  by("confirm").hidden = true;
  by("secret").textContent = "";
  by("qr").replaceChildren();
  by("factor-codes").hidden = false;
  showFactor(true);
  by("factor-codes").focus();
  return answer;
});

onSend("off", async (elements) => {
  const shown = { password: elements["off-password"].value, code: elements["off-code"].value.trim() };
  const answer = await own("/session/second-factor/end", "POST", shown);
  if (!answer.ok) return answer;
  by("off").reset();
  by("factor-codes").hidden = true;
  by("codes").replaceChildren();
  by("enrol").hidden = false;
  showFactor(false);
  by("enrol").focus();
  return answer;
});

onSend("end", async (elements) => {
  const code = elements["end-code"].value.trim();
  const password = elements["end-password"].value;
  const answer = await own("/account/end", "POST", code === "" ? { password } : { password, code });
  if (answer.ok) leave("/sign-in");
  return answer;
});

(async () => {
  const answer = await own("/session");
  if (!answer.ok) return tell("page-told", wordsOf(answer), true);
  const { account, organizations, secondFactor } = answer.told;
  csrf = answer.told.csrf;
  by("email").textContent = account.email ?? organizations.map(({ principal }) => principal).join() + ", by " + account.issuer;
  for (const field of document.querySelectorAll(".username")) field.value = account.email ?? "";
  // What takes a password is not for who has none.
  if (account.issuer !== undefined) for (const id of ["change", "factor-on", "end"]) by(id).closest("section").hidden = true;
  showFactor(secondFactor);
  await Promise.all([showOrganizations(organizations), showSessions()]);
})();
`;
