/**
 * Facts: what the conditions of one request see, each found only when a condition asks for it.
 *
 * Everything outside `properties`, `context` and `attributes` is what Reeve knows of subject and resource at this moment.
 * Invariant: facts belong to one request and one place; only the action, and the labels of one role alone, are set anew.
 */
import { compareUtf8, type JsonObject, ORGANIZATION_TYPE } from "../model/index.ts";
import type { ProductInfo } from "./catalogue.ts";
import { effectiveLabels } from "./labels.ts";
import type { Applied, Subject } from "./people.ts";
import { type Place, pairsOf, pathOfPlace } from "./place.ts";
import { ABSENT, own, type Sources, type View } from "./readers.ts";
import type { State } from "./state.ts";

export type Asked = {
  readonly state: State;
  readonly now: number;
  readonly subject: Subject;
  readonly subjectType: string;
  /** What the request sent under each of these names. */
  readonly sent: { readonly [source in Sources]?: JsonObject | undefined };
  /** The place is the target of an operation: what is not registered has no labels instead of unknown ones. */
  readonly isTarget: boolean;
  /** The product in whose name `/` is asked: of an operation its own. */
  readonly product: ProductInfo | undefined;
};

export class Facts implements View {
  readonly asked: Asked;
  readonly place: Place;
  /** The action that is asked: of an operation one after the other. */
  action: string;
  /** While a condition is evaluated for one role alone: the labels of that role. */
  roleLabels: readonly string[] | undefined;
  #labels: readonly string[] | null | typeof ABSENT | undefined;

  constructor(asked: Asked, place: Place, action: string) {
    this.asked = asked;
    this.place = place;
    this.action = action;
  }

  product(): ProductInfo | undefined {
    const { product, state } = this.asked;
    return this.place.type?.product ?? product ?? state.catalogue.organizationActions.get(this.action)?.type.product;
  }

  /** The roles that apply to the resource; outside sandboxes all roles of its product. */
  roles(): readonly number[] {
    return this.#applied().roles;
  }

  #applied(): Applied {
    const { state, subject } = this.asked;
    const product = this.product();
    const { sandbox } = this.place;
    const kept = subject.applied;
    if (kept !== undefined && kept.version === state.roles.version && kept.product === product && kept.sandbox === sandbox) return kept;
    const roles: number[] = [];
    const labels = new Set<string>();
    for (const index of subject.roles) {
      const role = state.roles.at(index);
      if (role === undefined || product === undefined || role.record.product !== product.id) continue;
      if (sandbox !== 0 && product.record.boundedBy === "sandboxes" && !role.sandboxes.has(sandbox)) continue;
      roles.push(index);
      for (const label of role.record.labels ?? []) labels.add(label);
    }
    subject.applied = { version: state.roles.version, product, sandbox, roles, labels: [...labels].sort(compareUtf8) };
    return subject.applied;
  }

  /** `resource.labels`: `ABSENT` where what was sent is no list of strings. */
  labels(): readonly string[] | null | typeof ABSENT {
    if (this.#labels === undefined) this.#labels = this.#findLabels();
    return this.#labels;
  }

  /** Labels that Reeve knows of: own and inherited ones. */
  carriedLabels(): readonly string[] {
    return this.place.kind === "collection" ? [] : effectiveLabels(this.asked.state, this.place);
  }

  #findLabels(): readonly string[] | null | typeof ABSENT {
    const sent = own(this.asked.sent["resource.properties"], "labels");
    const isSent = sent !== ABSENT;
    if (isSent && !(Array.isArray(sent) && sent.every((label) => typeof label === "string"))) return ABSENT;
    const known = this.carriedLabels();
    if (this.place.kind === "collection") return known;
    if (this.place.kind === "child") return known;
    const labels = isSent ? [...new Set([...known, ...(sent as readonly string[])])].sort(compareUtf8) : known;
    if (labels.length > 0 || isSent || this.place.registered || this.asked.isTarget) return labels;
    return null;
  }

  roleIds(): readonly string[] {
    return this.roles()
      .map((role) => this.asked.state.roles.id(role))
      .sort(compareUtf8);
  }
  heldLabels(): readonly string[] {
    return this.roleLabels ?? this.#applied().labels;
  }
  groups(): readonly string[] {
    return this.asked.subject.groups.map((group) => this.asked.state.people.names.text(group)).sort(compareUtf8);
  }
  get now(): number {
    return this.asked.now;
  }
  subjectType(): string {
    return this.asked.subjectType;
  }
  subjectId(): string {
    return this.asked.state.people.names.text(this.asked.subject.principal);
  }
  resourceType(): string {
    return this.place.type?.name ?? ORGANIZATION_TYPE;
  }
  resourcePath(): string | null {
    return this.place.kind === "child" ? null : pathOfPlace(this.asked.state, this.place);
  }
  sent(source: Sources): JsonObject | undefined {
    return this.asked.sent[source];
  }
  stored(source: Sources): JsonObject | undefined {
    const { state, subject } = this.asked;
    if (source === "subject.properties") return state.people.extras.get(subject.principal)?.properties;
    if (source === "resource.properties" && this.place.node !== 0) return state.resources.get(this.place.node)?.properties;
    return undefined;
  }
  resourceId(): string | null {
    if (this.place.kind !== "resource") return null;
    const pairs = pairsOf(this.asked.state, this.place);
    return pairs.length === 0 ? "/" : (pairs[pairs.length - 1] as { id: string }).id;
  }
  sandbox(): string | null {
    return this.place.sandbox === 0 ? null : this.asked.state.tree.id(this.place.sandbox);
  }
  owner(): string | null {
    const { state } = this.asked;
    const owner = this.place.node === 0 ? 0 : state.tree.owner(this.place.node);
    return owner === 0 ? null : state.people.names.text(owner);
  }
  resourceState(): string | null {
    return (this.place.node === 0 ? undefined : this.asked.state.resources.get(this.place.node)?.state) ?? null;
  }
}
