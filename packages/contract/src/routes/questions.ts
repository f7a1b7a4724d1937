/** Questions: everything that the model's §5 answers, but what needs recent decisions. */
import { Type } from "typebox";
import {
  EffectiveAnswer,
  EffectiveRequest,
  HeldAnswer,
  HeldRequest,
  ListActionsRequest,
  ListAnswer,
  ListPrincipalsRequest,
  ListResourcesRequest,
  ListRolesRequest,
} from "../listing.ts";
import { BatchAnswer, BatchRequest, CheckRequest, DecisionAnswer, ExplainAnswer, OperationCheckRequest } from "../questions.ts";
import { json, type Route } from "../route.ts";

const question = { method: "POST", tag: "Questions", needs: "decide", revision: "read" } as const;

export const QUESTION_ROUTES = {
  check: {
    ...question,
    id: "check",
    path: "/v1/orgs/{org}/check",
    summary: "May this subject do this to this resource?",
    isHot: true,
    body: CheckRequest,
    answer: json(DecisionAnswer),
  },
  checkBatch: {
    ...question,
    id: "checkBatch",
    path: "/v1/orgs/{org}/check/batch",
    summary: "The same for up to 1,000 requests at one revision.",
    isHot: true,
    body: BatchRequest,
    answer: json(BatchAnswer),
    problems: ["too_many_items"],
  },
  checkOperation: {
    ...question,
    id: "checkOperation",
    path: "/v1/orgs/{org}/operations/check",
    summary: "May this subject call this operation of an API?",
    isHot: true,
    body: OperationCheckRequest,
    answer: json(DecisionAnswer),
  },
  explain: {
    ...question,
    id: "explain",
    path: "/v1/orgs/{org}/explain",
    summary: "The decision, every source that was tried, what was needed and what was found.",
    body: Type.Union([CheckRequest, OperationCheckRequest]),
    answer: json(ExplainAnswer),
  },
  listResources: {
    ...question,
    id: "listResources",
    path: "/v1/orgs/{org}/list/resources",
    summary: "The registered resources of a type on which check allows this subject this action.",
    body: ListResourcesRequest,
    answer: json(ListAnswer),
  },
  listPrincipals: {
    ...question,
    id: "listPrincipals",
    path: "/v1/orgs/{org}/list/principals",
    summary: "The active principals of a kind to whom check allows this action on this resource, or this operation.",
    body: ListPrincipalsRequest,
    answer: json(ListAnswer),
  },
  listActions: {
    ...question,
    id: "listActions",
    path: "/v1/orgs/{org}/list/actions",
    summary: "The actions that check allows this subject on this resource.",
    body: ListActionsRequest,
    answer: json(ListAnswer),
  },
  listRoles: {
    ...question,
    id: "listRoles",
    path: "/v1/orgs/{org}/list/roles",
    summary: "Roles by what they hold.",
    body: ListRolesRequest,
    answer: json(ListAnswer),
  },
  held: {
    ...question,
    id: "held",
    path: "/v1/orgs/{org}/held",
    summary: "The permission sets that a subject's roles give at a place.",
    body: HeldRequest,
    answer: json(HeldAnswer),
  },
  effective: {
    ...question,
    id: "effective",
    path: "/v1/orgs/{org}/effective",
    summary: "Every registered resource and collection with the actions that check allows, and the source of each.",
    body: EffectiveRequest,
    answer: json(EffectiveAnswer),
  },
} as const satisfies Record<string, Route>;
