/**
 * The floor of P1: what the least code that could answer costs on the same requests, without reasons, evidence, scopes or policies.
 *
 * Two look-ups in a Map for the names, and the roles of principal, action and sandbox as bitsets, of which any must be common.
 * Invariant: from ids it looks nothing up; from fresh strings it does what `Map.get` must: hash them.
 */
import type { Request } from "@reeve/core";
import { around, CHUNK, type Timing, time } from "../measure.ts";
import { Organization } from "../organization.ts";
import { ACTIONS, type ActionName, ROLES } from "../product.ts";
import { Questions } from "../questions.ts";
import { Random } from "../random.ts";
import type { Numbers } from "./decide.ts";

const SEED = 20_250_615;
const ROUNDS = { warmUp: 500, chunks: 2_000, singles: 500 };
const WORDS = Math.ceil(ROLES / 32);
const ACTION_NAMES = Object.keys(ACTIONS) as ActionName[];

export type FloorArgs = { readonly grants: number };
type Ids = { readonly principal: number; readonly resource: number; readonly action: number };

export function measureFloor(args: FloorArgs): Numbers {
  const organization = new Organization({ seed: SEED, grants: args.grants });
  const principals = new Map<string, number>();
  for (let i = 0; i < organization.principals; i++) principals.set(organization.principalId(i), i);
  const resources = new Map<string, number>();
  for (let i = 0; i < organization.resources; i++) resources.set(organization.path(i), i);
  const actions = new Map<string, number>(ACTION_NAMES.map((name, index) => [name, index]));
  const bits = bitsOf(organization);
  const isAllowed = ({ principal, resource, action }: Ids): number => (hasCommonRole(bits, { principal, resource, action }) ? 1 : 0);
  const byName = (request: Request): number => {
    const principal = principals.get(request.principal.id) ?? 0;
    const resource = resources.get(request.resource.path as string) ?? 0;
    return isAllowed({ principal, resource, action: actions.get(request.action.name) ?? 0 });
  };
  const questions = new Questions(organization, "zipf", 10);
  const fresh = time({ next: () => questions.fresh(CHUNK), call: byName }, ROUNDS);
  const kept = Array.from({ length: 100_000 }, () => questions.next());
  const byKept = time({ next: around(kept), call: byName }, ROUNDS);
  const uniform = new Questions(organization, "uniform", 10);
  const ids = Array.from({ length: 100_000 }, (): Ids => {
    const drawn = uniform.draw();
    return { ...drawn, action: ACTION_NAMES.indexOf(drawn.action) };
  });
  const byIds = time({ next: around(ids), call: isAllowed }, ROUNDS);
  return { ...named("fresh", fresh), ...named("kept", byKept), ...named("ids", byIds) };
}

function named(name: string, timing: Timing): Numbers {
  return { [`${name}P50`]: timing.p50, [`${name}P99`]: timing.p99, [`${name}Sum`]: timing.sum };
}

type Bits = {
  readonly principals: Int32Array;
  readonly actions: Int32Array;
  readonly sandboxes: Int32Array;
  readonly sandboxOf: Uint8Array;
};

function bitsOf(organization: Organization): Bits {
  const random = new Random(SEED, 30);
  const words = (owners: number, roles: number): Int32Array => {
    const bits = new Int32Array(owners * WORDS);
    for (let owner = 0; owner < owners; owner++) {
      for (let i = 0; i < roles; i++) {
        const role = random.below(ROLES);
        bits[owner * WORDS + (role >> 5)] = (bits[owner * WORDS + (role >> 5)] as number) | (1 << (role & 31));
      }
    }
    return bits;
  };
  const sandboxOf = Uint8Array.from({ length: organization.resources }, (_, resource) => organization.chain(resource).at(-1) as number);
  return {
    principals: words(organization.principals, 18),
    actions: words(ACTION_NAMES.length, 90),
    sandboxes: words(organization.sandboxes, 12),
    sandboxOf,
  };
}

function hasCommonRole(bits: Bits, { principal, resource, action }: Ids): boolean {
  const sandbox = bits.sandboxOf[resource] as number;
  for (let word = 0; word < WORDS; word++) {
    const mine = bits.principals[principal * WORDS + word] as number;
    if ((mine & (bits.actions[action * WORDS + word] as number) & (bits.sandboxes[sandbox * WORDS + word] as number)) !== 0) return true;
  }
  return false;
}
