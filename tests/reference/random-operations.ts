/**
 * Random operation requests: method and target of a row whose parameters are drawn from what the organization holds, a caller
 * who may well be let through, attributes and further targets; then some are spelt or bent so that they must be refused.
 */
import type { JsonObject, Nouns, OperationRequest } from "@reeve/core";
import type { Random } from "./random.ts";
import { GROUPS, type Spot, TENANTS, USERS } from "./random-organization.ts";
import {
  at,
  CONTEXTS,
  optionally,
  plainQuestion,
  type Question,
  somebody,
  strangeSubject,
  subject,
  type Target,
  transplant,
} from "./random-requests.ts";

const HOSTILE_PIECES = [
  "%2e%2e/",
  "./",
  "/.",
  "/%2E",
  "../x",
  "%2F",
  "%2f",
  "%00",
  "%0a",
  "\n",
  "\u0000",
  "\\",
  "%5C",
  "//",
  ";a=1",
  "%zz",
  "%",
  "%4",
  " ",
  "<",
  "%ff",
  "%c0%af",
  "%ED%A0%80",
  "é",
  "%25%34%31",
  "%2541",
  "%252e",
  "%3B",
  "%20",
  "%C3%BC",
  "%EF%BB%BF",
  "~",
  "*",
  "'()",
];

/** The request line's target of a path: segments encoded, with a query now and then; or spelt so that it must be refused. */
function spell(random: Random, path: string): string {
  const query = random.weighted([
    [8, ""],
    [1, "?a=b%2Fc&d"],
    [1, "?x=/../%00"],
    [1, "?"],
  ]);
  if (random.chance(0.94)) return path + query;
  if (random.chance(0.2)) return random.pick(["", "*", "http://host/x", path.slice(1), `${path}#part`, `${path}?a=\t`]);
  const cut = random.below(path.length + 1);
  const piece = random.pick(HOSTILE_PIECES);
  const tail = random.chance(0.2) ? random.pick(HOSTILE_PIECES) : "";
  return path.slice(0, cut) + piece + path.slice(cut) + tail + query;
}

const encoded = (text: string): string => encodeURIComponent(text).replace(/%(2F|5C|00)/g, "-");

function value(random: Random, target: Target, asked: { name: string; parts: readonly string[] }): string {
  const { name, parts } = asked;
  const after = (type: string): string | undefined => parts[parts.indexOf(type) + 1];
  const ids: Readonly<Record<string, () => string | undefined>> = {
    programId: () => after("programs"),
    id: () => after("programs") ?? after("journeys"),
    environmentId: () =>
      parts.includes("environments") && random.chance(0.88) ? after("environments") : aSpot(random, target, "environments")?.parts.at(-1),
    pipelineId: () =>
      parts.includes("pipelines") && random.chance(0.88) ? after("pipelines") : aSpot(random, target, "pipelines")?.parts.at(-1),
    sandbox: () => after("sandboxes"),
    name: () => after("sandboxes"),
    schemaId: () => (parts.includes("schemas") ? after("schemas") : "7"),
    tenantId: () => random.pick([...TENANTS, "other", "Acme"]),
    any: () => random.pick(["program", "tenant", "z"]),
  };
  const found = Object.hasOwn(ids, name) && random.chance(0.94) ? ids[name]?.() : undefined;
  return (
    found ??
    random.pick([
      "1",
      "2",
      "main",
      "validate",
      "v1",
      "v1...2",
      "main...dev",
      "a...b...c",
      "a.zip",
      ".zip",
      "latest",
      "x y",
      "😀",
      "*",
      "50%25",
      "x".repeat(130),
    ])
  );
}

function aSpot(random: Random, target: Target, type: string): Spot | undefined {
  const spots = target.spots.filter((spot) => spot.type === type);
  return spots.length === 0 ? undefined : random.pick(spots);
}

/** The path of an operation, its parameters drawn from what is there. */
function pathOfRow(random: Random, target: Target, row: Nouns["operation"]): string {
  const type = /\{pipelineId\}/.test(row.target)
    ? "pipelines"
    : /\{environmentId\}/.test(row.target)
      ? "environments"
      : /schemas/.test(row.target)
        ? "schemas"
        : /journeys/.test(row.target)
          ? "journeys"
          : /sandboxes/.test(row.target)
            ? "sandboxes"
            : "programs";
  const spot = aSpot(random, target, type) ?? aSpot(random, target, type === "schemas" || type === "journeys" ? "sandboxes" : "programs");
  const parts = random.chance(0.04) ? ["sandboxes", "nowhere"] : (spot?.parts ?? []);
  return row.path.replace(/\{([^}]*)\}/g, (_, name: string) => encoded(value(random, target, { name, parts })));
}

