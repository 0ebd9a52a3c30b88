import { isDeepStrictEqual } from 'node:util'
import { answerHeaders, HEADERS } from './openapi-headers.ts'
import { errorAnswers, errorExamples, ERROR_SCHEMAS } from './openapi-errors.ts'
import { exampleOf, type Schema } from './openapi-examples.ts'
import type { Declared } from './operation.ts'

interface Media {
  schema: Schema
  example?: unknown
  examples?: object
}

interface Answer {
  description: string
  headers?: object
  content?: Record<string, Media>
}

interface Parameter {
  schema: Schema
  example?: unknown
}

interface Operation {
  operationId: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Answer>
}

export interface Document {
  components: { schemas: Record<string, Schema> } & Record<string, object>
  paths: Record<string, Record<string, Operation>>
}

const NAME = 'x-name'

/** A copy of a route's schema in which each part with an `$id` is marked to become a component. */
export function markNames<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$id":', `"${NAME}":`)) as T
}

/**
 * Adds to each operation the answers of the codes that it declares, examples and headers, and moves
 * named schemas into the components.
 */
export function completeDocument(document: Document, declared: Map<string, Declared>): Document {
  for (const operation of operationsOf(document)) {
    const { errors, oauth, limited } = declared.get(operation.operationId)!
    const once = errors.includes('idempotency_in_progress')
    fillExamples(operation)
    operation.responses = { ...operation.responses, ...errorAnswers(errors, oauth) }
    for (const [status, answer] of Object.entries(operation.responses)) {
      const schema = answer.content?.['application/json']?.schema
      answer.headers = answerHeaders(status, schema, { oauth, limited, once })
    }
  }
  const schemas: Record<string, Schema> = {}
  const paths = moveNamed(document.paths, schemas)
  const { securitySchemes } = document.components
  return {
    ...document,
    components: {
      securitySchemes: securitySchemes!,
      schemas: sorted({ ...schemas, ...ERROR_SCHEMAS }),
      headers: HEADERS,
      examples: sorted(errorExamples([...declared.values()])),
    },
    paths,
  }
}

const operationsOf = ({ paths }: Document) => Object.values(paths).flatMap(Object.values<Operation>)

function fillExamples({ parameters = [], requestBody, responses }: Operation): void {
  const answers = Object.values(responses).flatMap(({ content = {} }) => Object.values(content))
  const medias = [...Object.values(requestBody?.content ?? {}), ...answers]
  for (const part of [...parameters, ...medias]) {
    if ('examples' in part || 'example' in part) continue
    const example = exampleOf(part.schema)
    if (example !== undefined) part.example = example
  }
}

function moveNamed<T>(value: T, schemas: Record<string, Schema>): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => moveNamed(item, schemas)) as T
  const moved = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, moveNamed(part, schemas)]),
  )
  const { [NAME]: name, ...schema } = moved
  if (typeof name !== 'string') return moved as T
  if (!isDeepStrictEqual(schemas[name] ?? schema, schema)) {
    throw new Error(`Two different schemas are named ${name}`)
  }
  schemas[name] = schema
  return { $ref: `#/components/schemas/${name}` } as T
}

const sorted = <T extends object>(parts: T): T =>
  Object.fromEntries(Object.entries(parts).toSorted(([a], [b]) => (a < b ? -1 : 1))) as T
