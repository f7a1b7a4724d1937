/**
 * Who may what with an asset, written down once more as naively as it can be: the sheet's own evaluator of API Management, by bits, owners
 * and the one setting, over a tree of plain objects. It shares nothing with the engine or with the evaluator of the model.
 */
export type Bit = "R" | "W" | "X";
export type Scope = "SELF" | "SUBTREE" | "CHILDREN";
export type Entry = { readonly principal: string; readonly perms: readonly Bit[]; readonly scope: Scope };
export type Node = {
  readonly path: string;
  readonly kind: "space" | "api" | "version";
  readonly parent: Node | null;
  owner: string | null;
  readonly entries: Entry[];
};
/** `groups`: system groups included. */
export type Actor = { readonly id: string; readonly groups: ReadonlySet<string> };

/** The actions that there are at a level, of those that the sheet's tables have. */
export const LEVEL_ACTIONS: Readonly<Record<Node["kind"], readonly string[]>> = {
  space: ["view", "view_permissions", "edit_details", "create_api", "edit_permissions"],
  api: ["view", "view_permissions", "call", "edit_details", "create_version", "edit_permissions", "delete", "transfer_ownership"],
  version: ["view", "view_permissions", "call", "edit_details", "publish", "retire", "edit_permissions", "delete", "transfer_ownership"],
};

const above = (node: Node): readonly Node[] => (node.parent === null ? [node] : [node, ...above(node.parent)]);

function bitsOf(actor: Actor, node: Node): ReadonlySet<Bit> {
  const bits = new Set<Bit>();
  for (const at of above(node))
    for (const { principal, perms, scope } of at.entries) {
      const isHis = principal === actor.id || actor.groups.has(principal);
      if (isHis && (at === node ? scope !== "CHILDREN" : scope !== "SELF")) for (const bit of perms) bits.add(bit);
    }
  return bits;
}

const owns = (actor: Actor, node: Node): boolean => above(node).some((at) => at.owner === actor.id && (at === node || at.kind === "api"));

export function can(actor: Actor, action: string, { node, setting }: { readonly node: Node; readonly setting: boolean }): boolean {
  if (!LEVEL_ACTIONS[node.kind].includes(action)) return false;
  if (actor.groups.has("admins")) return true;
  const [own, bits] = [owns(actor, node), bitsOf(actor, node)];
  const isFull = own || (bits.has("R") && bits.has("W") && bits.has("X"));
  switch (action) {
    case "view":
    case "view_permissions":
      return own || bits.has("R");
    case "call":
      return own || bits.has("X");
    case "edit_details":
      return node.kind !== "space" && (own || bits.has("W"));
    case "create_api":
      return bits.has("W");
    case "create_version":
      return own || bits.has("W");
    case "publish":
      return setting && isFull;
    case "edit_permissions":
      return node.kind !== "space" && (own || (setting && isFull));
    case "delete":
      return isFull;
    case "transfer_ownership":
      return own;
    default:
      return false;
  }
}
