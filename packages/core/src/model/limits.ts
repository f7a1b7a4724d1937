/**
 * Every list, loop, depth and body of the model has its bound here and nowhere else.
 * Words: `Max` ends a bound that is inclusive; units stand before it (`Bytes`, `Ms`).
 * Invariant: a record that the parsers admitted keeps all of these, so that the engine never meets a larger one.
 */
export const LIMITS = {
  /** Characters (Unicode code points) of an id, of a collection name, of an action name. */
  idCharactersMax: 128,
  nameCharactersMax: 256,
  textCharactersMax: 2_048,
  aliasesMax: 32,
  /** Pairs of (collection, id) in a resource path. */
  pathPairsMax: 16,
  pathCharactersMax: 4_096,
  /** Groups in groups, counted in memberships from a principal to the outermost group. */
  groupDepthMax: 16,
  linkDepthMax: 16,
  labelsMax: 256,
  propertiesBytesMax: 16_384,
  /** A policy in the words of a foreign surface. */
  writtenBytesMax: 262_144,
  jsonDepthMax: 16,
  contextBytesMax: 65_536,
  conditionDepthMax: 32,
  conditionNodesMax: 1_024,
  rulesMax: 256,
  actionsMax: 256,
  permissionSetPairsMax: 512,
  roleSetsMax: 1_024,
  scopeItemsMax: 10_000,
  sandboxesMax: 10_000,
  tenantIdsMax: 1_024,
  typesMax: 1_024,
  settingsMax: 256,
  alternativesMax: 64,
  furtherTargetsMax: 16,
  waysMax: 16,
  documentOperationsMax: 10_000,
  /** Of each kind that a deleted resource takes with it. */
  binnedMax: 10_000,
  changesMax: 1_000,
  batchMax: 1_000,
  /** The request line's path and query, in characters. */
  targetCharactersMax: 16_384,
  pathSegmentsMax: 64,
  timeMsMax: 8_640_000_000_000_000,
} as const;
