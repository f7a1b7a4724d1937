/**
 * The lines of the audit that are about developer projects and their credentials, found without a look at the others: an index of them
 * alone. A line may be in it that only quotes the words; whoever reads it looks (`../sqlite-audit.ts`).
 */
import type { Migration } from "../migrate.ts";

export const activity: Migration = {
  version: 7,
  name: "activity",
  sql: `
CREATE INDEX audit_event_of_projects ON audit_event (org_id, period, seq)
WHERE substr(target, 1, 19) = 'developer-projects/' OR instr(body, '"kind":"developer-project"') > 0;
`,
};
