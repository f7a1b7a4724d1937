/**
 * Facts: what the conditions of one request see, each found only when a condition asks for it.
 *
 * Everything outside `properties`, `context` and `attributes` is what Reeve knows of subject and resource at this moment.
 * Invariant: facts belong to one request and one place; only the labels of one role alone are set anew.
 */
import { compareUtf8, type JsonObject, ORGANIZATION_TYPE } from "../../model/index.ts";
import { type Place, pairsOf, pathOfPlace } from "../decide/place.ts";
import type { ProductInfo } from "../state/catalogue.ts";
import { effectiveLabels } from "../state/labels.ts";
import type { Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { ABSENT, own, type Sources, type View } from "./readers.ts";

/** What a request says of itself, under the names of conditions. */
type Sent = { readonly properties?: JsonObject };
export type Asked = {
  readonly state: State;
  readonly now: number;
  readonly subject: Subject;
  readonly request: {
    readonly principal: Sent & { readonly type: string };
    readonly action?: Sent;
    readonly resource?: Sent;
    readonly context?: JsonObject;
    readonly attributes?: JsonObject;
  };
  /** The place is the target of an operation: what is not registered has no labels instead of unknown ones. */
  readonly isTarget?: boolean;
  /** Of an operation: the product in whose name `/` is asked. */
  readonly product?: ProductInfo;
};

export class Facts implements View {
  /** Tells these facts from all others without keeping them: what remembers it remembers nothing of the request. */
  readonly mark = {};
  readonly asked: Asked;
  readonly place: Place;
  readonly action: string;
  /** While a condition is evaluated for one role alone: the labels of that role. */
  roleLabels: readonly string[] | undefined;
  #roles: readonly number[] | undefined;
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
    if (this.#roles === undefined) this.#roles = this.#findRoles();
    return this.#roles;
  }

  #findRoles(): readonly number[] {
    const { state, subject } = this.asked;
    const product = this.product();
    const { sandbox } = this.place;
    const roles: number[] = [];
    for (const index of subject.roles) {
      const role = state.roles.at(index);
      if (role === undefined || product === undefined || role.record.product !== product.id) continue;
      if (sandbox !== 0 && product.isBoundedBySandboxes && !role.sandboxes.has(sandbox)) continue;
      roles.push(index);
    }
    return roles;
  }

  /** Whether one of `among`, roles as bits, is one that applies: without collecting these. */
  #applies(among: Int32Array): boolean {
    const { state, subject } = this.asked;
    const product = this.product();
    if (product === undefined) return false;
    const { sandbox } = this.place;
    const here = sandbox !== 0 && product.isBoundedBySandboxes ? state.roles.inSandbox.of(sandbox) : among;
    const { words, rolesAt, end } = subject;
    for (let i = rolesAt; i < end; i += 2) {
      const word = words[i] as number;
      if (word >= among.length || word >= here.length) break;
      let bits = (words[i + 1] as number) & (among[word] as number) & (here[word] as number);
      for (; bits !== 0; bits &= bits - 1) {
        const role = (word << 5) | (31 - Math.clz32(bits & -bits));
        if (state.roles.at(role)?.record.product === product.id) return true;
      }
    }
    return false;
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
    const sent = own(this.asked.request.resource?.properties, "labels");
    const isSent = sent !== ABSENT;
    if (isSent && !(Array.isArray(sent) && sent.every((label) => typeof label === "string"))) return ABSENT;
    const known = this.carriedLabels();
    if (this.place.kind === "collection") return known;
    if (this.place.kind === "child") return known;
    const labels = isSent ? [...new Set([...known, ...(sent as readonly string[])])].sort(compareUtf8) : known;
    if (labels.length > 0 || isSent || this.place.registered || this.asked.isTarget === true) return labels;
    return null;
  }

  roleIds(): readonly string[] {
    return this.roles()
      .map((role) => this.asked.state.roles.id(role))
      .sort(compareUtf8);
  }
  heldLabels(): readonly string[] {
    if (this.roleLabels !== undefined) return this.roleLabels;
    const labels = new Set<string>();
    for (const role of this.roles()) for (const label of this.asked.state.roles.at(role)?.record.labels ?? []) labels.add(label);
    return [...labels].sort(compareUtf8);
  }
  holdsLabel(label: string): boolean {
    return this.roleLabels === undefined ? this.#applies(this.asked.state.roles.withLabel.of(label)) : this.roleLabels.includes(label);
  }
  groups(): readonly string[] {
    return this.asked.subject.groups.map((group) => this.asked.state.people.names.text(group)).sort(compareUtf8);
  }
  get now(): number {
    return this.asked.now;
  }
  subjectType(): string {
    return this.asked.request.principal.type;
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
    const { request } = this.asked;
    switch (source) {
      case "context":
        return request.context;
      case "attributes":
        return request.attributes;
      case "subject.properties":
        return request.principal.properties;
      case "action.properties":
        return request.action?.properties;
      case "resource.properties":
        return request.resource?.properties;
    }
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
