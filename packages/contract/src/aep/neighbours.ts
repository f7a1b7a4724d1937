/** The table of the services beside access control that a client of it calls: labels of the policy service, and sandboxes. */
import {
  AEP_LABELS_BASE,
  AEP_SANDBOXES_BASE,
  AepLabel,
  AepLabelBody,
  AepLabelPage,
  AepNewSandbox,
  AepSandbox,
  AepSandboxBody,
  AepSandboxPage,
} from "./neighbour-shapes.ts";
import type { AepRoute } from "./route.ts";

const CORE = "/labels/core";
const CUSTOM = "/labels/custom";
const SANDBOXES = "/sandboxes";
const SANDBOX = `${SANDBOXES}/{sandboxName}`;

const labels = { base: AEP_LABELS_BASE, tag: "Labels", for: "self" } as const;
const sandboxes = { base: AEP_SANDBOXES_BASE, tag: "Sandboxes", for: "self" } as const;
const list = { method: "GET", isCollection: true } as const;
const write = { for: "holders", writes: true, hasEtag: true } as const;

export const NEIGHBOUR_ROUTES = {
  listCoreLabels: {
    ...labels,
    ...list,
    id: "listCoreLabels",
    path: CORE,
    summary: "List core labels.",
    pagedBy: "start",
    answer: AepLabelPage,
  },
  getCoreLabel: {
    ...labels,
    id: "getCoreLabel",
    method: "GET",
    path: `${CORE}/{coreLabelName}`,
    summary: "Read a core label.",
    hasEtag: true,
    answer: AepLabel,
  },
  listCustomLabels: {
    ...labels,
    ...list,
    id: "listCustomLabels",
    path: CUSTOM,
    summary: "List custom labels.",
    pagedBy: "start",
    answer: AepLabelPage,
  },
  getCustomLabel: {
    ...labels,
    id: "getCustomLabel",
    method: "GET",
    path: `${CUSTOM}/{labelName}`,
    summary: "Read a custom label.",
    hasEtag: true,
    answer: AepLabel,
  },
  putCustomLabel: {
    ...labels,
    ...write,
    id: "putCustomLabel",
    method: "PUT",
    path: `${CUSTOM}/{labelName}`,
    summary: "Make a custom label, or change all of it but its name.",
    mayMake: true,
    body: AepLabelBody,
    answer: AepLabel,
  },
  listSandboxes: {
    ...sandboxes,
    ...list,
    id: "listSandboxes",
    path: SANDBOXES,
    summary: "List the sandboxes that the caller may see.",
    pagedBy: "offset",
    answer: AepSandboxPage,
  },
  createSandbox: {
    ...sandboxes,
    ...write,
    id: "createSandbox",
    method: "POST",
    path: SANDBOXES,
    summary: "Make a sandbox.",
    isCollection: true,
    body: AepNewSandbox,
    answer: AepSandbox,
  },
  getSandbox: {
    ...sandboxes,
    id: "getSandbox",
    method: "GET",
    path: SANDBOX,
    summary: "Read a sandbox.",
    hasEtag: true,
    answer: AepSandbox,
  },
  patchSandbox: {
    ...sandboxes,
    ...write,
    id: "patchSandbox",
    method: "PATCH",
    path: SANDBOX,
    summary: "Give a sandbox another title.",
    body: AepSandboxBody,
    answer: AepSandbox,
  },
  deleteSandbox: {
    ...sandboxes,
    ...write,
    id: "deleteSandbox",
    method: "DELETE",
    path: SANDBOX,
    summary: "Delete a sandbox with everything in it.",
    answer: AepSandbox,
  },
} as const satisfies Record<string, AepRoute>;
