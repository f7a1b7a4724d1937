/**
 * The organization that figures are measured on, of any size: made from a seed, page by page, without ever being one object.
 *
 * Ten grants a resource (Poisson), a tree six deep, grants to principals by Zipf (exponent 1), reach 60 % self, 30 % subtree, 10 %
 * children. A principal for every hundred grants: 5 % groups, 2 % service accounts, the rest users, each in three groups, which lie
 * in others; six roles of its own and two of each group. One resource in five has an owner.
 * Invariant: everything of one resource or principal is a function of the seed and its number, so that nothing need be kept.
 */
import type { AccessType, Membership, PrincipalType, Reach, Rec, Resource } from "@reeve/core";
import { LABELS, productRecords, ROLES, roleId, TYPES } from "./product.ts";
import { poisson, Random, Weighted, Zipf } from "./random.ts";

const GRANTS_A_RESOURCE = 10;
const GRANTS_A_PRINCIPAL = 100;
const PRINCIPALS_MIN = 100;
const SANDBOXES_MAX = 50;
/** Shares of the resources at each depth below the sandboxes: a mean depth of 4.4. */
const SHARES = [0.08, 0.15, 0.25, 0.3, 0.22];
const GROUPS_A_PRINCIPAL = 3;
const ROLES_A_PRINCIPAL = 6;
const ROLES_A_GROUP = 2;
const REACHES: readonly Reach[] = ["self", "subtree", "children"];
const ACCESS: readonly AccessType[] = ["R", "RX", "RW", "RWX"];
const PREFIXES = ["sb", "space-", "folder-", "api-", "v", "file-"];

export type Shape = { readonly seed: number; readonly grants: number; readonly labelled?: boolean };
export type Given = { readonly principal: number; readonly access: AccessType; readonly reach: Reach };

export class Organization {
  readonly seed: number;
  readonly resources: number;
  readonly sandboxes: number;
  readonly principals: number;
  /** Principals below this number are users and service accounts, from it on groups. */
  readonly firstGroup: number;
  readonly isLabelled: boolean;
  /** Resource → the one above; -1: none. Parents have smaller numbers. */
  readonly parents: Int32Array;
  readonly depths: Uint8Array;
  readonly #firstServiceAccount: number;
  readonly #counts = poisson(GRANTS_A_RESOURCE);
  readonly #reaches = new Weighted([0.6, 0.3, 0.1]);
  readonly #accesses = new Weighted([0.5, 0.15, 0.25, 0.1]);
  readonly grantees: Zipf;

  constructor(shape: Shape) {
    this.seed = shape.seed;
    this.isLabelled = shape.labelled === true;
    this.resources = Math.max(20, Math.round(shape.grants / GRANTS_A_RESOURCE));
    this.principals = Math.max(PRINCIPALS_MIN, Math.round(shape.grants / GRANTS_A_PRINCIPAL));
    this.firstGroup = this.principals - Math.ceil(this.principals / 20);
    this.#firstServiceAccount = this.firstGroup - Math.ceil(this.principals / 50);
    this.sandboxes = Math.min(SANDBOXES_MAX, Math.ceil(this.resources / 50));
    this.parents = new Int32Array(this.resources).fill(-1);
    this.depths = new Uint8Array(this.resources);
    this.#plant();
    this.grantees = new Zipf(this.principals, new Random(shape.seed, 2));
  }

