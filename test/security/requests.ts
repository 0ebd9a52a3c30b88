import type { InjectOptions } from 'fastify'
import document from '../../openapi.json' with { type: 'json' }

export type Place = 'json' | 'form' | 'query' | 'path' | 'header'

/** What a hostile value is derived from. */
export interface Schema {
  properties?: Record<string, Schema>
  anyOf?: Schema[]
  enum?: string[]
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
}

interface Media {
  schema: Schema
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

interface Described {
  operationId: string
  security: object[]
  parameters?: { name: string; in: Place; schema: Schema }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}

export interface Field {
  place: Place
  name: string
  schema: Schema
}

/** One operation as it is asked in one type of body. */
export interface Operation {
  id: string
  name: string
  method: 'GET'
  path: string
  type: string | undefined
  /** Who has to be signed in; a public one is asked with and without. */
  door: 'anybody' | 'user' | 'administrator'
  fields: Field[]
  example: Record<string, unknown> | undefined
  responses: Described['responses']
}

/** A field with a hostile value, written as its place wants it. */
export interface Change extends Field {
  value: string
}

/** All operations of the document, those that take two types of body twice. */
export const operations: Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as unknown as Record<string, Described>).flatMap(([method, described]) => {
    const medias = Object.entries(described.requestBody?.content ?? {})
    if (medias.length === 0) return [operationOf(path, method, described)]
    return medias.map((media) => operationOf(path, method, described, media))
  }),
)

function operationOf(
  path: string,
  method: string,
  { operationId, security, parameters = [], responses }: Described,
  [type, media]: [string, Media] | [] = [],
): Operation {
  const place = type?.includes('json') ? ('json' as const) : ('form' as const)
  const [first] = Object.values(media?.examples ?? {})
  const closed = security.length > 0 && security.every((one) => Object.keys(one).length > 0)
  return {
    id: operationId,
    name: [operationId, type].filter(Boolean).join(' '),
    method: method.toUpperCase() as 'GET',
    path,
    type,
    door: closed ? (path.startsWith('/api/v1/admin') ? 'administrator' : 'user') : 'anybody',
    fields: [
      ...parameters.map(({ in: place, name, schema }) => ({ place, name, schema })),
      ...Object.entries(media?.schema.properties ?? {}).map(([name, schema]) => {
        return { place, name, schema }
      }),
    ],
    example: media && ((media.example ?? first?.value ?? {}) as Record<string, unknown>),
    responses,
  }
}

/** What a request that is in order says: the parts of its path, its query and its body. */
export interface Valid {
  path: Record<string, string>
  query?: Record<string, string>
  body?: Record<string, unknown>
}

/** The valid request of an operation with some fields made hostile. */
export function requestOf(operation: Operation, valid: Valid, changes: Change[]): InjectOptions {
  const at = (place: Place) => changes.filter((change) => change.place === place)
  const parts = new Map(at('path').map(({ name, value }) => [name, value]))
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    return parts.get(name) ?? encodeURIComponent(valid.path[name]!)
  })
  const query = pairs(valid.query ?? {}, at('query'))
  const url = query ? `${path}?${query}` : path
  const headers: Record<string, string> = {}
  for (const { name, value } of at('header')) headers[name.toLowerCase()] = value
  if (!operation.type) return { method: operation.method, url, headers }
  headers['content-type'] = operation.type
  const body = valid.body ?? operation.example ?? {}
  const payload = operation.type.includes('json') ? json(body, at('json')) : pairs(body, at('form'))
  return { method: operation.method, url, headers, payload }
}

function pairs(valid: object, changes: Change[]): string {
  const changed = new Set(changes.map(({ name }) => name))
  const kept = Object.entries(valid).filter(([name]) => !changed.has(name))
  return [
    ...kept.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`),
    ...changes.map(({ name, value }) => `${name}=${value.replaceAll('NAME', name)}`),
  ].join('&')
}

function json(valid: object, changes: Change[]): string {
  const changed = new Set(changes.map(({ name }) => name))
  const kept = Object.entries(valid).filter(([name]) => !changed.has(name))
  return `{${[
    ...kept.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
    ...changes.map(({ name, value }) => `${JSON.stringify(name)}:${value}`),
  ].join(',')}}`
}
