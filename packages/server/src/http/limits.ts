/** The bounds of HTTP itself; those of what bodies say are the model's. */
export const HTTP_LIMITS = {
  bodyBytesMax: 4 * 1_024 * 1_024,
  parameterCharactersMax: 1_024,
  /** A request must have arrived whole within this. */
  requestMs: 30_000,
  /** A connection without traffic is closed after this. */
  connectionMs: 60_000,
  keepAliveMs: 15_000,
  notReadyStatus: 503,
} as const;