  #plant(): void {
    const random = new Random(this.seed, 3);
    const below = this.resources - this.sandboxes;
    let above = { from: 0, to: this.sandboxes };
    let next = this.sandboxes;
    for (const [level, share] of SHARES.entries()) {
      const to = level === SHARES.length - 1 ? this.resources : Math.min(this.resources, next + Math.max(1, Math.round(below * share)));
      const from = next;
      for (; next < to; next++) {
        this.parents[next] = above.from + random.below(above.to - above.from);
        this.depths[next] = level + 1;
      }
      above = { from, to };
    }
  }

  /** Every record: what does not grow, principals with what is theirs, resources with their grants. */
  *records(): Iterable<Rec> {
    // Roles name all fifty, whether a small organization has them or not: the share of what they open stays the same.
    const sandboxes = Array.from({ length: SANDBOXES_MAX }, (_, index) => `${PREFIXES[0]}${index.toString(36)}`);
    yield* productRecords({ seed: this.seed, sandboxes, labelled: this.isLabelled });
    for (let principal = 0; principal < this.principals; principal++) yield* this.#recordsOfPrincipal(principal);
    for (let resource = 0; resource < this.resources; resource++) yield* this.#recordsOfResource(resource);
  }

  *#recordsOfPrincipal(principal: number): Iterable<Rec> {
    const id = this.principalId(principal);
    yield { kind: "principal", value: { id, type: this.principalType(principal), active: true } };
    for (const group of this.groupsOf(principal)) {
      const value: Membership = { group: this.principalId(group), member: id };
      yield { kind: "membership", value };
    }
    for (const role of this.rolesOf(principal)) yield { kind: "assignment", value: { role: roleId(role), principal: id } };
  }

  *#recordsOfResource(resource: number): Iterable<Rec> {
    const path = this.path(resource);
    yield { kind: "resource", value: this.resource(resource, path) };
    for (const given of this.grantsOn(resource)) {
      const { access, reach } = given;
      yield { kind: "grant", value: { principal: this.principalId(given.principal), resource: path, access, reach } };
    }
  }

  /** In a labelled organization three resources in ten carry one to three labels. */
  resource(resource: number, path: string): Resource {
    const random = new Random(this.seed, 4, resource);
    const owner =
      resource >= this.sandboxes && random.below(5) === 0 ? this.principalId(random.below(this.#firstServiceAccount)) : undefined;
    const labels = new Set<string>();
    if (this.isLabelled && random.below(10) < 3) for (let i = random.below(3); i >= 0; i--) labels.add(random.pick(LABELS));
    return { path, ...(owner === undefined ? {} : { owner }), ...(labels.size === 0 ? {} : { labels: [...labels] }) };
  }

  /** The grants on a resource: no two in one slot of a principal. */
  grantsOn(resource: number): readonly Given[] {
    const random = new Random(this.seed, 5, resource);
    const slots = new Set<number>();
    const grants: Given[] = [];
    for (let left = Math.min(this.#counts.draw(random), this.principals); left > 0; ) {
      const principal = this.grantees.draw(random);
      const reach = REACHES[this.#reaches.draw(random)] as Reach;
      const slot = principal * 2 + (reach === "children" ? 1 : 0);
      if (slots.has(slot)) continue;
      slots.add(slot);
      grants.push({ principal, reach, access: ACCESS[this.#accesses.draw(random)] as AccessType });
      left--;
    }
    return grants;
  }

  /** Groups that a principal is a direct member of. A group lies only in groups of a third of its number: few levels, no cycle. */
  groupsOf(principal: number): readonly number[] {
    const random = new Random(this.seed, 6, principal);
    const groups = new Set<number>();
    if (principal >= this.firstGroup) {
      const candidates = Math.floor((principal - this.firstGroup) / 3);
      if (candidates > 0 && random.below(10) < 6) groups.add(this.firstGroup + random.below(candidates));
    } else for (let i = 0; i < GROUPS_A_PRINCIPAL; i++) groups.add(this.firstGroup + random.below(this.principals - this.firstGroup));
    return [...groups];
  }

  rolesOf(principal: number): readonly number[] {
    const random = new Random(this.seed, 7, principal);
    const count = principal >= this.firstGroup ? ROLES_A_GROUP : ROLES_A_PRINCIPAL;
    return [...new Set(Array.from({ length: count }, () => random.below(ROLES)))];
  }

  principalType(principal: number): PrincipalType {
    if (principal >= this.firstGroup) return "group";
    return principal >= this.#firstServiceAccount ? "service-account" : "user";
  }
  principalId(principal: number): string {
    return `${this.principalType(principal) === "group" ? "team" : "person"}-${principal.toString(36).padStart(5, "0")}@acme`;
  }
  /** The id of a resource's last pair. */
  id(resource: number): string {
    return `${PREFIXES[this.depths[resource] as number]}${resource.toString(36)}`;
  }
  path(resource: number): string {
    const parent = this.parents[resource] as number;
    const last = `/${TYPES[this.depths[resource] as number]}/${this.id(resource)}`;
    return parent === -1 ? last : this.path(parent) + last;
  }
  /** A resource and everything above it. */
  chain(resource: number): readonly number[] {
    const chain: number[] = [];
    for (let node = resource; node !== -1; node = this.parents[node] as number) chain.push(node);
    return chain;
  }
}
