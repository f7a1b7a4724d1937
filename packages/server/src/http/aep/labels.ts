/**
 * Labels, as the policy service has them: core labels come with the catalogue, custom ones the organization makes.
 *
 * The name is the label's id without `core/` or `custom/`; the friendly name is the record's name.
 * Invariant: a label is never renamed and never deleted: there is no such route.
 */
import { AEP_LABELS_BASE, AEP_ROUTES, type AepLabel, type AepLabelBody, type AepLabelPage } from "@reeve/contract";
import { findRecord, type Label } from "@reeve/core";
import { type Validator, validator } from "../validate.ts";
import { type AepExchange, paramOf } from "./exchange.ts";
import { linksOf, linkTo, listed, pageAsked, pageTold } from "./pages.ts";
import { wrong } from "./patch.ts";
import { faulty } from "./refusals.ts";
import { type AepWriting, audited, bodyIn, described, type Placing, parsed, type Standing, standing, standings, write } from "./writing.ts";

type Sort = "core" | "custom";

const validateBody: Validator<AepLabelBody> = validator(AEP_ROUTES.putCustomLabel.body);
const CUSTOM = "Custom";
/** The sandbox in which labels are kept. */
const KEPT_IN = "prod";

export const listCoreLabels = (options: AepWriting, exchange: AepExchange): Promise<AepLabelPage> => list(options, exchange, "core");
export const listCustomLabels = (options: AepWriting, exchange: AepExchange): Promise<AepLabelPage> => list(options, exchange, "custom");
export const getCoreLabel = (options: AepWriting, exchange: AepExchange): Promise<AepLabel> =>
  read(options, exchange, `core/${paramOf(exchange, "coreLabelName")}`);
export const getCustomLabel = (options: AepWriting, exchange: AepExchange): Promise<AepLabel> =>
  read(options, exchange, `custom/${paramOf(exchange, "labelName")}`);

async function list(options: AepWriting, exchange: AepExchange, sort: Sort): Promise<AepLabelPage> {
  const { objects } = options;
  const asked = pageAsked(exchange, ["name"], { orders: ["name"] });
  const nameOf = ([id = ""]: readonly string[]) => (sortOf(id) === sort ? nameIn(id) : undefined);
  const page = await listed({ objects, organization: exchange.organization, kind: "label", filter: {}, nameOf }, asked);
  const found = await standings(options, exchange, { kind: "label", found: page.objects });
  const children = found.map((one) => labelOf(one, exchange));
  return { _page: pageTold(asked, page), _links: linksOf(hrefOf(sort), asked, page.next), children };
}

async function read(options: AepWriting, exchange: AepExchange, id: string): Promise<AepLabel> {
  return labelOf(await standing(options, exchange, { kind: "label", id }), exchange);
}

const CREATED = 201;

export async function putCustomLabel(options: AepWriting, exchange: AepExchange): Promise<AepLabel> {
  const name = paramOf(exchange, "labelName");
  const id = `custom/${name}`;
  const value = labelIn(exchange, name);
  let isMade = false;
  await write(options, exchange, {
    action: "labels.put",
    of: { kind: "label", key: [id] },
    make: (plan) => {
      isMade = findRecord(plan, "label", [id]) === undefined;
      return [{ put: { kind: "label", value } }];
    },
    lacking: "Who asks has no permission to manage usage labels in prod, and does not administer the organization.",
    place: placed,
  });
  if (isMade) exchange.reply.status(CREATED);
  return read(options, exchange, id);
}

/** The body, as a label of this name. Throws with every fault. */
function labelIn(exchange: AepExchange, name: string): Label {
  const { name: said = name, friendlyName, category = CUSTOM, description } = bodyIn(validateBody, exchange);
  if (said !== name) throw faulty([wrong("/name", `The path of the request names ${name}, and a label is never renamed.`)]);
  const named = friendlyName === undefined ? {} : { name: friendlyName };
  return parsed("label", { id: `custom/${name}`, category, ...named, ...described(description) }, placed);
}

const placed: Placing = (pointer) => pointer.replace(/^\/name/, "/friendlyName").replace(/^\/id/, "/name");

/** A label that is neither is the organization's own, natively, and no client of this surface could name it. */
const sortOf = (id: string): Sort | undefined => (id.startsWith("core/") ? "core" : id.startsWith("custom/") ? "custom" : undefined);
const nameIn = (id: string): string => id.slice(id.indexOf("/") + 1);
const hrefOf = (sort: Sort): string => `${AEP_LABELS_BASE}/labels/${sort}`;

function labelOf({ value, origin }: Standing<"label">, { asked }: AepExchange): AepLabel {
  const name = nameIn(value.id);
  const { createdAt, createdBy, modifiedAt, modifiedBy } = audited(origin);
  return {
    name,
    category: value.category ?? CUSTOM,
    friendlyName: value.name ?? name,
    description: value.description ?? "",
    imsOrg: asked,
    sandboxName: KEPT_IN,
    created: createdAt,
    createdClient: "",
    createdUser: createdBy,
    updated: modifiedAt,
    updatedClient: "",
    updatedUser: modifiedBy,
    _links: { self: linkTo(`${hrefOf(sortOf(value.id) ?? "custom")}/${encodeURIComponent(name)}`) },
  };
}
