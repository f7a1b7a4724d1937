/**
 * What a document's names mean in a product: profiles are its built-in roles, permissions its permission sets, scope words its types.
 *
 * An id is looked for first, then a name or an alias as written, then either without regard to case and punctuation; types also
 * in singular and plural. What is found several times is ambiguous, what is not found is a problem that tells the nearest name.
 */
import { ORGANIZATION_TYPE, type PermissionSet, type Product, type Role } from "@reeve/core";
import type { NamedAt } from "./described.ts";
import type { ImportProblem, ImportProblemCode, Place } from "./faults.ts";
import { sameWords, wordsOf } from "./nouns.ts";
import { nearest } from "./words-near.ts";

type Thing = { readonly id: string; readonly name: string; readonly aliases?: readonly string[] };

export class Problems {
  readonly list: ImportProblem[] = [];
  add(
    code: ImportProblemCode,
    { pointer, line, column }: Place,
    { detail, allowed }: { readonly detail: string; readonly allowed?: readonly string[] },
  ): undefined {
    this.list.push({ pointer, line, column, code, detail, ...(allowed === undefined ? {} : { allowed }) });
    return undefined;
  }
}

class Index {
  readonly #things: readonly Thing[];
  readonly #written = new Map<string, Set<string>>();
  readonly #plain = new Map<string, Set<string>>();
  readonly #ids: ReadonlySet<string>;

  constructor(things: readonly Thing[]) {
    this.#things = things;
    this.#ids = new Set(things.map(({ id }) => id));
    for (const { id, name, aliases = [] } of things) {
      for (const text of [name, ...aliases]) add(this.#written, text, id);
      for (const text of [id, name, ...aliases]) add(this.#plain, plain(text), id);
    }
  }

  find(name: string): ReadonlySet<string> {
    if (this.#ids.has(name)) return new Set([name]);
    return this.#written.get(name) ?? this.#plain.get(plain(name)) ?? new Set();
  }

  near(name: string): string | undefined {
    return nearest(name, new Set(this.#things.flatMap((thing) => [thing.name, thing.id, ...(thing.aliases ?? [])])));
  }

  get names(): readonly string[] {
    return this.#things.map(({ name }) => name);
  }
}

const plain = (text: string): string => wordsOf(text).join(" ");

function add(map: Map<string, Set<string>>, key: string, id: string): void {
  const ids = map.get(key) ?? new Set();
  map.set(key, ids.add(id));
}

export type Catalogue = { readonly product: Product; readonly sets: readonly PermissionSet[]; readonly roles: readonly Role[] };

export class Names {
  readonly #product: Product;
  readonly #roles: Index;
  readonly #sets: Index;
  readonly #problems: Problems;

  constructor({ product, sets, roles }: Catalogue, problems: Problems) {
    this.#product = product;
    this.#roles = new Index(roles.filter(({ builtIn }) => builtIn === true));
    this.#sets = new Index(sets);
    this.#problems = problems;
  }

  profile(named: NamedAt): string | undefined {
    return this.#one(this.#roles, named, { code: "unknown_profile", what: "built-in role" });
  }

  permission(named: NamedAt): string | undefined {
    return this.#one(this.#sets, named, { code: "unknown_permission", what: "permission set" });
  }

  #one(
    index: Index,
    { name, at }: NamedAt,
    { code, what }: { readonly code: ImportProblemCode; readonly what: string },
  ): string | undefined {
    const found = [...index.find(name)];
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      return this.#problems.add("ambiguous_name", at, {
        detail: `Several of ${this.#product.id} are called "${name}"; name one by its id.`,
        allowed: found,
      });
    }
    const near = index.near(name);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    const listed = index.names.length <= 64 ? { allowed: index.names } : {};
    return this.#problems.add(code, at, { detail: `${this.#product.id} has no ${what} "${name}".${hint}`, ...listed });
  }

  type({ name, at }: NamedAt): string | undefined {
    const found = typeNamed(this.#product.types, name);
    if (found !== undefined) return found;
    const types = Object.keys(this.#product.types).filter((type) => type !== ORGANIZATION_TYPE);
    const near = nearest(name, types);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    return this.#problems.add("unknown_type", at, { detail: `${this.#product.id} has no type "${name}".${hint}`, allowed: types });
  }
}

/** The type that a word names, in singular or plural. */
export function typeNamed(types: Product["types"], word: string): string | undefined {
  if (Object.hasOwn(types, word)) return word;
  const same = Object.keys(types).filter((type) => type !== ORGANIZATION_TYPE && sameWords(type, word));
  return same.length === 1 ? same[0] : undefined;
}