function furtherTargets(random: Random, target: Target, row: Nouns["operation"]): Record<string, string | null> {
  const targets: Record<string, string | null> = {};
  for (const { name, type } of row.also ?? []) {
    const path = aSpot(random, target, type)?.path ?? `/programs/4/${type}/5`;
    const given = random.weighted<() => string | null | undefined>([
      [12, () => path],
      [3, () => null],
      [4, () => undefined],
      [1, () => random.pick(["/nowhere/1", "/programs/4", "programs", "/", "/sandboxes/nowhere/schemas/1"])],
      [
        1,
        () =>
          transplant(
            random,
            target.spots.find((spot) => spot.path === path),
            target.spots,
          )?.path,
      ],
    ])();
    if (given !== undefined) targets[name] = given;
  }
  if (random.chance(0.05)) targets["unheard-of"] = "/programs/4";
  return targets;
}

export const ATTRIBUTES: readonly JsonObject[] = [
  { step: { status: "WAITING" }, kind: "a", level: 1 },
  { step: { status: "WAITING" } },
  { step: { status: "RUNNING" }, level: 5 },
  { step: {} },
  { step: { status: null } },
  {},
];

/** Who might be let through: a holder of a role of the product, direct or through groups. */
function caller(random: Random, target: Target, product: string): string {
  const roles = new Set(
    target
      .of("role")
      .filter((role) => role.product === product)
      .map(({ id }) => id),
  );
  const holders = target.of("assignment").filter(({ role }) => roles.has(role));
  return somebody(
    random,
    target,
    holders.length > 0 && random.chance(0.85) ? random.pick(holders).principal : random.pick([...USERS, ...GROUPS, "sa1"]),
  );
}

export function operationQuestion(random: Random, target: Target): Question {
  const versions = target.of("resource").filter(({ basePath }) => basePath !== undefined);
  const rows = target.of("operation");
  const operation =
    rows.length === 0 || (versions.length > 0 && random.chance(0.2))
      ? callOf(random, target, versions)
      : rowRequest(random, target, random.weighted(rows.map((row) => [weightOf(row), row] as const)));
  const bent = random.chance(0.03)
    ? { principal: strangeSubject(random) }
    : random.chance(0.02)
      ? { product: random.pick(["nothing", "constructor", "reeve"]) }
      : {};
  return { operation: { ...operation, ...bent }, now: at(random) };
}

/** Rows with conditions over attributes, without a rule, or naming the organization are few, and have a code to themselves. */
function weightOf({ alternatives, organizationParameter, also }: Nouns["operation"]): number {
  if (alternatives === undefined) return 2.3;
  if (alternatives.some(({ when }) => when !== undefined)) return 14;
  return organizationParameter !== undefined ? 4 : also !== undefined ? 4 : 1;
}

function rowRequest(random: Random, target: Target, row: Nouns["operation"]): OperationRequest {
  const path = pathOfRow(random, target, row);
  const slashed = random.chance(0.05) ? `${path}/` : random.chance(0.03) ? `${path}/more` : path;
  const method = random.weighted([
    [16, row.method],
    [1, "HEAD"],
    [0.5, row.method.toLowerCase()],
    [0.5, "TRACE"],
  ]);
  return {
    principal: subject(random, target, caller(random, target, row.product)),
    product: row.product,
    method,
    target: spell(random, slashed),
    ...optionally(random.chance(0.45), () => ({ attributes: random.pick(ATTRIBUTES) })),
    ...optionally(row.also !== undefined && random.chance(0.9), () => ({ targets: furtherTargets(random, target, row) })),
    ...optionally(random.chance(0.3), () => ({ context: random.pick(CONTEXTS) })),
  };
}

function callOf(random: Random, target: Target, versions: readonly Nouns["resource"][]): OperationRequest {
  const version = versions.length > 0 ? random.pick(versions) : undefined;
  const row = version?.document !== undefined && version.document.length > 0 ? random.pick(version.document) : undefined;
  const rest = random.weighted([
    [12, row?.path ?? "/anything"],
    [1, ""],
    [1, "/"],
    [1, "/items/"],
    [1, "/items/latest"],
    [1, "/beta/items"],
    [1, "/other/x"],
  ]);
  const path = (version?.basePath ?? "/orders") + rest.replace("{id}", random.pick(["1", "2", "%C3%A9"]));
  const grants = target.of("grant").filter(({ resource }) => version?.path.startsWith(resource));
  const holder = grants.length > 0 && random.chance(0.6) ? random.pick(grants).principal : random.chance(0.3) ? version?.owner : undefined;
  return {
    principal: subject(random, target, holder === undefined ? caller(random, target, "assets") : somebody(random, target, holder)),
    product: "assets",
    method: row?.method ?? random.pick(["GET", "POST", "HEAD"]),
    target: spell(random, path),
    ...optionally(random.chance(0.6), () => ({ attributes: random.pick(ATTRIBUTES) })),
    ...optionally(random.chance(0.3), () => ({ context: random.pick(CONTEXTS) })),
  };
}

/** A question of either kind. */
export const question = (random: Random, target: Target): Question =>
  random.chance(0.58) ? plainQuestion(random, target) : operationQuestion(random, target);
