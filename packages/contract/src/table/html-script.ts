/**
 * The page's script: filters at once, keeps the URL, leads the keyboard. Plain JavaScript as the browser gets it.
 *
 * The URL is the state. A list changes it at once; a search when typing rests, so that "back" leads through searches and not letters.
 * Invariant: `fits` is `query.ts` over the rows' `data-` attributes; without this script the form asks the server for the same.
 */
export const PAGE_SCRIPT = String.raw`
(() => {
  "use strict";
  const by = (id) => document.getElementById(id);
  const form = by("filters"), search = by("search"), clear = by("clear"), count = by("count"), table = by("table"), empty = by("empty");
  const rows = [...by("rows").rows];
  const fields = ["search", "profile", "permission", "method", "state"].map((name) => form.elements[name]);
  const REST_MS = 400;
  let resting = 0;

  const fitsTemplate = (path, template) => {
    const segments = path.split("?")[0].replace(/\/$/, "").split("/");
    const wanted = template.split("/");
    return segments.length === wanted.length && wanted.every((part, i) => part.includes("{") ? segments[i] !== "" : part === segments[i]);
  };
  const fitsSearch = (row, text) => {
    const call = /^(?:([A-Z]+)\s+)?(\/\S*)$/.exec(text);
    if (call) {
      const path = call[2];
      return (call[1] === undefined || call[1] === row.method) && (row.text.includes(path.toLowerCase()) || fitsTemplate(path, row.path));
    }
    return text.toLowerCase().split(/\s+/).every((word) => row.text.includes(word) || word === row.id);
  };
  const among = (list, value) => value === "" || list.split(" ").includes(value);
  const fits = (row, asked) =>
    (asked.method === "" || row.method === asked.method) &&
    among(row.profiles, asked.profile) &&
    among(row.permissions, asked.permission) &&
    among(row.states, asked.state) &&
    (asked.search === "" || fitsSearch(row, asked.search));

  const show = () => {
    const asked = Object.fromEntries(fields.map((field) => [field.name, field.value.trim()]));
    let shown = 0;
    for (const row of rows) {
      row.hidden = !fits(row.dataset, asked);
      if (!row.hidden) shown++;
    }
    const all = rows.length;
    const words = shown === all ? (all === 1 ? "1 operation" : all + " operations") : shown + " of " + all + " operations";
    if (count.textContent !== words) count.textContent = words;
    table.hidden = shown === 0;
    empty.hidden = shown !== 0;
    clear.hidden = Object.values(asked).every((value) => value === "");
  };

  const address = () => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim() !== "") asked.append(name, value.trim());
    const text = asked.toString();
    return location.pathname + (text === "" ? "" : "?" + text);
  };
  const keep = () => {
    clearTimeout(resting);
    resting = 0;
    if (address() !== location.pathname + new URL(location.href).search) history.pushState(null, "", address());
  };
  const fill = (asked) => {
    for (const field of fields) {
      const given = [...(asked.get(field.name) ?? "").trim()].slice(0, 256).join("");
      const value = field.name === "method" ? given.toUpperCase() : given;
      if (field.options && ![...field.options].some((option) => option.value === value)) field.add(new Option(value + " (unknown)", value));
      field.value = value;
    }
    show();
  };
  const restore = () => {
    clearTimeout(resting);
    fill(new URLSearchParams(location.search));
  };

  form.addEventListener("input", (event) => {
    show();
    if (event.target !== search) return keep();
    clearTimeout(resting);
    resting = setTimeout(keep, REST_MS);
  });
  form.addEventListener("change", keep);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
    keep();
  });
  addEventListener("popstate", restore);
  addEventListener("pageshow", (event) => { if (event.persisted) restore(); });
  addEventListener("pagehide", () => { if (resting !== 0) history.replaceState(null, "", address()); });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-query]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    fill(new URL(link.href).searchParams);
    keep();
    if (link.hash !== "") by("operations").scrollIntoView();
    // A link that has hidden itself must not take the keyboard's place with it.
    if (link.closest("[hidden]")) search.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = document.activeElement;
    if (at && (at.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName))) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  document.documentElement.classList.add("live");
  fill(new URLSearchParams(location.search));
})();
`;
