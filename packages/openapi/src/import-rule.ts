/** Rules and scopes of a document → alternatives and targets of a product. What cannot be resolved is a problem at its line. */
import { type Alternative, escapeId, type Operation, type Product } from "@reeve/core";
import type { DescribedAlternative, DescribedRule, DescribedScope } from "./described.ts";
import type { Names, Problems } from "./names.ts";

export function resolveAlternatives(rule: DescribedRule, names: Names): readonly Alternative[] {
  return rule.alternatives.flatMap((alternative) => resolveOne(alternative, names));
}

function resolveOne(alternative: DescribedAlternative, names: Names): readonly Alternative[] {
  const { when, product } = alternative;
  const more = { ...(when === undefined ? {} : { when }), ...(product === undefined ? {} : { product }) };
  if ("anyRole" in alternative) return [{ anyRole: true, ...more }];
  if ("permission" in alternative) {
    // The names of another product are ids: its records need not be at hand.
    const id = product === undefined ? names.permission(alternative.permission) : alternative.permission.name;
    return id === undefined ? [] : [{ permission: id, ...more }];
  }
  const roles = alternative.profiles.flatMap((profile) => (product === undefined ? (names.profile(profile) ?? []) : profile.name));
  return roles.length === 0 ? [] : [{ roles: [...new Set(roles)], ...more }];
}

type Target = Pick<Operation, "target" | "organizationParameter">;

/** The parts are put into the order in which their types lie in one another. */
export function resolveScope(
  scope: DescribedScope,
  { product, names, problems }: { product: Product; names: Names; problems: Problems },
): Target | undefined {
  const parts = scope.parts.flatMap(({ type, parameter }) => {
    const name = names.type(type);
    return name === undefined ? [] : [{ type: name, parameter }];
  });
  if (parts.length < scope.parts.length) return undefined;
  let target = "";
  let above: string | undefined;
  const left = [...parts];
  while (left.length > 0) {
    const index = left.findIndex(({ type }) => liesIn(product, type, above));
    const next = left[index];
    if (next === undefined) {
      const told = left.map(({ type }) => type).join(", ");
      const place = above === undefined ? "directly below the organization" : `in ${above}`;
      return problems.add("wrong_scope", scope.at, {
        detail: `None of ${told} lies ${place}: a scope names every type from the outermost one on.`,
      });
    }
    target += `/${next.type}/${escapeId(`{${next.parameter}}`)}`;
    above = next.type;
    left.splice(index, 1);
  }
  return {
    target: target === "" ? "/" : target,
    ...(scope.organizationParameter === undefined ? {} : { organizationParameter: scope.organizationParameter }),
  };
}

function liesIn({ types }: Product, type: string, above: string | undefined): boolean {
  const parents = types[type]?.parents;
  return above === undefined ? parents === undefined : (parents?.includes(above) ?? false);
}
