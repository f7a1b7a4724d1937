/** The schema's steps in their order. A step that has shipped is never edited: what is wrong with it is put right by the next one. */
import type { Migration } from "../migrate.ts";
import { first } from "./0001-first.ts";
import { sums } from "./0002-sums.ts";
import { persons } from "./0003-persons.ts";
import { lists } from "./0004-lists.ts";
import { items } from "./0005-items.ts";
import { origins } from "./0006-origins.ts";
import { activity } from "./0007-activity.ts";

export const MIGRATIONS: readonly Migration[] = [first, sums, persons, lists, items, origins, activity];
