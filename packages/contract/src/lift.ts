/** Schemas as OpenAPI documents have them. */

/** A copy of a schema in which every titled schema is a reference to a component. */
export function lift(schema: unknown, components: Record<string, unknown>, isTop = true): unknown {
  if (Array.isArray(schema)) return schema.map((item) => lift(item, components));
  if (typeof schema !== "object" || schema === null) return schema;
  const title = (schema as { title?: unknown }).title;
  if (isTop && typeof title === "string") {
    components[title] ??= lift(schema, components, false);
    return { $ref: `#/components/schemas/${title}` };
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, lift(value, components)]));
}
