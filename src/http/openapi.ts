import type { FastifyPluginAsync } from 'fastify'
import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'
import { completeDocument, type Document, markNames } from './openapi-document.ts'
import type { Access, Declared } from './operation.ts'

interface Documented {
  operationId?: string
  hide?: boolean
}

/** Generates the OpenAPI 3.1 document from the schemas of the routes and the codes that they declare. */
const openApi: FastifyPluginAsync<{ passwordGrant: boolean }> = async (app, { passwordGrant }) => {
  const declared = new Map<string, Declared>()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: INFO,
      servers: SERVERS,
      tags: TAGS,
      components: { securitySchemes: passwordGrant ? PASSWORD_GRANT : BEARER },
    },
    hideUntagged: true,
    transform: ({ schema, url, route }) => {
      const { operationId, hide } = (schema ?? {}) as Documented
      const { access, errors = [], oauth = false, limited = true } = route.config ?? {}
      if (hide || operationId === undefined) return { schema: { hide: true }, url }
      declared.set(operationId, { errors, oauth, limited })
      return { schema: { ...markNames(schema), security: securityOf(access, passwordGrant) }, url }
    },
    transformObject: (made) =>
      'openapiObject' in made ? completeDocument(made.openapiObject as Document, declared) : {},
  })
}
export const openApiDocument = fp(openApi)

const INFO = {
  title: 'Invitree',
  version: '1.0.0',
  summary: 'Referral codes, share links and referrals.',
  description: `People register, create a referral code with an expiry date and share it; others register
with that code and become their referrals.

**Sign in** with \`POST /api/v1/auth/login\` and send the answer's \`access_token\` as
\`Authorization: Bearer …\`; or press Authorize on [/docs](/docs).

**Errors** are problems of RFC 9457 with a stable \`code\`; all of them are listed at
[/docs/errors](/docs/errors). Their words are English or Russian, as \`Accept-Language\` asks.
A method that a path does not have is answered 405 with \`Allow\`.

**Dates** go out as RFC 3339 in UTC; one that comes in without an offset is read as UTC.
**Lists** take \`page\` and \`size\`, or the \`cursor\` of the page before, and name their
neighbours in \`Link\`. **Unknown fields** are refused.`,
  contact: { name: 'The Invitree contributors' },
  license: { name: 'MIT', identifier: 'MIT' },
}

// Relative: the document holds for any address under which the service is reached.
const SERVERS = [
  {
    url: '/',
    description: 'The service that serves this document, in production or on a local machine.',
    'x-internal': false,
  },
]

const TAGS = [
  { name: 'Accounts', description: 'Registration and the profile.' },
  { name: 'Authentication', description: 'Signing in and out, devices, passwords, OAuth 2.0.' },
  { name: 'Codes', description: 'The referral codes of a user, and what others may ask of one.' },
  {
    name: 'Links',
    description: 'The share link, and why somebody who came by links was credited to whom.',
  },
  { name: 'Referrals', description: 'Who came by the codes of a user, and figures over time.' },
  { name: 'Administration', description: 'What only administrators see and do.' },
  { name: 'Operations', description: 'For those who run the service: health and metrics.' },
]

const PASSWORD_GRANT = {
  oauth2: {
    type: 'oauth2' as const,
    description:
      'Sign in with an e-mail address or username, and the password. Access tokens are JWTs ' +
      '(RFC9068), signed and checked as RFC8725 advises.',
    flows: {
      password: {
        tokenUrl: '/api/v1/auth/token',
        refreshUrl: '/api/v1/auth/token',
        scopes: { user: 'What a user may do', admin: 'What only administrators may do' },
      },
    },
  },
}

// Without the password grant there is nothing that Authorize could sign in with by itself.
const BEARER = {
  bearer: {
    type: 'http' as const,
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The password grant is switched off here: sign in with POST /api/v1/auth/login, and paste the ' +
      'access_token of its answer.',
  },
}

function securityOf(access: Access | undefined, passwordGrant: boolean) {
  const scope = access === 'admin' ? 'admin' : 'user'
  const signedIn = passwordGrant ? { oauth2: [scope] } : { bearer: [] }
  if (access === 'user' || access === 'admin') return [signedIn]
  return access === 'optional' ? [{}, signedIn] : []
}
