import type { FastifyPluginAsync } from 'fastify'
import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'
import type { Context } from '../context.ts'
import { CATALOGUE } from '../error-catalogue.ts'
import { type ErrorCode, errorText } from '../errors.ts'
import type { Access } from './operation.ts'
import { STATUS } from './errors.ts'
import { Problem } from './schemas.ts'

interface Documented {
  response?: Record<string, unknown>
  hide?: boolean
}

/** Generates the OpenAPI 3.1 document from the schemas of the routes and the codes that they declare. */
const openApi: FastifyPluginAsync<{ ctx: Context }> = async (app, { ctx }) => {
  app.addSchema(Problem)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Invitree',
        version: '1.0.0',
        description: 'Referral codes, share links and referrals. Errors are RFC 9457 problems.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: ctx.config.PUBLIC_URL }],
      components: { securitySchemes: securitySchemes() },
    },
    hideUntagged: true,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${i}`,
    },
    transform: ({ schema, url, route }) => {
      const documented = schema as Documented | undefined
      const { access, errors } = route.config ?? {}
      if (!documented || documented.hide) return { schema: { hide: true }, url }
      const response = { ...documented.response, ...problems(errors ?? []) }
      return { schema: { ...documented, response, security: securityOf(access) }, url }
    },
  })
}
export const openApiDocument = fp(openApi)

function securitySchemes() {
  return {
    oauth2: {
      type: 'oauth2' as const,
      description: 'Sign in with an e-mail address or username, and the password.',
      flows: {
        password: {
          tokenUrl: '/api/v1/auth/token',
          refreshUrl: '/api/v1/auth/token',
          scopes: { user: 'What a user may do' },
        },
      },
    },
  }
}

function securityOf(access: Access | undefined) {
  if (access === 'user') return [{ oauth2: ['user'] }]
  return access === 'optional' ? [{}, { oauth2: ['user'] }] : []
}

function problems(codes: readonly ErrorCode[]) {
  const byStatus = Map.groupBy(new Set(codes), (code) => STATUS[CATALOGUE[code].kind])
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [status, problemAnswer(status, some)]),
  )
}

function problemAnswer(status: number, codes: ErrorCode[]) {
  const examples = codes.map((code) => [code, { value: exampleProblem(status, code) }])
  return {
    description: codes.map((code) => `\`${code}\`: ${errorText(code, 'en').title}.`).join(' '),
    content: {
      'application/problem+json': {
        schema: { $ref: 'Problem#' },
        examples: Object.fromEntries(examples),
      },
    },
  }
}

function exampleProblem(status: number, code: ErrorCode) {
  const { title, detail } = errorText(code, 'en')
  return {
    type: `http://localhost:8000/docs/errors#${code}`,
    title,
    status,
    detail,
    instance: '/api/v1/…',
    code,
    request_id: '01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d',
  }
}
