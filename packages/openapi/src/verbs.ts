/**
 * Verbs of English as APIs use them: words of one *class* mean the same for the question who may do it.
 *
 * `add`, `new` and `create` are one class; a verb that is like no other is a class of its own. `manage` covers every change, `write`
 * creating, editing and deleting. Nouns made of verbs (`invalidation`) count as the verb.
 */

const CLASSES: Readonly<Record<string, string>> = {
  read: "get list read view fetch retrieve show find search query download describe lookup browse see access reading viewing",
  create: "create add new insert register make creation creating provision",
  edit: "edit update modify patch change set replace put rename alter amend editing modification updating",
  delete: "delete remove destroy erase deletion removal deleting",
  manage: "manage management administer administration admin maintain managing",
  write: "write writing",
  start: "start run launch trigger execute begin",
  cancel: "cancel abort stop cancellation terminate",
  invalidate: "invalidate invalidation purge flush",
  approve: "approve approval accept",
  reject: "reject rejection decline refuse",
  enable: "enable activate activation",
  disable: "disable deactivate deactivation",
  publish: "publish publication publishing",
  restore: "restore recover restoration",
  validate: "validate validation",
  verify: "verify verification",
  schedule: "schedule scheduling",
  transfer: "transfer move",
  assign: "assign assignment",
  renew: "renew extend renewal",
  upload: "upload",
  ...Object.fromEntries(
    "reset override unpublish deploy retry check clone copy archive unarchive lock unlock send unassign revoke grant share merge close reopen open suspend resume pause rotate refund pay return borrow advance submit promote rollback sync generate import export invite confirm complete reserve release block unblock ban test scan build void issue sign discharge admit prescribe dispense"
      .split(" ")
      .map((verb) => [verb, verb]),
  ),
};

const CLASS_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(CLASSES).flatMap(([name, words]) => words.split(" ").map((word): [string, string] => [word, name])),
);

/** The class of a word in lower case, or `undefined` when it is no verb that is known. */
export const verbClass = (word: string): string | undefined => CLASS_OF.get(word);

/** What a method means when nothing else is said. */
export function methodClass(method: string, item: boolean): string | undefined {
  if (method === "GET" || method === "HEAD") return "read";
  if (method === "POST") return item ? undefined : "create";
  if (method === "PUT" || method === "PATCH") return "edit";
  return method === "DELETE" ? "delete" : undefined;
}

/** Whether a permission to do the first lets one do the second. */
export function covers(permitted: string, done: string): boolean {
  if (permitted === done) return true;
  if (permitted === "manage") return done !== "read";
  return permitted === "write" && ["create", "edit", "delete"].includes(done);
}

/** Nouns that say nothing after a verb: to restore and to make a restore execution are one thing. */
export const LIGHT_NOUNS: ReadonlySet<string> = new Set(["execution", "request", "operation", "action", "job", "task", "process"]);
/** What is part of a thing rather than a thing of its own: who may edit the thing may edit these. */
export const PART_NOUNS: ReadonlySet<string> = new Set([
  "configuration",
  "config",
  "setting",
  "option",
  "preference",
  "property",
  "variable",
  "metadata",
]);
/** Segments that say nothing of what a path is about. */
export const isFrameWord = (word: string): boolean => /^(?:api|rest|service|public|v\d+(?:\.\d+)*)$/.test(word);
/** How APIs call the organization of the caller. */
export const ORGANIZATION_NOUNS: ReadonlySet<string> = new Set(["organization", "organisation", "org", "tenant", "company"]);
