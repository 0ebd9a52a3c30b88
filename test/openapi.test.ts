import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { expect, test } from 'vitest'
import { writeDocument } from '../src/cli/openapi.ts'
import { KINDS } from '../src/errors.ts'
import { startApp } from './support/app.ts'
import { validatorOf } from './support/document.ts'

interface Media {
  schema: object
  example?: unknown
  examples?: Record<string, { value: unknown } | { $ref: string }>
}

interface Parameter {
  name: string
  in: string
  description?: string
  schema: object
  example?: unknown
}

interface Operation {
  operationId: string
  summary: string
  description: string
  tags: string[]
  security: object[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<
    string,
    { description: string; headers: object; content?: Record<string, Media> }
  >
}

const text = await writeDocument()
const document = JSON.parse(text)
const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
)
const medias = operations.flatMap(({ name, requestBody, responses }) => [
  ...Object.entries(requestBody?.content ?? {}).map(([type, media]) => ({
    where: `${name} ${type}`,
    type,
    media,
  })),
  ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).map(([type, media]) => ({
      where: `${name} ${status} ${type}`,
      type,
      media,
    })),
  ),
])

test('the committed openapi.json is the one that the routes make', async () => {
  const committed = await readFile(join(import.meta.dirname, '../openapi.json'), 'utf8')
  expect(committed === text, 'run npm run generate').toBe(true)
})

test('every route that is not hidden is an operation, and every operation is a route', async () => {
  const routes = await registeredRoutes()
  const visible = routes.filter(({ method, schema }) => {
    return method !== 'HEAD' && schema?.hide !== true
  })
  const names = visible.map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
  expect(names.toSorted()).toEqual(operations.map(({ name }) => name).toSorted())
})

test('the document is served as it is committed, whatever the address', async () => {
  const it = await startApp({ PUBLIC_URL: 'https://referrals.example.com' })
  const served = await it.app.inject('/openapi.json')
  expect(served.headers['content-type']).toContain('application/json')
  expect(served.json()).toEqual(document)
})

test('every operation says what it is for, under a name of its own', () => {
  const tags = document.tags.map(({ name }: { name: string }) => name)
  for (const { name, operationId, summary, description, ...rest } of operations) {
    expect([operationId, summary, description].every(Boolean), name).toBe(true)
    expect(
      rest.tags.every((tag) => tags.includes(tag)),
      name,
    ).toBe(true)
    for (const parameter of rest.parameters ?? []) {
      expect(parameter.description, `${name} ${parameter.name}`).toBeTruthy()
      expect(parameter.example, `${name} ${parameter.name}`).toBeDefined()
    }
  }
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
})

test('every body and answer has an example', () => {
  const without = medias.filter(({ type, media }) => {
    return type !== 'image/png' && examplesOf(media).length === 0
  })
  expect(without.map(({ where }) => where)).toEqual([])
})

test('every example fits its schema', () => {
  const wrong = medias.flatMap(({ where, media }) =>
    examplesOf(media).map((example) => ({
      where,
      example,
      errors: faultsOf(media.schema, example),
    })),
  )
  const parameters = operations.flatMap(({ name, parameters = [] }) =>
    parameters.map(({ name: parameter, schema, example }) => ({
      where: `${name} ${parameter}`,
      example,
      errors: faultsOf(schema, example),
    })),
  )
  expect([...wrong, ...parameters].filter(({ errors }) => errors !== undefined)).toEqual([])
})

test('every schema of an answer is a named component', () => {
  const anonymous = medias.filter(({ where, type, media }) => {
    return / \d{3} /.test(where) && /[/+]json/.test(type) && !('$ref' in media.schema)
  })
  expect(anonymous.map(({ where }) => where)).toEqual([])
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(['Code', 'CodePage', 'OAuthError', 'Problem', 'Token', 'User']),
  )
})

test('every code that an operation declares is in the catalogue, under its status', () => {
  for (const { where, media } of medias) {
    const status = Number(/ ([45]\d\d) /.exec(where)?.[1])
    if (!status) continue
    for (const error of examplesOf(media) as { code: string; status?: number }[]) {
      expect(KINDS, where).toHaveProperty(error.code)
      expect(error.status ?? status, `${where} ${error.code}`).toBe(status)
    }
  }
})

test('the token endpoints answer errors as RFC 6749 does, 400 for what is not valid', () => {
  const { responses } = operations.find(({ operationId }) => operationId === 'issueToken')!
  expect(Object.keys(responses)).not.toContain('422')
  expect(responses['400']!.content).toHaveProperty(['application/json', 'schema', '$ref'])
  expect(examplesOf(responses['400']!.content!['application/json']!)).toContainEqual(
    expect.objectContaining({ error: 'invalid_grant', code: 'invalid_grant' }),
  )
})

test('an operation for signed-in users declares 401 with its header, the others no security', () => {
  for (const { name, security, responses } of operations) {
    if (security.length === 0) continue
    expect(responses['401']?.headers, name).toHaveProperty('WWW-Authenticate')
  }
})

function examplesOf({ example, examples = {} }: Media): unknown[] {
  const named = Object.values(examples).map((one) => ('$ref' in one ? follow(one.$ref) : one).value)
  return example === undefined ? named : [example, ...named]
}

const follow = (ref: string) => document.components.examples[ref.split('/').at(-1)!]

function faultsOf(schema: object, value: unknown) {
  const validate = validatorOf(schema)
  return validate(value) ? undefined : validate.errors
}

async function registeredRoutes() {
  const routes: { method: string; url: string; schema: RouteOptions['schema'] }[] = []
  const onStart = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url, schema }) => {
      for (const one of [method].flat()) routes.push({ method: one, url, schema })
    })
  }
  subscribe('fastify.initialization', onStart)
  await writeDocument()
  unsubscribe('fastify.initialization', onStart)
  return routes
}
