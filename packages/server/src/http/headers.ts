/** What goes on every answer, problems of every kind among them. */
export function headersOf(requestId: string): Readonly<Record<string, string>> {
  return {
    "x-request-id": requestId,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  };
}
