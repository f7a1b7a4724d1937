/**
 * The published matrix of assets in its three forms: JSON, Markdown, and a page.
 *
 * Invariant: all forms have the same rows; no text of a catalogue becomes markup.
 */
import { type Static, Type } from "typebox";
import { BASE_STYLE } from "./page-style.ts";
import { escapeHtml as e } from "./table/escape.ts";

const cell = Type.Unsafe<"yes" | "no" | "with_setting">({
  type: "string",
  enum: ["yes", "no", "with_setting"],
  description: "`with_setting`: while the setting is on.",
});
export const AssetMatrix = Type.Object(
  {
    setting: Type.Object({ name: Type.String(), title: Type.String(), default: Type.Boolean() }),
    levels: Type.Array(
      Type.Object({
        level: Type.String(),
        actions: Type.Array(Type.String()),
        rows: Type.Array(Type.Object({ userType: Type.String(), held: Type.String(), cells: Type.Record(Type.String(), cell) })),
      }),
    ),
  },
  { title: "AssetMatrix", description: "Who may what with an asset of each level, asked of the engine." },
);
type Cell = Static<typeof cell>;
/** What is told, as whoever made it has it. */
export type AssetMatrix = {
  readonly setting: { readonly name: string; readonly title: string; readonly default: boolean };
  readonly levels: readonly {
    readonly level: string;
    readonly actions: readonly string[];
    readonly rows: readonly { readonly userType: string; readonly held: string; readonly cells: Readonly<Record<string, Cell>> }[];
  }[];
};

const TITLE = "Who may what with an API";
const TITLES: Readonly<Record<string, string>> = {
  spaces: "Space",
  apis: "API",
  versions: "Version",
  proxies: "Proxy",
  projects: "Project",
};
const SHOWN: Readonly<Record<Cell, string>> = { yes: "yes", no: "–", with_setting: "yes*" };
const SPOKEN: Readonly<Record<Cell, string>> = { yes: "yes", no: "no", with_setting: "yes, while the setting is on" };
const LEAD =
  "By level, and by how somebody holds access. To a user or to a group is the same. Deny rules and the state of a version come on top.";
const words = (action: string): string => action.replaceAll("_", " ");
const noteOf = ({ setting }: AssetMatrix): string =>
  `* while “${setting.title}” is on (${setting.name}; ${setting.default ? "on" : "off"} unless it is changed)`;
const titleOf = (level: string): string => TITLES[level] ?? level;

export function matrixMarkdown(matrix: AssetMatrix): string {
  const row = (cells: readonly string[]): string => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const tables = matrix.levels.map(({ level, actions, rows }) =>
    [
      `## ${titleOf(level)}`,
      "",
      row(["Access", "Held", ...actions.map(words)]),
      row(["---", "---", ...actions.map(() => "---")]),
      ...rows.map(({ userType, held, cells }) =>
        row([userType, held, ...actions.map((action) => SHOWN[cells[action] as Cell].replace("*", "\\*"))]),
      ),
    ].join("\n"),
  );
  return `# ${TITLE}\n\n${LEAD}\n\n${tables.join("\n\n")}\n\n${noteOf(matrix).replace("*", "\\*")}\n`;
}

const STYLE = `${BASE_STYLE}
.level { margin-top: 1.75rem; }
.scroll { position: relative; margin-top: .6rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
table { border-collapse: collapse; width: 100%; font-size: .875rem; overflow-wrap: normal; }
th, td { padding: .5rem .7rem; text-align: start; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--muted); font-size: .75rem; background: var(--raised); vertical-align: bottom; }
tbody th { min-width: 6.5rem; font-weight: 600; }
td.yes { color: var(--get); font-weight: 600; } td.with_setting { color: var(--put); font-weight: 600; } td.no { color: var(--muted); }
td.held { min-width: 8rem; color: var(--muted); }
`;

/** As an HTML document, to be sent with a policy that allows the nonce. */
export function matrixHtml(matrix: AssetMatrix, nonce: string): string {
  const tables = matrix.levels.map(({ level, actions, rows }) => {
    const title = titleOf(level);
    const head = ["Access", "Held", ...actions.map(words)].map((text) => `<th scope="col">${e(text)}</th>`).join("");
    const body = rows.map(({ userType, held, cells }) => {
      const told = actions.map((action) => {
        const of = cells[action] as Cell;
        return `<td class="${of}"><span aria-hidden="true">${SHOWN[of]}</span><span class="spoken">${SPOKEN[of]}</span></td>`;
      });
      return `<tr><th scope="row">${e(userType)}</th><td class="held">${e(held)}</td>${told.join("")}</tr>`;
    });
    return `<section class="level" aria-labelledby="${e(level)}"><h2 id="${e(level)}">${e(title)}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="${e(title)}"><table><thead><tr>${head}</tr></thead><tbody>
${body.join("\n")}
</tbody></table></div></section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${e(TITLE)}</title>
<style nonce="${e(nonce)}">${STYLE}.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }</style>
</head>
<body>
<header class="top"><p class="eyebrow">Reeve</p><h1>${e(TITLE)}</h1><p class="lead">${e(LEAD)}</p></header>
<main>
${tables.join("\n")}
</main>
<footer><p>${e(noteOf(matrix))}</p></footer>
</body>
</html>
`;
}
