import { readFile } from 'node:fs/promises'

interface Schema {
  $ref?: string
  type?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
}

interface Operation {
  operationId: string
  summary: string
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

/**
 * Writes the portal's client from the OpenAPI document: a type for each schema, a function for each operation.
 * The known generators need the programming interface of TypeScript's compiler, which TypeScript 7 has not.
 */
export async function writeClient(documentFile: string | URL): Promise<string> {
  const document = JSON.parse(await readFile(documentFile, 'utf8'))
  const schemas = Object.entries<Schema>(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)}`,
  )
  const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => writeOperation(method, path, operation)),
  )
  return [
    '// Written by portal/build/client.ts from openapi.json.',
    "import { operation } from './operation.ts'",
    ...schemas,
    ...operations,
    '',
  ].join('\n\n')
}

function writeOperation(method: string, path: string, operation: Operation): string {
  const { operationId, summary } = operation
  const input = inputOf(operation)
  const [answer, kind] = answerOf(operation)
  const parameters = [method.toUpperCase(), path, ...(kind ? [kind] : [])]
  const values = parameters.map((one) => `'${one}'`).join(', ')
  return `/** ${summary}. */\nexport const ${operationId} = /*#__PURE__*/ operation<${input}, ${answer}>(${values})`
}

function inputOf({ parameters = [], requestBody }: Operation): string {
  const parts = ['path', 'query'].flatMap((place) => {
    const here = parameters.filter((parameter) => parameter.in === place)
    if (here.length === 0) return []
    const optional = here.every(isOptional) ? '?' : ''
    const members = here.map((one) =>
      member(one.name, isOptional(one), typeOf({ ...one.schema, default: undefined })),
    )
    return [`${place}${optional}: { ${members.join('; ')} }`]
  })
  const body = requestBody?.content['application/json']?.schema
  if (body) parts.push(`body: ${typeOf(body)}`)
  return parts.length > 0 ? `{ ${parts.join('; ')} }` : 'void'
}

const isOptional = ({ required, schema }: { required?: boolean; schema: Schema }) =>
  !required || schema.default !== undefined

function answerOf({ responses }: Operation): [type: string, kind?: 'blob'] {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? []
  const content = success?.content
  if (!content) return ['void']
  const json = content['application/json']?.schema
  return json ? [typeOf(json)] : ['Blob', 'blob']
}

function typeOf(schema: Schema): string {
  const { $ref, anyOf, oneOf, allOf, properties } = schema
  if ($ref) return $ref.split('/').at(-1)!
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  // An object with alternatives of what is required: its members say enough.
  const choices = properties ? undefined : (anyOf ?? oneOf)
  if (choices) return choices.map((one) => typeOf(one)).join(' | ')
  if (allOf) return allOf.map((one) => `(${typeOf(one)})`).join(' & ')
  if (schema.type === 'array') return `(${schema.items ? typeOf(schema.items) : 'unknown'})[]`
  if (schema.type === 'object') return objectOf(schema)
  return PRIMITIVES[schema.type ?? ''] ?? 'unknown'
}

const PRIMITIVES: Record<string, string> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
}

function objectOf({ properties, required = [], additionalProperties }: Schema): string {
  if (!properties) {
    const value =
      typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'
    return `Record<string, ${value}>`
  }
  const members = Object.entries(properties).map(([name, schema]) =>
    member(name, !required.includes(name), typeOf(schema)),
  )
  return `{ ${members.join('; ')} }`
}

const member = (name: string, optional: boolean, type: string) =>
  `${JSON.stringify(name)}${optional ? '?' : ''}: ${type}${optional ? ' | undefined' : ''}`
