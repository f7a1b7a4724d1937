/** The door of the use cases: what a surface can ask for, each guarded by `guard`. */

export { type Activity, type Audit, type AuditLine, createAudit } from "./activity.ts";
export {
  type Access,
  API_MANAGEMENT,
  AssetRefused,
  type Assets,
  accessOf,
  createAssets,
  doesNotFit,
  type Proposal,
  reachesOf,
} from "./assets/index.ts";
export { type Catalogues, DEMO_ORGANIZATION, EXPERIENCE_PLATFORM, readCatalogues } from "./catalogues.ts";
export { type ChangeSets, createChangeSets } from "./change-sets.ts";
export {
  type Changes,
  createChanges,
  type Expected,
  type Once,
  type Write,
  type WriteRefused,
  type Written,
} from "./changes.ts";
export { readCondition } from "./condition-text.ts";
export { type Credentials, createCredentials } from "./credentials.ts";
export { type Cursors, createCursors, type Position } from "./cursors.ts";
export {
  createDeveloperProjects,
  type DeveloperProjects,
  type ProjectRefused,
  type ShownProject,
} from "./developer-projects.ts";
export { createEntitlements, type EntitlementRefused, type Entitlements } from "./entitlements.ts";
export { activePrincipals, createGuard, createOffices, type Guard, isMember, type Offices } from "./guard.ts";
export { createImports, type Imports, type Job } from "./imports.ts";
export { createInvitations, type Invitations } from "./invitations.ts";
export { createIssuedPeople } from "./issued-people.ts";
export { createObjects, type KeptObject, type Objects, type Origin } from "./objects.ts";
export { createOrganizations, type Organizations } from "./organizations.ts";
export { REVISION_WAIT_MS, type Unanswered } from "./plan-at.ts";
export { createPreview, type Preview, type PreviewPosition } from "./preview.ts";
export { createQuestions, type Question, type Questions } from "./questions.ts";
export {
  type AccessRow,
  createReports,
  type MemberRow,
  type PermissionRow,
  type Report,
  type Reported,
  type Reports,
  type RoleRow,
  type Slice,
} from "./reports.ts";
export { readRevision, writeRevision } from "./revision.ts";
export { storeRefusal } from "./store-refusal.ts";
export { STORE_MS, strictStore } from "./strict-store.ts";
export { createTables, type Tables } from "./tables.ts";
export { timedStore } from "./timed-store.ts";
export { createTokens, type TokenUse } from "./tokens.ts";
export type { WireCatalogue } from "./wire-catalogue.ts";
