/** The door of assets. */
export { type Assets, createAssets, type Proposal } from "./assets.ts";
export { API_MANAGEMENT } from "./node.ts";
export { type Access, accessOf, reachesOf } from "./permissions.ts";
export { AssetRefused } from "./refusal.ts";
export { doesNotFit } from "./relocation.ts";
