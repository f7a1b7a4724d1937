/**
 * What the scripts of all pages for people share: asking the server, telling what came of it, sending a form. Plain JavaScript as the
 * browser gets it.
 *
 * Invariant: what is told is set as text, never as HTML; a secret is sent in a body, never in a URL.
 */
export const PAGE_SCRIPT = `
const by = (id) => document.getElementById(id);
const WORDS = {
  sign_in_refused: "That is not right. Look at what you typed, and try again.",
  second_factor_needed: "Your account has a second factor: give a code of it.",
  sign_in_busy: "Many people are signing in just now. Try again in a moment.",
  foreign_origin: "This page was opened under another address than the server's own. Open the address that you were given.",
  invitation_not_found: "This invitation counts no more: it was accepted, withdrawn or replaced, or is older than seven days. Ask for another one.",
  password_reset_not_found: "This link counts no more: it was used, or is older than an hour. Ask for another one.",
  mail_not_configured: "This server sends no mail. Ask its administrator for a link by which you choose another password.",
  not_authenticated: "You are signed in no more. Sign in again.",
  unreachable: "The server cannot be reached. Try again in a moment.",
};
let csrf;

const ask = async (path, method = "GET", body = undefined) => {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (csrf !== undefined) headers["reeve-csrf"] = csrf;
  try {
    const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await response.text();
    const told = text === "" ? {} : JSON.parse(text);
    return { ok: response.ok, code: told.code, told, waitS: Number(response.headers.get("retry-after")) };
  } catch {
    return { ok: false, code: "unreachable", told: {}, waitS: 0 };
  }
};

const wordsOf = ({ code, told, waitS }) => {
  if (code === "too_many_attempts" || code === "too_many_requests")
    return "Too many tries. Wait " + (waitS > 60 ? Math.ceil(waitS / 60) + " minutes" : waitS + " s") + ", then try again.";
  if (Object.hasOwn(WORDS, code ?? "")) return WORDS[code];
  const faults = (told.errors ?? []).map(({ detail }) => detail);
  return faults.length > 0 ? faults.join(" ") : [told.title ?? "Something failed", told.detail].filter(Boolean).join(": ") + ".";
};

const tell = (id, words, isWrong = false) => {
  const place = by(id);
  place.className = isWrong ? "told wrong" : "told";
  place.textContent = words;
};

/** Sends a form by its own work, once at a time; what is wrong is told in the place named after it. */
const onSend = (id, work) => {
  const form = by(id);
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    tell(id + "-told", "");
    try {
      const answer = await work(form.elements);
      if (answer !== undefined && !answer.ok) tell(id + "-told", wordsOf(answer), true);
    } finally {
      button.disabled = false;
    }
  });
};

/** False, and told, where a password that is chosen is not the same twice. */
const isSameTwice = (id, elements, name) => {
  const [first, again] = [elements[name], elements[name + "-again"]];
  if (first.value === again.value) return true;
  tell(id + "-told", "The two passwords are not the same.", true);
  again.focus();
  return false;
};

const made = (name, { text, ...attributes } = {}, ...children) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

/** The token behind the # of a link, if it is one of these. */
const tokenIn = (prefix) => {
  const token = location.hash.slice(1);
  return token.startsWith(prefix) ? token : undefined;
};
// Another link, opened in the same window, changes nothing but what stands behind the #.
addEventListener("hashchange", () => location.reload());
/** A link that was used is left in no history. */
const forgetToken = () => history.replaceState(null, "", location.pathname);

const signIn = (email, password) => ask("/session", "POST", { email, password });
`;
