import { apply, type Change, compiler, type Difference, differences, type Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import type { Feed } from "../feed/index.ts";
import { createPreview, type PreviewPosition } from "./preview.ts";

const RESOURCES = 5_500;
const RECORDS: readonly Rec[] = [
  {
    kind: "product",
    value: { id: "desk", boundedBy: "none", settings: {}, types: { notes: { actions: { view: ["R"], edit: ["RW"] } } } },
  } as Rec,
  ...["ann", "bob", "cid"].map((id) => ({ kind: "principal", value: { id, type: "user", active: true } }) as Rec),
  ...Array.from({ length: RESOURCES }, (_, i) => ({ kind: "resource", value: { path: `/notes/${i}` } }) as Rec),
];
const grant = (principal: string, resource: string): Change =>
  ({ put: { kind: "grant", value: { principal, resource, access: "RW", reach: "subtree" } } }) as Change;

const ASKED = { organization: "acme", isCatalogue: false, actor: { type: "administrator", id: "administrator" }, max: 1 } as const;

function previewOf() {
  const compiled = compiler("acme");
  compiled.add(RECORDS);
  const plan = compiled.finish({ revision: 1, epoch: "e" });
  return { plan, preview: createPreview({ feed: { current: () => plan } as unknown as Feed, clock: () => 0, shipped: [] }) };
}

describe("previews of one who asks", () => {
  const changes = [grant("ann", "/notes/7")];
  const codeOf = (page: Awaited<ReturnType<ReturnType<typeof createPreview>["of"]>>): string => (page.ok ? "told" : page.error.code);

  it("are made one after the other, and no more than so many wait; others are not kept waiting", async () => {
    const { preview } = previewOf();
    const mine = Array.from({ length: 12 }, () => preview.of({ ...ASKED, changes }));
    const other = preview.of({ ...ASKED, changes, actor: { type: "administrator", id: "another" } });
    expect((await Promise.all(mine)).map(codeOf).sort()).toEqual([...Array(9).fill("told"), ...Array(3).fill("too_many_requests")]);
    expect(codeOf(await other)).toBe("told");
    expect(codeOf(await preview.of({ ...ASKED, changes }))).toBe("told");
  });

  it("end when nobody waits for them any more", async () => {
    const { preview } = previewOf();
    expect(codeOf(await preview.of({ ...ASKED, changes, isGone: () => true }))).toBe("answer_timeout");
  });
});

describe("a preview of more names than a page holds", () => {
  it("goes on on the next page, within one principal too, and tells each name once", async () => {
    const { plan, preview } = previewOf();
    const changes = [grant("ann", "/notes/7"), grant("bob", "/"), grant("cid", "/")];
    for (const max of [1, 2, 100]) {
      const found: Difference[] = [];
      let after: PreviewPosition | undefined;
      let pages = 0;
      do {
        const page = await preview.of({
          ...ASKED,
          changes,
          max,
          ...(after === undefined ? {} : { after }),
        });
        if (!page.ok) throw new Error(page.error.code);
        expect(page.value.summary === undefined).toBe(pages > 0);
        if (page.value.summary !== undefined) expect(page.value.summary.gains).toBe(2 * (2 * RESOURCES + 2) + 2);
        const { entries } = page.value;
        expect(entries.length).toBeLessThanOrEqual(max);
        expect(entries.reduce((sum, { gains, loses }) => sum + gains.length + loses.length, 0)).toBeLessThanOrEqual(10_000);
        for (const entry of entries) {
          const last = found.at(-1);
          if (last?.principal.id === entry.principal.id) found[found.length - 1] = { ...last, gains: [...last.gains, ...entry.gains] };
          else found.push(entry);
        }
        after = page.value.next;
        pages++;
      } while (after !== undefined);
      expect(pages).toBeGreaterThan(2);
      expect(found).toEqual([...differences({ before: plan, after: apply(plan, changes) }, {}, 0)].filter((one) => one !== undefined));
    }
  });
});
