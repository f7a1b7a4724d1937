/**
 * One suite for every store: what the port promises, as tests. A store passes all of it or is none.
 * A *fixture* is one empty place for data; opening it again finds what was there. Its hands reach the data behind the store's back, as
 * somebody with access to the disk or a restored backup would.
 */
import { describe } from "vitest";
import { auditConformance } from "./conformance/audit.ts";
import { concurrencyConformance } from "./conformance/concurrency.ts";
import { expectationConformance } from "./conformance/expectations.ts";
import { feedConformance } from "./conformance/feed.ts";
import type { MakeFixture } from "./conformance/fixture.ts";
import { historyConformance } from "./conformance/history.ts";
import { itemConformance } from "./conformance/items.ts";
import { listConformance } from "./conformance/lists.ts";
import { loadConformance } from "./conformance/load.ts";
import { noteConformance } from "./conformance/notes.ts";
import { removalConformance } from "./conformance/removal.ts";
import { tokenConformance } from "./conformance/tokens.ts";
import { writeConformance } from "./conformance/write.ts";

/** Declares the suite's tests for one store. */
export const storeConformance = (name: string, make: MakeFixture): void => {
  describe(`${name} keeps the promises of the store port`, () => {
    writeConformance(make);
    concurrencyConformance(make);
    loadConformance(make);
    feedConformance(make);
    auditConformance(make);
    listConformance(make);
    expectationConformance(make);
    historyConformance(make);
    tokenConformance(make);
    itemConformance(make);
    noteConformance(make);
    removalConformance(make);
  });
};
