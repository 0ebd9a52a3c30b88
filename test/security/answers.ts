import type { LightMyRequestResponse } from 'fastify'
import { validatorOf } from '../support/document.ts'
import type { Change, Operation } from './requests.ts'

/** Whether a value is one that the schema lets through. */
export const fits = (schema: object, value: unknown): boolean => validatorOf(schema)(value)

/** What is wrong with an answer by the document: undefined when it is what was promised. */
export function faultOf(
  response: LightMyRequestResponse,
  operation: Operation,
  changes: Change[],
): string | undefined {
  const { statusCode: status } = response
  if (status >= 500) return `${status} ${response.body.slice(0, 300)}`
  const declared = operation.responses[status]
  if (!declared) return `${status} is not declared`
  const wrong = bodyFault(response, declared)
  if (wrong) return `${status} ${wrong}`
  if (status !== 422 || changes.length !== 1) return undefined
  return pointerFault(response.json().errors, changes[0]!)
}

function bodyFault(
  { headers, body }: LightMyRequestResponse,
  { content = {} }: Operation['responses'][string],
): string | undefined {
  if (body === '') return Object.keys(content).length > 0 ? 'without a body' : undefined
  const type = String(headers['content-type']).split(';')[0]!
  const media = content[type]
  if (!media) return `of type ${type}`
  if (!/[/+]json$/.test(type)) return undefined
  const validate = validatorOf(media.schema)
  if (validate(JSON.parse(body))) return undefined
  return `${JSON.stringify(validate.errors)} ${body.slice(0, 300)}`
}

const PREFIX = { json: '/', form: '/', query: '/query/', path: '/path/', header: '/header/' }

function pointerFault(
  errors: { pointer: string }[] | undefined,
  { place, name, value }: Change,
): string | undefined {
  // A value that brings another field with it may be refused for that one.
  if (/&|","/.test(value)) return undefined
  const expected = (PREFIX[place] + name).toLowerCase()
  const named = errors?.some(({ pointer }) => pointer.toLowerCase().startsWith(expected))
  return named ? undefined : `names ${JSON.stringify(errors?.map(({ pointer }) => pointer))}`
}
