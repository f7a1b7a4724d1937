/**
 * The requests that are asked: half of them made from a grant, half drawn.
 *
 * From a grant: a resource, a grant on it or above that reaches it, its grantee (of a group a member), an action that it opens by
 * itself. Drawn: a principal, a resource and an action by chance, which mostly is a deny. Resources are drawn by Zipf or uniformly.
 * Invariant: requests are functions of the organization, a seed and their order.
 */
import type { Request } from "@reeve/core";
import type { Given, Organization } from "./organization.ts";
import { type ActionName, OPENED } from "./product.ts";
import { Random, Weighted, Zipf } from "./random.ts";

export type Distribution = "zipf" | "uniform";
export type Drawn = { readonly principal: number; readonly resource: number; readonly action: ActionName };
const DRAWN: readonly ActionName[] = ["view", "edit", "execute", "publish"];

export class Questions {
  readonly #organization: Organization;
  readonly #random: Random;
  readonly #resources: Zipf | undefined;
  readonly #askers: Zipf;
  readonly #actions = new Weighted([0.6, 0.2, 0.15, 0.05]);
  /** Group → its direct members. */
  readonly #members = new Map<number, number[]>();
  #fromGrant = false;

  constructor(organization: Organization, distribution: Distribution, seed: number) {
    this.#organization = organization;
    this.#random = new Random(organization.seed, seed);
    const shuffling = new Random(organization.seed, 8);
    this.#resources = distribution === "zipf" ? new Zipf(organization.resources, shuffling) : undefined;
    this.#askers = new Zipf(organization.firstGroup, shuffling);
    for (let member = 0; member < organization.firstGroup; member++) {
      for (const group of organization.groupsOf(member)) {
        const members = this.#members.get(group);
        if (members === undefined) this.#members.set(group, [member]);
        else members.push(member);
      }
    }
  }

  draw(): Drawn {
    this.#fromGrant = !this.#fromGrant;
    for (let tries = 0; this.#fromGrant && tries < 100; tries++) {
      const found = this.#drawFromGrant();
      if (found !== undefined) return found;
    }
    const action = DRAWN[this.#actions.draw(this.#random)] as ActionName;
    return { principal: this.#askers.draw(this.#random), resource: this.#drawResource(), action };
  }

  next(): Request {
    return this.request(this.draw());
  }

  request({ principal, resource, action }: Drawn): Request {
    const organization = this.#organization;
    return {
      principal: { type: organization.principalType(principal), id: organization.principalId(principal) },
      action: { name: action },
      resource: { path: organization.path(resource) },
    };
  }

  /** Requests as they come from a wire: their strings have never been seen. */
  fresh(count: number): readonly Request[] {
    return JSON.parse(JSON.stringify(Array.from({ length: count }, () => this.next()))) as Request[];
  }

  #drawResource(): number {
    return this.#resources?.draw(this.#random) ?? this.#random.below(this.#organization.resources);
  }

  #drawFromGrant(): Drawn | undefined {
    const resource = this.#drawResource();
    const chain = this.#organization.chain(resource);
    const holder = this.#random.pick(chain);
    const reaching = this.#organization.grantsOn(holder).filter(({ reach }) => reach !== (holder === resource ? "children" : "self"));
    if (reaching.length === 0) return undefined;
    const grant = this.#random.pick<Given>(reaching);
    const principal = this.#asker(grant.principal);
    return principal === undefined ? undefined : { principal, resource, action: this.#random.pick(OPENED[grant.access]) };
  }

  #asker(grantee: number): number | undefined {
    if (grantee < this.#organization.firstGroup) return grantee;
    const members = this.#members.get(grantee);
    return members === undefined ? undefined : this.#random.pick(members);
  }
}
