/**
 * The style that all pages share: system fonts, two colour schemes with at least AA contrast, cards, fields, buttons.
 *
 * Colours are named by what they are for and defined once a scheme. The dark scheme is for screens only: paper is white.
 * Invariant: nothing is told by colour alone, and nothing scrolls sideways down to 320 px.
 */
export const BASE_STYLE = `
:root {
  color-scheme: light;
  --page: #f6f7f9; --surface: #ffffff; --raised: #fbfcfd; --line: #dfe3e9; --line-strong: #868f9e;
  --text: #1a1f29; --muted: #545d6d; --accent: #2350c4; --accent-text: #ffffff; --focus: #2350c4; --target: #fff6d6;
  --get: #0b6148; --get-back: #e3f4ed; --post: #1d4fb8; --post-back: #e7eefc; --put: #835004; --put-back: #fcf0db;
  --patch: #6a3aa8; --patch-back: #f1eafb; --delete: #a82a28; --delete-back: #fce9e8; --other: #454d5c; --other-back: #eceef2;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #0f1217; --surface: #171b22; --raised: #1c212a; --line: #2b323d; --line-strong: #6c7789;
    --text: #e7eaf0; --muted: #a3adbd; --accent: #8fb0ff; --accent-text: #10182b; --focus: #a9c2ff; --target: #33301c;
    --get: #7fdcb8; --get-back: #12332a; --post: #a4c1ff; --post-back: #1a2a4b; --put: #f0c177; --put-back: #3a2b12;
    --patch: #cfb0fa; --patch-back: #30234a; --delete: #ffa9a5; --delete-back: #452021; --other: #c3cad6; --other-back: #2a303b;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 400 1rem/1.55 var(--sans); overflow-wrap: anywhere; }
h1, h2, p, ul, dl, dd { margin: 0; }
ul { padding: 0; list-style: none; }
code, kbd { font-family: var(--mono); font-size: .92em; unicode-bidi: isolate; }
a { color: var(--accent); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: 1rem; top: -6rem; padding: .6rem 1rem; background: var(--surface); border-radius: 6px; z-index: 3; }
.skip:focus { top: 1rem; }
.top, main, footer { max-width: 84rem; margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2.5rem); }
.top { padding-block: clamp(2rem, 5vw, 3.5rem) 1.75rem; }
.eyebrow { color: var(--muted); font-size: .875rem; font-weight: 600; letter-spacing: .02em; }
h1 { margin-top: .35rem; font-size: clamp(1.6rem, 1.2rem + 1.8vw, 2.35rem); line-height: 1.18; letter-spacing: -.018em; text-wrap: balance; }
.lead { margin-top: .7rem; max-width: 46rem; color: var(--muted); font-size: 1.0625rem; }
.card { padding: 1.25rem 1.35rem 1.35rem; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
h2 { font-size: 1.0625rem; line-height: 1.3; letter-spacing: -.005em; }
.card > p { margin-top: .35rem; color: var(--muted); font-size: .9375rem; }
.field { min-width: 0; }
.field label { display: block; margin-bottom: .3rem; color: var(--muted); font-size: .8125rem; font-weight: 600; }
kbd { padding: 0 .4em; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; background: var(--raised); font-size: .75rem; font-weight: 400; }
input, select, .button { min-height: 2.625rem; border: 1px solid var(--line-strong); border-radius: 8px; background-color: var(--surface); color: var(--text); font: inherit; font-size: .9375rem; }
input, select { width: 100%; min-width: 0; padding: .45rem .75rem; text-overflow: ellipsis; }
input::placeholder { color: var(--muted); opacity: 1; }
input:focus-visible, select:focus-visible, .button:focus-visible { outline-offset: 1px; border-radius: 8px; }
.button { display: inline-flex; align-items: center; justify-content: center; padding: .45rem 1rem; background: var(--accent); border-color: var(--accent); color: var(--accent-text); font-weight: 600; text-decoration: none; cursor: pointer; }
footer { padding-block: 2.5rem 3.5rem; color: var(--muted); font-size: .875rem; }
footer p + p { margin-top: .35rem; }
`;
