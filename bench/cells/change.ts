/**
 * The cell of P11: one change on a large plan, kind by kind, each timed by itself; and the two that touch many, stated apart.
 *
 * Invariant: every change alters something; what is put is taken away again by a change that is timed too.
 */
import { apply, type Change, decide, type Plan, type Reach, type Rec } from "@reeve/core";
import { quantile } from "../measure.ts";
import { Organization } from "../organization.ts";
import { LABELS, PRODUCT, product, ROLES, roleId } from "../product.ts";
import { Random } from "../random.ts";
import { compile, NOW, type Numbers, warm } from "./decide.ts";

const SEED = 20_250_615;
const GROUP = "everybody@acme";
const GROUP_MEMBERS = 100_000;
const MOVED = 100;
/** Calls longer than this are looked at: was it the change, or another process? */
const LONG_US = 1_000;

export type ChangeArgs = { readonly grants: number };

export function measureChange(args: ChangeArgs): Numbers {
  const bench = new Changes(args.grants);
  return {
    ...bench.timed("grantAdd", bench.grants(50_000)),
    ...bench.timedBack("grantRemove"),
    ...bench.timed("assignmentAdd", bench.assignments(20_000)),
    ...bench.timedBack("assignmentRemove"),
    ...bench.timed("policyPut", bench.policies(10_000)),
    ...bench.timedBack("policyDelete"),
    ...bench.timed("labelPut", bench.labels(20_000)),
    ...bench.timedBack("labelTake"),
    ...bench.timed("rowPut", bench.rows(10_000)),
    ...bench.timedBack("rowDelete"),
    ...bench.timed("productPut", bench.products(20)),
    ...bench.bigGroup(),
    ...bench.move(),
  };
}

class Changes {
  #plan: Plan;
  readonly #organization: Organization;
  readonly #random = new Random(SEED, 40);
  #back: readonly Change[] = [];

