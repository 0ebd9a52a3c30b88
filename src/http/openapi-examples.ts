/** The part of JSON Schema that examples are made from. */
export interface Schema {
  type?: string
  examples?: unknown[]
  default?: unknown
  enum?: unknown[]
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
}

/** An example that fits the schema: its own, or one put together from those of its parts. */
export function exampleOf(schema: Schema): unknown {
  const { examples, default: usual, enum: values, anyOf, items, properties } = schema
  const own = examples?.[0] ?? usual ?? values?.[0]
  if (own !== undefined) return own
  if (anyOf) return exampleOf(anyOf[0]!)
  if (items) return [exampleOf(items)]
  if (!properties) return undefined
  const parts = Object.entries(properties).map(([name, part]) => [name, exampleOf(part)] as const)
  return Object.fromEntries(parts.filter(([, example]) => example !== undefined))
}
