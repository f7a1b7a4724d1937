/**
 * Law 4 of the model for whole places, as property tests over the random organizations of `reference/`: effective permissions are
 * the checks that allow, over every registered resource and collection; what is held at a place is the role source.
 */
import { decide, type EffectiveEntry, effective, explain, held, type Request, type ResourceRef } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { inBytes, organizations, pages, planOf, SEED, same, shuffled, TIMEOUT_MS } from "./reference/organizations.ts";
import { formatPath, typeAt } from "./reference/paths.ts";
import { seeded } from "./reference/random.ts";
import { NOW } from "./reference/random-conditions.ts";
import { CONTEXTS } from "./reference/random-requests.ts";
import { of, type Records, registered, subjects } from "./reference/snapshot.ts";

const optionally = <T extends object>(present: boolean, part: T): Partial<T> => (present ? part : {});

/** Registered resources and the collections that may lie directly below them, with the actions of their types. */
function places(records: Records): readonly { path: string; actions: readonly string[] }[] {
  const products = of(records, "product");
  const types = products.flatMap((product) => Object.entries(product.types).map(([name, type]) => ({ product, name, type })));
  const actionsOf = (parts: readonly string[]): readonly string[] => Object.keys(typeAt({ products }, parts)?.declared.actions ?? {});
  const organization = types.filter(({ name }) => name === "organization").flatMap(({ type }) => Object.keys(type.actions));
  const isDeclared = types.some(({ name }) => name === "organization");
  const roots = types.filter(({ name, type }) => name !== "organization" && type.parents === undefined);
  const below = registered(records).flatMap(({ parts, type, path }) => {
    const { product } = typeAt({ products }, parts) ?? {};
    const collections = types.filter((one) => one.product === product && one.type.parents?.includes(type) === true);
    return [
      { path, actions: actionsOf(parts) },
      ...collections.map(({ name, type: declared_ }) => ({ path: formatPath([...parts, name]), actions: Object.keys(declared_.actions) })),
    ];
  });
  const root = isDeclared ? [{ path: "/", actions: organization }] : [];
  return [...root, ...roots.map(({ name, type }) => ({ path: `/${name}`, actions: Object.keys(type.actions) })), ...below];
}

describe("law 4: effective permissions", () => {
  it(`are the checks that allow, over registered resources and collections (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    let entries = 0;
    for (const { seed, records } of organizations(27, 20)) {
      const random = seeded(seed);
      const [plan, all] = [planOf(records), places(records)];
      const roots = registered(records).map(({ path }) => path);
      for (const principal of shuffled(random, subjects(records)).slice(0, 6)) {
        const now = NOW + random.pick([0, 0, -1, 1000]);
        const sent = optionally(random.chance(0.4), { context: random.pick(CONTEXTS) });
        const below = roots.length > 0 && random.chance(0.3) ? random.pick(roots) : undefined;
        const within = all.filter(({ path }) => below === undefined || path === below || path.startsWith(`${below}/`));
        const expected = within.flatMap(({ path, actions }): EffectiveEntry[] => {
          const allowed = [...actions].sort(inBytes).flatMap((name) => {
            const { evidence } = decide(plan, { principal, action: { name }, resource: { path }, ...sent }, now);
            return evidence === undefined ? [] : [{ name, source: evidence.source }];
          });
          return allowed.length === 0 ? [] : [{ path, actions: allowed }];
        });
        const query = { principal, ...sent, ...optionally(below !== undefined, { below: below ?? "/" }) };
        const found = pages(
          (paging) => effective(plan, { ...query, ...paging }, now),
          ({ path }) => path,
          { seed, what: "effective", about: query },
        );
        entries += found.length;
        same(
          found,
          expected.sort((a, b) => inBytes(a.path, b.path)),
          { seed, what: "effective", about: query },
        );
      }
    }
    expect(entries, "entries").toBeGreaterThan(100);
  });
});

describe("law 4: what is held at a place", () => {
  it(`is the role source on the collections that may lie directly below it (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    let pairs = 0;
    for (const { seed, records } of organizations(28, 50)) {
      const random = seeded(seed);
      const [plan, products] = [planOf(records), of(records, "product")];
      const spots: { path: string; parts: readonly string[] }[] = [{ path: "/", parts: [] }, ...registered(records)];
      for (const principal of shuffled(random, subjects(records)).slice(0, 6)) {
        for (const { path, parts } of shuffled(random, spots).slice(0, 8)) {
          const now = NOW + random.pick([0, 0, -1, 1000]);
          const entries = held(plan, { principal, place: path }, now);
          same(
            entries.map(({ set }) => set),
            entries.map(({ set }) => set).sort(inBytes),
            { seed, what: "order of sets" },
          );
          for (const product of products) {
            for (const [type, { actions }] of Object.entries(product.types)) {
              if (type === "organization" || typeAt({ products }, [...parts, type, "x"])?.product !== product) continue;
              for (const name of Object.keys(actions)) {
                const given = entries.filter(
                  ({ set, pairs: of_ }) =>
                    isOf(records, set, product.id) && of_.some((pair) => pair.type === type && pair.actions.includes(name)),
                );
                const at: ResourceRef = { path: formatPath([...parts, type]) };
                const request: Request = { principal, action: { name }, resource: at };
                const role = explain(plan, request, now).tried.find(({ source }) => source === "role");
                pairs += given.length;
                same(given.length > 0, role?.opened === true, { seed, what: `held at ${path}`, about: request });
              }
            }
          }
        }
      }
    }
    expect(pairs, "pairs held").toBeGreaterThan(100);
  });
});
const isOf = (records: Records, set: string, product: string): boolean =>
  of(records, "permission-set").some((one) => one.id === set && one.product === product);
