/**
 * The faults that are planted into a copy of the engine, one at a time (`planted-faults.prove.ts`): a line as it is, and as it would be
 * wrong. `in`: a file of the engine, without its ending.
 */
/** `mode`: `changes` for what only a plan that was changed gets wrong. */
export type Fault = { readonly in: string; readonly text: string; readonly instead: string; readonly mode?: "changes" };

export const FAULTS: Readonly<Record<string, Fault>> = {
  // Reaches, ownership, times.
  "a grant to the children counts on the resource itself": {
    in: "decide/sources",
    text: "marks[entry >>> ID_SHIFT] === 1 && (entry & TO_CHILDREN) === 0) bits |=",
    instead: "marks[entry >>> ID_SHIFT] === 1) bits |=",
  },
  "a grant on the resource alone counts below": {
    in: "state/access",
    text: "(reach === SELF_ONLY ? this.own : this.below).insert",
    instead: "this.below.insert",
  },
  "one grant must hold all the bits of a way": {
    in: "decide/sources",
    text: "if (marked[entry >>> ID_SHIFT] === 1) bits |=",
    instead: "if (marked[entry >>> ID_SHIFT] === 1) bits =",
  },
  "a grant outside its window is not named": { in: "decide/sources", text: "reached.hasUntimely = true;", instead: "" },
  "who was marked for one question stays marked for the next": { in: "decide/sources", text: "  unmark(subject);\n", instead: "" },
  "an owner of self owns what is below": {
    in: "decide/sources",
    text: 'return reach === "subtree" || (isOwn && reach === "self");',
    instead: "return reach !== undefined;",
  },
  "notAfter is inclusive": { in: "state/people", text: "if (now >= until) {", instead: "if (now > until) {" },
  "notBefore is exclusive": { in: "state/people", text: "if (now < from) {", instead: "if (now <= from) {" },
  "a kept subject outlives its moments": {
    in: "state/people",
    text: "(kept.isTimeless || (now >= kept.from && now < kept.until))",
    instead: "true",
  },

  // Groups and roles.
  "an inactive group leads further": {
    in: "state/people",
    text: 'if (!this.isActive(group) || this.type(group) !== "group" || reached.has(group)) continue;',
    instead: 'if (this.type(group) !== "group" || reached.has(group)) continue;',
  },
  "a group as subject is no member of members": {
    in: "state/people",
    text: "new Set<number>([principal, MEMBERS_ID])",
    instead: 'new Set<number>(this.type(principal) === "group" ? [principal] : [principal, MEMBERS_ID])',
  },
  "administrators in nested groups do not count": {
    in: "state/people",
    text: "isAdmin: reached.has(ADMINS_ID)",
    instead: 'isAdmin: principal === ADMINS_ID || this.window("membership", principal, ADMINS_ID) !== undefined',
  },
  "an organization-level set is bounded by the role's sandboxes": {
    in: "decide/sources",
    text: "if (held.set.organizationLevel === true) return true;",
    instead: "if (held.set.organizationLevel === true && held.sandboxes === null) return true;",
  },
  "an empty scope is everywhere": {
    in: "state/roles",
    text: "entry.scope === undefined ||",
    instead: "entry.scope === undefined || entry.scope.length === 0 ||",
  },
  "an organization-level set does not open a sandbox that its role does not hold": {
    in: "state/catalogue",
    text: "held.set.organizationLevel === true || (held.scope",
    instead: "(held.scope",
  },
  "a sandbox that no role holds is held by every role": {
    in: "decide/sources",
    text: "word < here.length ? (here[word] as number) : 0",
    instead: "word < here.length ? (here[word] as number) : -1",
  },
  "a role that a sandbox was taken from holds it still": {
    in: "state/roles",
    text: "this.inSandbox.remove(index, old.sandboxes);",
    instead: "",
    mode: "changes",
  },
  "the prerequisite is skipped": {
    in: "decide/sources",
    text: "return at === undefined || holdsAction(question, prerequisite.action, at);",
    instead: "return true;",
  },
  "settings do not matter to ways": {
    in: "state/catalogue",
    text: "else if (Object.entries(way.when).every(([name, value]) => settings.get(name) === value)) needs",
    instead: "else needs",
  },

  // Places.
  "ids that are unique are not looked for elsewhere": {
    in: "decide/place",
    text: "return refusalOfSandbox(state, place) ?? (place.type.uniqueAbove ? misplaced(state, place) : undefined);",
    instead: "return refusalOfSandbox(state, place);",
  },
  "a sandbox need not exist": { in: "decide/place", text: "return first?.type === SANDBOXES ?", instead: 'return first?.type === "" ?' },
  "types that are not open are decided on unregistered": {
    in: "decide/place",
    text: "if (!place.registered && !place.type.open)",
    instead: 'if (!place.registered && !place.type.open && text === "")',
  },
  "a collection asks nothing of its parent": {
    in: "decide/place",
    text: "const parent = pairs.length === 0 ? undefined : placeOfPairs(state, pairs);",
    instead: 'const parent = pairs.length === 0 || fresh.kind === "collection" ? undefined : placeOfPairs(state, pairs);',
  },

  // Policies, conditions, labels.
  "a Deny rule is lost when its condition fails": {
    in: "policy/rules",
    text: "if (own === false) continue;",
    instead: "if (own !== true) continue;",
  },
  "a Deny rule is lost when its policy's subject condition fails": {
    in: "policy/rules",
    text: "if (subject === false) continue;",
    instead: "if (subject !== true) continue;",
  },
  "a Permit rule needs no role in a sandbox": {
    in: "policy/rules",
    text: "if (facts.place.sandbox !== 0 && facts.roles().length === 0) return false;",
    instead: "",
  },
  "a Permit rule with label operators needs no label": {
    in: "policy/rules",
    text: "if (prefixes.length === 0) return true;",
    instead: "if (prefixes.length >= 0) return true;",
  },
  "a policy's list of sandboxes counts outside sandboxes": {
    in: "policy/rules",
    text: "return facts.place.sandbox === 0 || ",
    instead: "return ",
  },
  "the labels of all roles count where those of one must": {
    in: "policy/rules",
    text: "const isByRole = condition.labelPrefixes.length > 0 && facts.asked.state.catalogue.labelsFromOneRole;",
    instead: "const isByRole = false;",
  },
  "what a condition came to once, it comes to in the next decision": {
    in: "policy/rules",
    text: "if (last.mark === facts.mark && last.effect === asked)",
    instead: "if (last.mark !== 0 && last.effect === asked)",
  },
  "an inactive policy counts": {
    in: "policy/policies",
    text: 'if (record.status === "active") for (const rule of rules)',
    instead: "for (const rule of rules)",
  },
  "a last * is one part and no more": {
    in: "policy/policies",
    text: "shape.isOpen ? parts.count < shape.parts :",
    instead: "shape.isOpen ? parts.count !== shape.parts :",
  },
  "a collection is matched without its fresh id": {
    in: "policy/place-parts",
    text: "end += 2;",
    instead: "end += 1;",
  },
  "grants from above reach Reeve's own administration": {
    in: "decide/sources",
    text: "action.type.product.isApart ? 0 : above",
    instead: "above",
  },
  "an office stays when its record goes": {
    in: "state/state",
    text: "this.#exchangeGrant(grant, rec === undefined ? undefined : grant)",
    instead: "this.#exchangeGrant(grant, grant)",
    mode: "changes",
  },
  "developer access to some roles gives nothing": {
    in: "state/offices",
    text: 'kind === "developer-access") return',
    instead: 'kind === "developer-access") return id.length > 8 ? undefined :',
  },
  "policies match Reeve's own administration": {
    in: "decide/question",
    text: "!action.type.product.isApart && state",
    instead: "state",
  },
  "the label operators of plain conditions are swapped": {
    in: "policy/plain-condition",
    text: "labels(args, operator === MATCH_ALL, needed)",
    instead: "labels(args, operator === MATCH_ANY, needed)",
  },
  "a plain condition needs only the variables that it reaches": {
    in: "policy/plain-condition",
    text: "if (others.length === 0) return run;",
    instead: "return run;",
  },
  "the negation of what failed is false": {
    in: "policy/plain-condition",
    text: "return outcome === FAILED ? FAILED : !outcome;",
    instead: "return !outcome;",
  },
  "the labels of roles that do not apply here are held": {
    in: "policy/facts",
    text: "sandbox !== 0 && product.isBoundedBySandboxes ? state.roles.inSandbox.of(sandbox) : among",
    instead: "among",
  },
  "the labels of another product's roles are held": {
    in: "policy/facts",
    text: "if (state.roles.at(role)?.record.product === product.id) return true;",
    instead: "if (state.roles.at(role) !== undefined) return true;",
  },
  "the label operators are swapped": {
    in: "policy/condition",
    text: "[MATCH_ALL]: eager((args) => matchLabels(args, true))",
    instead: "[MATCH_ALL]: eager((args) => matchLabels(args, false))",
  },
  "what is absent is null": {
    in: "policy/condition",
    text: "for (const read of required) if (read(view) === ABSENT) return FAILED;",
    instead: "",
  },
  "a condition's value need only be truthy": {
    in: "policy/condition",
    text: "return value === true || value === false ? value : FAILED;",
    instead: "return isTrue(value);",
  },
  "or does not stop early": {
    in: "policy/condition",
    text: "if (isTrue(value)) return value;",
    instead: "if (isTrue(value)) args = [value];",
  },
  "a child carries the labels that are sent": {
    in: "policy/facts",
    text: 'if (this.place.kind === "child") return known;',
    instead: "",
  },
  "sent labels take the place of stored ones": {
    in: "policy/facts",
    text: "new Set([...known, ...(sent as readonly string[])])",
    instead: "new Set(sent as readonly string[])",
  },
  "conditions see roles that do not apply here": {
    in: "policy/facts",
    text: "if (sandbox !== 0 && product.isBoundedBySandboxes && !role.sandboxes.has(sandbox)) continue;",
    instead: "",
  },
  "labels are inherited one step and no further": {
    in: "state/labels",
    text: "if (spot.type.labelParents.size > 0) addParent",
    instead: "if (spot.type.labelParents.size > 0 && seen.size === 1) addParent",
  },
  "a link hands down to its holder alone": {
    in: "state/labels",
    text: 'path !== undefined && path !== "/"; path = parentPath(path)',
    instead: 'path !== undefined && path !== "/"; path = undefined',
  },
  "a prototype's member is read": {
    in: "policy/readers",
    text: '|| !Object.hasOwn(value, key)) return ABSENT;\n  if (Array.isArray(value) && key === "length")',
    instead: '|| !(key in value)) return ABSENT;\n  if (Array.isArray(value) && key === "length")',
  },

  // Operations.
  "HEAD is not answered as GET": {
    in: "operation/operations",
    text: '(method === "HEAD" ? node.get("GET") : undefined)',
    instead: "undefined",
  },
  "HEAD has no read default": {
    in: "operation/decide-operation",
    text: '(row.record.method === "GET" ? operations.readDefault : undefined)',
    instead: '(request.method === "GET" ? operations.readDefault : undefined)',
  },
  "the organization's own rule is ignored": {
    in: "operation/decide-operation",
    text: "const rule = row.own ?? row.published ??",
    instead: "const rule = row.published ??",
  },
  "a compound segment beats a literal": {
    in: "operation/route",
    text: "if (literal !== NONE) {",
    instead: "if (literal !== NONE && this.#compounds[compounds].every(({ fixed }) => cut(path.segment(at), fixed) === undefined)) {",
  },
  "a parameter beats a compound segment": {
    in: "operation/route",
    text: "if (compounds !== 0) {",
    instead: "if (compounds !== 0 && parameter === 0) {",
  },
  "the shortest base path wins": {
    in: "operation/route",
    text: "if (!node.isEmpty) best = {",
    instead: "if (!node.isEmpty) best ??= {",
  },
  "what is encoded twice is read once": {
    in: "operation/target",
    text: 'if (decoded.some((part) => /%[0-9a-f]{2}/i.test(part))) return "double_encoding";',
    instead: "",
  },
  "a trailing slash is always equal to none": {
    in: "operation/decide-operation",
    text: "if (path.hasTrailingSlash && product.record.trailingSlashIsNone !== true) return unknownOperation(request);\n  const node = operations",
    instead: "const node = operations",
  },
  "the path may name another organization": {
    in: "operation/decide-operation",
    text: "if (parameter !== undefined) {",
    instead: "if (parameter === Infinity) {",
  },
  "a further target of which nothing is said is ignored": {
    in: "operation/alternatives",
    text: "if (productId !== product.id || targeted.unsaid) {",
    instead: "if (productId !== product.id) {",
  },
  "a further target need not be covered": {
    in: "operation/alternatives",
    text: "    if (firstHolder(asking, holders, ({ held }) => covers(state, held, place)) === undefined) return undefined;\n",
    instead: "",
  },
  "no Deny rule is asked about further targets": {
    in: "operation/decide-operation",
    text: "for (const place of [targeted.target, ...targeted.further]) {",
    instead: "for (const place of [targeted.target]) {",
  },
  "a built-in role opens a permission": {
    in: "operation/holders",
    text: "if (role.record.builtIn !== true) for",
    instead: "for",
  },
  "any role of any product is any role": {
    in: "operation/alternatives",
    text: "if (role === undefined || role.product !== product) continue;",
    instead: "if (role === undefined) continue;",
  },
  "an attribute that is missing has its default": {
    in: "operation/alternatives",
    text: "if (absent.length > 0) return absent;",
    instead: "",
  },

  // Plans that are changed.
  "a membership that comes or goes leaves the kept subject": {
    in: "state/people",
    text: "else this.#subjects[member] = undefined;",
    instead: "",
    mode: "changes",
  },
  "a role that is written again keeps what it held": {
    in: "state/roles",
    text: "for (const action of old.wired) action.drop(index);",
    instead: "",
    mode: "changes",
  },
  "a role that is written again holds the labels that it held": {
    in: "state/roles",
    text: "this.withLabel.remove(index, old.record.labels ?? []);",
    instead: "",
    mode: "changes",
  },
  "who held a permission set opens with it for ever": {
    in: "state/roles",
    text: "this.holders.remove(old);",
    instead: "",
    mode: "changes",
  },
  "a policy's old rules stay": { in: "policy/shape", text: ".filter((other) => other !== rule)", instead: "", mode: "changes" },
  "an assignment that comes or goes leaves the kept subject": {
    in: "state/people",
    text: "principal <= ADMINS_ID) this.#version++;\n    else this.#subjects[principal] = undefined;",
    instead: "principal <= ADMINS_ID) this.#version++;",
    mode: "changes",
  },
  "a permission set that is written again gives what it gave": {
    in: "state/state",
    text: "if (!this.#isStale) this.roles.rewire(first);",
    instead: "",
    mode: "changes",
  },
  "a setting that is changed leaves the ways": {
    in: "state/state",
    text: "if (!this.#isStale) this.catalogue.resettle(first);",
    instead: "",
    mode: "changes",
  },
  "an id that is unregistered stays taken": { in: "state/tree", text: "else ids.delete(this.id(node));", instead: "", mode: "changes" },
  "what was deleted does not come back to an older plan": {
    in: "plan",
    text: "if (before !== undefined) back.push({ put: before });",
    instead: "",
    mode: "changes",
  },
};