  constructor(grants: number) {
    this.#organization = new Organization({ seed: SEED, grants });
    this.#plan = compile(this.#organization, { grants, from: "fresh", draw: "zipf" });
    warm(this.#plan, this.#organization);
    const members = Math.min(GROUP_MEMBERS, this.#organization.firstGroup);
    this.#plan = apply(this.#plan, [put({ kind: "principal", value: { id: GROUP, type: "group", active: true } })]);
    for (let member = 0; member < members; member++)
      this.#plan = apply(this.#plan, [membership(GROUP, this.#organization.principalId(member))]);
    warm(this.#plan, this.#organization);
  }

  *grants(count: number): Iterable<Change> {
    const reaches: readonly Reach[] = ["self", "subtree", "children"];
    for (let i = 0; i < count; i++) {
      const principal = this.#organization.principalId(this.#organization.grantees.draw(this.#random));
      const resource = this.#path();
      yield put({ kind: "grant", value: { principal, resource, access: "RW", reach: this.#random.pick(reaches) } });
    }
  }
  *assignments(count: number): Iterable<Change> {
    for (let i = 0; i < count; i++) {
      const principal = this.#organization.principalId(this.#random.below(this.#organization.firstGroup));
      yield put({ kind: "assignment", value: { role: roleId(this.#random.below(ROLES)), principal } });
    }
  }
  *policies(count: number): Iterable<Change> {
    const condition = { "===": [{ var: "context.network" }, "outside"] };
    for (let i = 0; i < count; i++) {
      const rules = [{ effect: "deny", resource: `${this.#path()}/*`, condition, actions: ["view"] }] as const;
      const id = `added-${i}`;
      yield put({ kind: "policy", value: { id, name: id, product: PRODUCT, status: "active", sandboxes: "all", rules } });
    }
  }
  *labels(count: number): Iterable<Change> {
    const seen = new Set<number>();
    while (seen.size < Math.min(count, this.#organization.resources / 2)) {
      const resource = this.#random.below(this.#organization.resources);
      if (seen.has(resource)) continue;
      seen.add(resource);
      const record = this.#organization.resource(resource, this.#organization.path(resource));
      yield put({ kind: "resource", value: { ...record, labels: [this.#random.pick(LABELS)] } });
    }
  }
  *rows(count: number): Iterable<Change> {
    for (let i = 0; i < count; i++) {
      const id = `row-${i}`;
      const path = `/v1/things/{thing}/parts-${i}/{part}`;
      const alternatives = [{ roles: ["role-1"] }];
      yield put({
        kind: "operation",
        value: { product: PRODUCT, id, method: "GET", path, names: [id], target: "/sandboxes/{thing}", alternatives },
      });
    }
  }

  /** The product itself: every node finds its type again, every role its actions. */
  *products(count: number): Iterable<Change> {
    for (let i = 0; i < count; i++) yield put({ kind: "product", value: { ...product(), name: `written ${i}` } });
  }

  #path(): string {
    return this.#organization.path(this.#random.below(this.#organization.resources));
  }

  /** Applies changes one by one; their strings have never been seen. Keeps what takes them back. */
  timed(name: string, changes: Iterable<Change>): Numbers {
    const list = [...changes];
    this.#back = list.map((change) => this.#inverse(change)).reverse();
    return this.#time(name, list);
  }
  timedBack(name: string): Numbers {
    return this.#time(name, this.#back);
  }

  #inverse(change: Change): Change {
    if ("delete" in change) return change;
    const rec = change.put;
    switch (rec.kind) {
      case "grant":
        return { delete: { kind: "grant", key: [rec.value.principal, rec.value.resource, rec.value.reach] } };
      case "assignment":
        return { delete: { kind: "assignment", key: [rec.value.role, rec.value.principal] } };
      case "resource": {
        const { labels: _labels, ...value } = rec.value;
        return put({ kind: "resource", value });
      }
      case "operation":
        return { delete: { kind: "operation", key: [rec.value.product, rec.value.id] } };
      default:
        return { delete: { kind: rec.kind, key: [(rec.value as { readonly id: string }).id] } };
    }
  }

  /** `Worst` leaves out what other processes took of the machine meanwhile, as far as the system tells; `Wall` leaves out nothing. */
  #time(name: string, changes: readonly Change[]): Numbers {
    const times = new Float64Array(changes.length);
    let worst = 0;
    // What the cell itself keeps is old by now: no collection of young objects meets it.
    globalThis.gc?.();
    globalThis.gc?.();
    for (let from = 0; from < changes.length; from += 100) {
      const fresh = JSON.parse(JSON.stringify(changes.slice(from, from + 100))) as Change[];
      let before = worked();
      for (const [i, change] of fresh.entries()) {
        const one = [change];
        const start = performance.now();
        this.#plan = apply(this.#plan, one);
        const us = (performance.now() - start) * 1_000;
        times[from + i] = us;
        if (us < LONG_US) continue;
        const after = worked();
        worst = Math.max(worst, after.switches === before.switches ? us : Math.min(us, after.us - before.us));
        before = after;
      }
    }
    times.sort();
    const wall = times[times.length - 1] ?? 0;
    const own = wall < LONG_US ? wall : Math.max(worst, LONG_US);
    return { [`${name}P50`]: quantile(times, 0.5), [`${name}P99`]: quantile(times, 0.99), [`${name}Worst`]: own, [`${name}Wall`]: wall };
  }

  /** One member in and out of a group of 10⁵; the whole group into another one and out, with the first decisions after it. */
  bigGroup(): Numbers {
    const member = this.#organization.principalId(this.#organization.firstGroup - 1);
    const above = this.#organization.principalId(this.#organization.firstGroup);
    const turns = (pair: readonly [string, string]): Change[] =>
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? { delete: { kind: "membership", key: pair } } : membership(...pair)));
    const one = this.#time("memberOfGroup", turns([GROUP, member]));
    this.#plan = apply(this.#plan, [membership(above, GROUP)]);
    const whole = this.#time("groupInGroup", turns([above, GROUP]));
    const start = performance.now();
    warm(this.#plan, this.#organization);
    const afterUs = ((performance.now() - start) * 1_000) / this.#organization.principals;
    this.#plan = apply(this.#plan, [{ delete: { kind: "membership", key: [above, GROUP] } }]);
    const asker = { type: "user", id: this.#organization.principalId(0) };
    const first = performance.now();
    decide(this.#plan, { principal: asker, action: { name: "view" }, resource: { path: this.#organization.path(0) } }, NOW);
    return { ...one, ...whole, firstAfterUs: (performance.now() - first) * 1_000, eachAfterUs: afterUs };
  }

  /** A subtree of about 100 resources with its grants: written anew in another place and taken away from the first, in one write. */
  move(): Numbers {
    const moved = this.#subtree();
    const changes: Change[] = [];
    for (const resource of moved) {
      const from = this.#organization.path(resource);
      const to = `/sandboxes/sb1/spaces/moved${from.slice(this.#organization.path(moved[0] as number).length)}`;
      const { path: _path, ...rest } = this.#organization.resource(resource, from);
      changes.push(put({ kind: "resource", value: { path: to, ...rest } }));
      for (const { principal, access, reach } of this.#organization.grantsOn(resource)) {
        const id = this.#organization.principalId(principal);
        changes.push(put({ kind: "grant", value: { principal: id, resource: to, access, reach } }));
        changes.push({ delete: { kind: "grant", key: [id, from, reach] } });
      }
      changes.push({ delete: { kind: "resource", key: [from] } });
    }
    const fresh = JSON.parse(JSON.stringify(changes)) as Change[];
    const start = performance.now();
    this.#plan = apply(this.#plan, fresh);
    const ms = performance.now() - start;
    return { moveMs: ms, moveChanges: changes.length, moveResources: moved.length, moveChangeUs: (ms * 1_000) / changes.length };
  }

  /** A space and everything below it, whichever space comes nearest to the size. */
  #subtree(): readonly number[] {
    const { parents, depths, resources } = this.#organization;
    const sizes = new Int32Array(resources).fill(1);
    for (let i = resources - 1; i > 0; i--)
      if (parents[i] !== -1) sizes[parents[i] as number] = (sizes[parents[i] as number] as number) + (sizes[i] as number);
    let root = -1;
    for (let i = 0; i < resources; i++) {
      if (depths[i] !== 1) continue;
      if (root === -1 || Math.abs((sizes[i] as number) - MOVED) < Math.abs((sizes[root] as number) - MOVED)) root = i;
    }
    const inside = new Uint8Array(resources);
    const found: number[] = [];
    for (let i = root; i < resources; i++) {
      if (i !== root && (parents[i] === -1 || inside[parents[i] as number] === 0)) continue;
      inside[i] = 1;
      found.push(i);
    }
    return found;
  }
}

/** What this thread has worked, in microseconds (many systems count in ticks of 4 ms), and how often it was put aside for others. */
function worked(): { readonly us: number; readonly switches: number } {
  const { user, system } = process.threadCpuUsage();
  return { us: user + system, switches: process.resourceUsage().involuntaryContextSwitches };
}

function put(rec: Rec): Change {
  return { put: rec };
}
function membership(group: string, member: string): Change {
  return put({ kind: "membership", value: { group, member } });
}
