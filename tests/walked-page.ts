/**
 * Pages that are walked: what a reader would type, in order, and what the page says that it prints.
 *
 * A block below a line with only a file's name is that file; a block of `sh` is run as a whole; in a block of `console` each command is
 * run, and prints what stands below it: `…` stands for whatever is there, alone on a line for any lines. Others (`text`, `yaml`) are read.
 */
import { expect } from "vitest";

export type Step =
  | { readonly file: string; readonly text: string }
  /** `shown` is absent where the page shows nothing of it, and empty where it prints nothing. */
  | { readonly command: string; readonly shown?: readonly string[] };

const FENCES = /(?:^`([\w./-]+)`:\n\n)?^```(\w*)\n(.*?)^```$/gms;

export function stepsOf(page: string): readonly Step[] {
  return [...page.matchAll(FENCES)].flatMap(([, file, language, body = ""]): readonly Step[] => {
    if (file !== undefined) return [{ file, text: body }];
    if (language === "sh") return [{ command: body.trimEnd() }];
    if (language !== "console") return [];
    return body.split(/^\$ /m).flatMap((part) => {
      const [command = "", ...shown] = part.trimEnd().split("\n");
      return command === "" ? [] : [{ command, shown }];
    });
  });
}

const literally = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");

/** Every line that is shown is printed, in this order; where no `…` stands between two, right below one another. */
export function expectShown(out: string, shown: readonly string[]): void {
  const printed = out.split("\n");
  if (printed.at(-1) === "") printed.pop();
  let at = 0;
  let isNext = true;
  for (const line of shown) {
    if (line === "…") {
      isNext = false;
      continue;
    }
    const pattern = new RegExp(`^${line.split("…").map(literally).join(".*")}$`);
    const found = isNext ? at : printed.findIndex((one, index) => index >= at && pattern.test(one));
    expect(pattern.test(printed[found] ?? ""), `${line}\nis not where it should be in\n${out}`).toBe(true);
    at = found + 1;
    isNext = true;
  }
  if (isNext) expect(printed.slice(at), `more than the page shows:\n${out}`).toEqual([]);
}
