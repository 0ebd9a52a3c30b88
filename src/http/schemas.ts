import { type TSchema, Type } from 'typebox'
import { COUNTED_MAX } from '../db/page.ts'

/** A Date in the code (a text where it was cached), RFC 3339 in UTC with milliseconds on the wire. */
export const Timestamp = Type.Unsafe<Date | string>({
  type: 'string',
  format: 'date-time',
  examples: ['2027-10-10T12:00:00.000Z'],
})

/** A moment as clients may write it; see `parseTimestamp`. */
export const TimestampInput = (description: string) =>
  Type.String({
    format: 'timestamp',
    maxLength: 40,
    description: `${description} RFC 3339; without an offset it is read as UTC.`,
    examples: ['2027-10-10T12:00:00Z'],
  })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const Id = Type.String({
  format: 'uuid',
  examples: ['01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d'],
})

/** A password to be set: any characters, no rules of composition. */
export const NewPassword = Type.String({
  minLength: 8,
  maxLength: 128,
  format: 'password',
  description:
    '8 to 128 characters, no rules of composition; common and personal ones are refused.',
  examples: ['correct horse battery'],
})

/** An object that refuses fields it does not know. */
export const Strict = <P extends Record<string, TSchema>>(properties: P, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

const pageQuery = {
  page: Type.Integer({
    minimum: 1,
    maximum: 1_000_000_000,
    default: 1,
    description: 'From 1; past the end there are no items.',
    examples: [1],
  }),
  size: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 50,
    description: 'Items a page.',
    examples: [50],
  }),
  cursor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{22}$',
      description: 'The `next_cursor` of the page before; costs the same on every page.',
      examples: ['AZNvPnwae2CdHD8fCksthA'],
    }),
  ),
}

/** The query of a list, with filters of its own. */
export const PageQuery = <P extends Record<string, TSchema>>(filters: P) =>
  Strict({ ...pageQuery, ...filters })

/** The answer of a list; `name` becomes the schema's name in the OpenAPI document. */
export const Page = <T extends TSchema>(name: string, item: T) =>
  Type.Object(
    {
      items: Type.Array(item, { maxItems: 100 }),
      total: Type.Integer({ minimum: 0, description: 'Items on all pages.', examples: [1] }),
      page: Type.Integer({ minimum: 1, examples: [1] }),
      size: Type.Integer({ minimum: 1, maximum: 100, examples: [50] }),
      pages: Type.Integer({ minimum: 0, examples: [1] }),
      next_cursor: Nullable(
        Type.String({
          description: 'Leads to the next page; null on the last.',
          examples: ['AZNvPnwae2CdHD8fCksthA'],
        }),
      ),
    },
    { $id: name },
  )

/** The answer of a list that may be so long that it is counted only so far. */
export const LongPage = <T extends TSchema>(name: string, item: T) =>
  Type.Object(
    {
      ...Page(name, item).properties,
      total: Type.Integer({
        minimum: 0,
        maximum: COUNTED_MAX,
        description: 'Items on all pages; it is not counted further than 10,000, with `q` 1,000.',
        examples: [1],
      }),
      total_is_exact: Type.Boolean({
        description: 'False when there may be more: `next_cursor` leads to them.',
        examples: [true],
      }),
    },
    { $id: name },
  )

/** A success answer in JSON; schemas with an `$id` are named parts of the OpenAPI document. */
export const answer = <T extends TSchema>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A success without a body. */
export const done = (description: string) => Type.Unsafe<void>({ type: 'null', description })

const errorFields = {
  detail: Type.String({ description: 'What to do, in the language asked for.' }),
  code: Type.String({ description: 'Stable; clients may branch on it. Listed at /docs/errors.' }),
  request_id: Type.String({ description: 'Names the request in the log.' }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({
          description:
            'JSON pointer into the body, or one that begins with /query, /path or /header.',
        }),
        code: Type.String({ description: 'What is wrong with the field; stable.' }),
        detail: Type.String({ description: 'The same in words.' }),
      }),
      { maxItems: 20, description: 'The fields at fault, where there are some.' },
    ),
  ),
}

export const Problem = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'Leads to the words on this code.' }),
    title: Type.String({ description: 'The kind of problem in few words.' }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: 'The status of the answer.' }),
    instance: Type.String({ description: 'The path that was asked.' }),
    ...errorFields,
  },
  { $id: 'Problem', description: 'An error (RFC 9457).' },
)

export const OAuthError = Type.Object(
  {
    error: Type.String({ description: 'The code of RFC 6749, section 5.2.' }),
    error_description: Type.String({ description: 'In English, for developers.' }),
    ...errorFields,
  },
  { $id: 'OAuthError', description: 'An error of the token endpoints (RFC 6749, section 5.2).' },
)
