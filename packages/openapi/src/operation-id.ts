/**
 * Ids of operations that an import adds: readable, and the same whenever the same document is imported.
 *
 * The operationId is taken where it is the only one and free; else method and path are. An operation that stands keeps its id.
 * Invariant: ids given by one `giveIds` differ from each other and from those that stand.
 */
import { isPlainId } from "./extension-values.ts";

export type Nameless = { readonly method: string; readonly path: string; readonly operationId?: string };

export function giveIds(operations: readonly Nameless[], standing: Iterable<string>): readonly string[] {
  const taken = new Set(standing);
  const wanted = operations.map(({ operationId }) => (operationId === undefined ? "" : slug(operationId)));
  const uses = new Map<string, number>();
  for (const id of wanted) uses.set(id, (uses.get(id) ?? 0) + 1);
  // Names that nobody else wants go first, so that an id made of method and path never takes one away.
  const given = wanted.map((id) => (id !== "" && isPlainId(id) && uses.get(id) === 1 && !taken.has(id) ? id : undefined));
  for (const id of given) if (id !== undefined) taken.add(id);
  return operations.map((operation, index) => given[index] ?? placeId(operation, taken));
}

const slug = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9._@:-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 128);

function placeId({ method, path }: Nameless, taken: Set<string>): string {
  const text = `${method} ${path}`;
  const readable = slug(text.replaceAll(/[{}]/g, ""));
  const short = readable.length <= 100 ? readable : `${readable.slice(0, 100)}-${hash(text)}`;
  let id = short;
  for (let more = 2; taken.has(id); more++) id = `${short}-${hash(text)}${more > 2 ? `-${more}` : ""}`;
  taken.add(id);
  return id;
}

/** FNV-1a of 32 bits: to tell long names apart, not to hide anything. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}
