/**
 * Random conditions from all operators of the model's §9: most of them true or false depending on what is asked, some of
 * them failing: an absent variable, an operand of a kind that the operator does not take, a value that is no truth.
 *
 * Words: an *atom* is a comparison, a *scalar* a literal or variable that is mostly a scalar.
 */
import type { Condition, Json } from "@reeve/core";
import type { Random } from "./random.ts";

export const NOW = 1_700_000_000_000;
export const LABELS = ["core/C1", "core/C2", "core/S1", "custom/x", "custom/größe"];
const PREFIXES = ["core/", "custom/", "core/C", ""];

const variable = (name: string): Json => ({ var: name });
/** A variable that may be absent, sometimes with a default. */
const maybe = (random: Random, name: string): Json =>
  random.weighted<() => Json>([
    [4, () => ({ var: name })],
    [1, () => ({ var: [name] })],
    [3, () => ({ var: [name, random.pick<Json>(["a", 1, null, true])] })],
  ])();

const PROPERTY_NAMES = [
  "subject.properties.dept",
  "subject.properties.level",
  "resource.properties.tier",
  "resource.properties.nested.a",
  "resource.properties.sandbox",
  "action.properties.soft",
  "context.ip",
  "context.level",
  "context.nested.a",
  "context.nested.b.c",
  "context.toString",
  "subject.properties.valueOf",
  "attributes.kind",
  "attributes.step.status",
];
const SCALAR_NAMES = [
  "subject.type",
  "subject.id",
  "action.name",
  "resource.type",
  "resource.id",
  "resource.path",
  "resource.sandbox",
  "resource.owner",
];

function scalar(random: Random): Json {
  return random.weighted<() => Json>([
    [4, () => random.pick<Json>(["a", "b", 1, 2, "1", true, false, null, "retired", "user", "view"])],
    [4, () => variable(random.pick(SCALAR_NAMES))],
    [5, () => maybe(random, random.pick(PROPERTY_NAMES))],
    [1, () => variable("resource.state")],
    [1, () => ({ "+": [maybe(random, "context.level"), 1] })],
  ])();
}
function number(random: Random): Json {
  return random.weighted<() => Json>([
    [4, () => random.pick([0, 1, 2, 3])],
    [3, () => maybe(random, "context.level")],
    [2, () => maybe(random, "subject.properties.level")],
    [1, () => ({ "-": random.chance(0.5) ? [random.pick([1, 2])] : [maybe(random, "context.level"), 1] })],
    [1, () => ({ "+": [random.pick([0, 1]), 1, maybe(random, "context.level")] })],
    [0.3, () => "1"],
  ])();
}
function list(random: Random): Json {
  return random.weighted<() => Json>([
    [3, () => variable("resource.labels")],
    [3, () => variable("subject.groups")],
    [2, () => variable("subject.roles.ids")],
    [2, () => variable("subject.roles.labels")],
    [1, () => maybe(random, "resource.properties.tags")],
    [3, () => ["a", "u1", "retired", 1, "2", null]],
    [1, () => [variable("subject.id"), "prod", variable("resource.sandbox")]],
  ])();
}
const member = (random: Random): Json =>
  random.weighted<() => Json>([
    [3, () => random.pick(LABELS)],
    [4, () => random.pick<Json>(["admins", "members", "g1", "g2", "platform-role-0", "cloud-role-1", "a", null, 1, "1", 2])],
    [2, () => variable("subject.id")],
    [1, () => scalar(random)],
  ])();

export function labelCondition(random: Random): Json {
  const operator = random.pick(["adobe.match_all_labels_by_prefix", "adobe.match_any_labels_by_prefix"]);
  const subject = random.chance(0.9) ? variable("subject.roles.labels") : random.some(LABELS, 0.4);
  const resource = random.weighted<() => Json>([
    [12, () => variable("resource.labels")],
    [1, () => maybe(random, "resource.properties.tags")],
  ])();
  return { [operator]: [subject, random.pick(PREFIXES), resource] };
}

const COMPARISONS = ["===", "!==", "==", "!="];
function atom(random: Random): Json {
  return random.weighted<() => Json>([
    [8, () => ({ [random.pick(COMPARISONS)]: [scalar(random), scalar(random)] })],
    [3, () => ({ "===": [variable("resource.state"), random.pick<Json>(["retired", "live", null])] })],
    [3, () => ({ "==": [variable("resource.owner"), variable("subject.id")] })],
    [3, () => ({ "===": [variable("subject.type"), random.pick(["user", "group", "service-account"])] })],
    [3, () => ({ [random.pick(["<", "<=", ">", ">="])]: [number(random), number(random)] })],
    [2, () => ({ [random.pick(["<", "<="])]: [number(random), number(random), number(random)] })],
    [3, () => ({ [random.pick(COMPARISONS)]: [maybe(random, "subject.properties.dept"), random.pick<Json>(["a", "b", null])] })],
    [3, () => ({ [random.pick(COMPARISONS)]: [maybe(random, "resource.properties.tier"), random.pick<Json>(["a", "b", 1])] })],
    [2, () => ({ in: [random.chance(0.5) ? variable("subject.id") : random.pick(["g1", "g2", "members"]), variable("subject.groups")] })],
    [2, () => ({ [random.pick(["<", ">="])]: [variable("context.now"), NOW + random.pick([0, 1, 1000])] })],
    [6, () => ({ in: [member(random), list(random)] })],
    [
      1,
      () => ({
        in: [
          random.pick<Json>(["pro", "", "a", 1]),
          random.pick<Json>(["sandbox-prod", variable("resource.path"), variable("action.name")]),
        ],
      }),
    ],
    [5, () => labelCondition(random)],
    [3, () => ({ [random.pick(["!", "!!"])]: [random.chance(0.6) ? list(random) : scalar(random)] })],
    [
      1,
      () => ({
        [random.pick(["!", "!!"])]: variable(
          random.pick(["subject", "context", "attributes", "subject.roles", "resource.properties", "action"]),
        ),
      }),
    ],
    [2, () => random.chance(0.7)],
    [
      0.7,
      () =>
        random.pick<Json>([{ "+": [1] }, { in: [[1], [1]] }, { "===": [variable("subject.groups"), 1] }, variable("subject.id"), 1, null]),
    ],
  ])();
}

/** Comparisons of variables with literals, joined: what most people write. The first may decide while the second has nothing to read. */
function plain(random: Random): Condition {
  const compared = (name: string): Condition => ({
    [random.pick(["===", "!=="])]: [variable(name), random.pick<Json>(["a", "user", "view", 1, true, null])],
  });
  return { [random.pick(["and", "or"])]: [compared(random.pick(SCALAR_NAMES)), compared(random.pick(PROPERTY_NAMES))] };
}

/** A condition of a few levels. */
export function condition(random: Random, depth = 2): Condition {
  if (depth === 0) return atom(random);
  const part = (): Condition => condition(random, depth - 1);
  return random.weighted<() => Condition>([
    [9, () => atom(random)],
    [3, () => ({ and: [part(), part(), ...(random.chance(0.3) ? [part()] : [])] })],
    [3, () => ({ or: [part(), part(), ...(random.chance(0.3) ? [part()] : [])] })],
    [2, () => plain(random)],
    [2, () => ({ "!": random.chance(0.8) ? [part()] : { "!!": [part()] } })],
    [1, () => ({ if: [part(), part(), part()] })],
    [0.5, () => ({ if: [part(), part()] })],
    [0.5, () => ({ if: [part(), part(), part(), part(), part()] })],
  ])();
}
