/** What pages for people have beside the style of all pages: one narrow column of cards and forms. */
export const PAGE_STYLE = `
.person main { max-width: 44rem; padding-block: clamp(1.5rem, 5vw, 3.5rem); }
.person h1 { margin-bottom: .35rem; }
.person .card { margin-top: 1.25rem; }
.person h2 { font-size: 1.125rem; }
.person h3 { margin: 0; font-size: 1rem; line-height: 1.3; }
form { display: grid; gap: 1rem; margin-top: 1rem; }
form .button { justify-self: start; min-width: 8rem; }
.hint { margin-top: .3rem; color: var(--muted); font-size: .875rem; }
.told { margin-top: 1rem; padding: .7rem 1rem; border: 1px solid var(--line-strong); border-left-width: 4px; border-radius: 8px; background: var(--raised); }
.told.wrong { border-color: var(--delete); }
.told:empty { display: none; }
fieldset { margin: 0; padding: 0; border: 0; display: grid; gap: .5rem; }
legend { padding: 0; margin-bottom: .5rem; font-weight: 600; }
.choice { display: flex; gap: .6rem; align-items: baseline; }
input[type="radio"] { flex: none; width: auto; min-height: 0; accent-color: var(--accent); }
.button.quiet { background: var(--surface); color: var(--accent); border-color: var(--line-strong); }
.button[disabled] { opacity: .6; cursor: default; }
.head { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; justify-content: space-between; }
.person .card > form:first-child { margin-top: 0; }
.person .card > div > p:first-child { margin-top: .35rem; color: var(--muted); font-size: .9375rem; }
.person .links { margin-top: 1.1rem; }
.rows { margin-top: .75rem; }
.rows > li { display: flex; flex-wrap: wrap; gap: .35rem 1rem; align-items: center; justify-content: space-between; padding: .7rem 0; border-top: 1px solid var(--line); }
.rows > li:first-child { border-top: 0; }
.rows > li:last-child { padding-bottom: 0; }
.rows > li > div { flex: 1 1 16rem; min-width: 0; }
.rows .hint, .rows h3 + ul { margin-top: .2rem; }
.issuers { display: grid; gap: .5rem; margin-top: .75rem; justify-items: start; }
.qr { display: block; width: min(100%, 14rem); height: auto; margin-top: 1rem; background: #ffffff; border-radius: 8px; }
.codes { columns: 2; gap: 1.5rem; margin-top: .75rem; padding-left: 2.25rem; list-style: decimal; font-family: var(--mono); font-size: .875rem; }
.secret { font-family: var(--mono); }
details { margin-top: .5rem; }
details > summary { cursor: pointer; font-weight: 600; }
@media screen and (max-width: 30rem) { .codes { columns: 1; } }
@media (forced-colors: active) { .qr { forced-color-adjust: none; } }
`;
