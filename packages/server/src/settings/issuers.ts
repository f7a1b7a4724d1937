/**
 * The setting of trusted issuers: who besides this server may say who somebody is, and of which organization.
 *
 * Invariant: names and issuers are each there once, so that a path or a token leads to one entry; nothing is asked for by plain HTTP but on
 * loopback; only signatures by asymmetric keys are believed.
 */
import { choice, list, type MemberFault, members, table, text } from "./structure.ts";

const ISSUERS_MAX = 32;
const MAPPED_MAX = 1_000;
const CHARACTERS_MAX = 256;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const visible = text("1 to 256 visible ASCII characters", (one) => /^[\x21-\x7e]{1,256}$/.test(one));
const isName = (one: string): boolean => one !== "" && one.length <= CHARACTERS_MAX && one.isWellFormed();
const named = (what: string) => text(`${what}, 1 to ${CHARACTERS_MAX} characters`, isName);
const claim = named("the name of a claim");
const address = text("an https address without query and fragment, such as https://id.example.com; http on loopback only", isAddress);
/** Nobody is put into `members`: everybody is. */
const group = text(`the id of a group, 1 to ${CHARACTERS_MAX} characters; not members`, (one) => isName(one) && one !== "members");
const role = named("the id of a role");
const mapping = (of: typeof group, to: string) =>
  table(of, {
    allowed: `a mapping of values of the claim to ids of ${to}s, at most ${MAPPED_MAX}`,
    max: MAPPED_MAX,
  });
const ALGORITHMS = ["ES256", "ES384", "RS256", "PS256", "EdDSA"] as const;

const signIn = members(
  { clientId: visible },
  {
    clientSecret: visible,
    scopes: list(
      text("a scope, without spaces", (one) => /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(one)),
      { allowed: "a list of 1 to 32 scopes", min: 1, max: 32 },
    ),
  },
);
const tokens = members(
  { audience: visible },
  { jwksUri: address, algorithms: list(choice(...ALGORITHMS), { allowed: `a list of: ${ALGORITHMS.join(", ")}`, min: 1, max: 5 }) },
);
const issuer = members(
  {
    name: text("1 to 32 lower-case letters, digits and hyphens", (one) => /^[a-z0-9][a-z0-9-]{0,31}$/.test(one)),
    issuer: address,
    organization: named("the id of an organization"),
  },
  {
    title: named("what people call it"),
    signIn,
    tokens,
    claims: members({}, { principal: claim, email: claim, name: claim, groups: claim, roles: claim }),
    people: choice("existing", "create"),
    groups: mapping(group, "group"),
    roles: mapping(role, "role"),
  },
);
const issuers = list(issuer, { allowed: `a list of at most ${ISSUERS_MAX} issuers`, min: 0, max: ISSUERS_MAX });
type Issuers = NonNullable<ReturnType<typeof issuers>>;

type IssuersRead = { readonly ok: true; readonly value: Issuers } | { readonly ok: false; readonly faults: readonly MemberFault[] };

/** Reads the setting from JSON. All faults together. */
export function readIssuers(json: string): IssuersRead {
  const faults: MemberFault[] = [];
  const value = issuers(parsed(json), { path: [], faults });
  if (value !== undefined) faults.push(...faultsAmong(value));
  return value !== undefined && faults.length === 0 ? { ok: true, value } : { ok: false, faults };
}

/** What entries are only together, or as a whole. */
function faultsAmong(value: Issuers): readonly MemberFault[] {
  return value.flatMap((one, index) => {
    const faults: MemberFault[] = [];
    const earlier = value.slice(0, index);
    if (earlier.some(({ name }) => name === one.name)) faults.push({ path: [index, "name"], allowed: "a name that no other issuer has" });
    if (earlier.some((other) => other.issuer === one.issuer))
      faults.push({ path: [index, "issuer"], allowed: "an issuer that is there once" });
    if (one.signIn === undefined && one.tokens === undefined)
      faults.push({ path: [index], allowed: "an issuer with signIn, tokens or both" });
    return faults;
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function isAddress(one: string): boolean {
  const url = one.length <= CHARACTERS_MAX ? URL.parse(one) : null;
  if (url === null || /[?#\s]/.test(one) || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
}
