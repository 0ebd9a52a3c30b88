import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyInstance, FastifySchemaValidationError } from 'fastify'
import { AppError } from '../errors.ts'
import { parseTimestamp } from '../lib/dates.ts'
import { parseCode } from '../lib/code-text.ts'
import { parseEmail } from '../lib/email.ts'
import { lazy } from '../lib/lazy.ts'
import { parseUsername } from '../lib/usernames.ts'
import type { Locale } from '../words/catalogue.ts'
import { fieldWords } from '../words/fields.ts'
import { fill } from '../words/words-in.ts'

export interface FieldError {
  /** A JSON pointer into the body, or one that begins with /query or /path. */
  pointer: string
  code: string
  params?: Record<string, unknown>
}

/** A validation failure found outside the schemas. */
export class InvalidFields extends AppError {
  readonly fields: FieldError[]
  constructor(fields: FieldError[]) {
    super('validation_failed')
    this.fields = fields
  }
}

export const unreadableText = (fields: FieldError[]) => new InvalidFields(fields)

/**
 * Bodies are taken as they are typed; in queries and paths, which are text, whole numbers, true and false are read.
 * A schema is compiled for its first request: all of them would take a quarter of a start.
 */
export function validateRequests(app: FastifyInstance) {
  const ajv = newAjv()
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const named = httpPart === 'headers' ? withLowerNames(schema) : (schema as object)
    const compiled = lazy(() => ajv.compile(named))
    const validate = (data: unknown) =>
      compiled()(data) || { error: compiled().errors as FastifySchemaValidationError[] }
    if (httpPart === 'body' || httpPart === 'headers') return validate
    const [numbers, flags] = [namesOf(schema, 'integer'), namesOf(schema, 'boolean')]
    return (data: Record<string, unknown>) => {
      for (const name of numbers)
        if (WHOLE.test(String(data[name]))) data[name] = Number(data[name])
      for (const name of flags)
        if (FLAG.test(String(data[name]))) data[name] = data[name] === 'true'
      return validate(data)
    }
  })
}

// Ajv's own coercion reads 1e3 and 0x10 too.
const WHOLE = /^-?\d{1,15}$/
const FLAG = /^(true|false)$/

function namesOf(schema: unknown, type: string): string[] {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  return Object.keys(properties).filter((name) => properties[name]?.type === type)
}

// Node.js gives the names of headers in lower case, the document as they are written.
function withLowerNames(schema: unknown): object {
  const { properties = {}, ...rest } = schema as { properties?: Record<string, object> }
  const lower = Object.entries(properties).map(([name, part]) => [name.toLowerCase(), part])
  return { ...rest, properties: Object.fromEntries(lower) as object }
}

function newAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, validateSchema: false })
  ;(addFormats as unknown as (ajv: Ajv, formats: string[]) => void)(ajv, ['uuid', 'password'])
  for (const [name, parse] of Object.entries(FORMATS)) {
    ajv.addFormat(name, (value) => parse(value) !== undefined)
  }
  return ajv
}

const FORMATS = {
  timestamp: parseTimestamp,
  email: parseEmail,
  username: parseUsername,
  code: parseCode,
}

/** What Ajv found, as fields: an unknown or missing field is named itself, not its parent. */
export function fieldsOf(
  errors: FastifySchemaValidationError[],
  part: string | undefined,
): FieldError[] {
  const prefix = PREFIXES[part ?? ''] ?? ''
  return errors
    .filter((error) => !isNoise(error, errors))
    .slice(0, 20)
    .map(({ keyword, instancePath, params }) => {
      const name = (params['additionalProperty'] ?? params['missingProperty']) as string | undefined
      const pointer = `${prefix}${instancePath}${name === undefined ? '' : pointerTo(name)}`
      return { pointer, code: CODES[keyword] ?? 'invalid', params }
    })
}

// Of a field that may be null, what is wrong with the value says enough: not that null would do as well.
const isNoise = (error: FastifySchemaValidationError, errors: FastifySchemaValidationError[]) =>
  isOfNull(error) && errors.some((one) => one.instancePath === error.instancePath && !isOfNull(one))

const isOfNull = ({ keyword, params }: FastifySchemaValidationError) =>
  keyword === 'anyOf' || params['type'] === 'null'

/** One step of a JSON pointer (RFC 6901). */
export const pointerTo = (name: string): string =>
  `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

const PREFIXES: Record<string, string> = {
  querystring: '/query',
  params: '/path',
  headers: '/header',
}

const CODES: Record<string, string> = {
  additionalProperties: 'field_unknown',
  required: 'field_required',
  type: 'type_wrong',
  format: 'format_wrong',
  pattern: 'format_wrong',
  enum: 'value_not_allowed',
  minLength: 'too_short',
  maxLength: 'too_long',
  minimum: 'too_small',
  maximum: 'too_large',
  minProperties: 'field_required',
  anyOf: 'value_not_allowed',
}

/** A field's problem in words. */
export function fieldText({ code, params = {} }: FieldError, locale: Locale): string {
  const texts: Record<string, string> = fieldWords[locale]
  const text = texts[`${String(params['format'])}_wrong`] ?? texts[code] ?? texts['invalid']!
  return fill(text, locale, params)
}
