/** The door of assets. */
export { type Assets, createAssets } from "./assets.ts";
export { AssetRefused } from "./refusal.ts";
