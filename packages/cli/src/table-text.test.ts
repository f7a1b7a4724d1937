import { describe, expect, it } from "vitest";
import { tableLines, textWidth, writeTable } from "./table-text.ts";

const table = (rows: (string | number | undefined)[][]) => ({ titles: ["ID", "NAME"], rows });

describe("a table", () => {
  it("has its columns under each other and nothing at the end of a line", () => {
    expect(
      tableLines(
        table([
          ["a", "Ada"],
          ["benjamin", undefined],
          ["c", 3],
        ]),
      ),
    ).toEqual(["ID        NAME", "a         Ada", "benjamin", "c         3"]);
  });

  it.each([
    ["ascii", 5],
    ["日本語", 6],
    ["한국어", 6],
    ["ｆｕｌｌ", 8],
    ["é", 1],
    ["e\u0301", 1],
    ["👩‍👩‍👧", 2],
    ["❤️", 2],
    ["a\u200bb", 2],
    ["𠮷", 2],
    ["Ωж", 2],
  ])("counts the columns that %s takes: %i", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it("stands straight below wide characters", () => {
    expect(
      tableLines(
        table([
          ["日本", "x"],
          ["abc", "y"],
        ]),
      ),
    ).toEqual(["ID    NAME", "日本  x", "abc   y"]);
  });

  it("fits where it is told how wide, and loses nothing", () => {
    const long = `/sandboxes/${"x".repeat(60)}/segments/${"y".repeat(60)}`;
    const lines = tableLines(table([[long, "one, two, three, four, five, six, seven, eight, nine, ten"]]), 80);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(80);
    expect(lines.slice(1).join("").replaceAll(/[\s]/g, "")).toContain("seven,");
    const first = lines.slice(1).map((line) => line.split("  ")[0]);
    expect(first.join("")).toBe(long);
    expect(tableLines(table([[long, "x"]]))).toHaveLength(2);
  });

  it("is not moved by control characters, line feeds and directions in a cell", () => {
    const [, line] = tableLines(table([["a\u001b[2J", "b\nc\td\u202e"]]));
    expect(line).toBe("a\\x1b[2J  b\\nc\\td\\u202e");
  });

  it("is painted only where there are colours", () => {
    const written = (hasColour: boolean) => {
      const parts: string[] = [];
      writeTable({ isTerminal: true, hasColour, write: (more) => void parts.push(more) }, table([["a", "b"]]));
      return parts.join("");
    };
    expect(written(false)).toBe("ID  NAME\na   b\n");
    expect(written(true)).toContain("\u001b[1mID");
  });

  it("may have very many rows", () => {
    expect(tableLines(table(Array.from({ length: 300_000 }, (_, n) => [`${n}`, "x"])))).toHaveLength(300_001);
  });
});
