/**
 * Every bound of reading a document. Words: `Max` ends a bound that is inclusive; units stand before it.
 * Invariant: a document within these bounds is read in memory and time proportional to its length, however it is built.
 */
export const DOCUMENT_LIMITS = {
  /** UTF-16 units of a document in JSON. The largest public documents have about 15 million. */
  jsonCharactersMax: 67_108_864,
  /** The same in YAML, whose syntax tree takes some seventy times the text. */
  yamlCharactersMax: 16_777_216,
  /** Line ends, commas, colons, dashes and brackets that may make values of YAML, each of which takes a kilobyte while it is read. */
  yamlMarksMax: 1_000_000,
  /** Objects and lists in one another. */
  depthMax: 200,
  /** Values of a document, each counted as often as aliases repeat it. */
  valuesMax: 4_000_000,
  operationsMax: 10_000,
  /** `$ref`s that lead to one another before something is reached. */
  referencesMax: 64,
  /** Faults told of one document; one more says that there are others. Notes likewise. */
  faultsMax: 1_000,
  /** Names that a rule of one operation may hold. */
  namesMax: 64,
} as const;
