import { fastifyCookie as cookies } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { DAY, SECOND } from '../lib/dates.ts'
import { deriveKey, mac, mac16, randomSecret, sameSecret } from '../lib/secrets.ts'

/** A share link that somebody opened: the code, and when, in seconds since 1970. */
export interface Touch {
  code: string
  at: number
}

/** What a browser remembers of its visits, oldest first. */
export interface Visitor {
  id: string
  touches: Touch[]
}

const LIFETIME = (30 * DAY) / SECOND
const TOUCHES_MAX = 10
const LENGTH_MAX = 2000
// Another shape of the content is another version; a cookie of one that is not known is none.
const VERSION = '1'

/** What the browser's cookie proves; undefined without one, or for one that is not ours or of today's shape. */
export function readVisitor(ctx: Context, request: FastifyRequest): Visitor | undefined {
  const { cookie } = request.headers
  if (!cookie?.includes(nameOf(ctx))) return undefined
  const text = cookies.parse(cookie)[nameOf(ctx)] ?? ''
  const [version = '', content = '', proof = ''] = text.split('.')
  if (text.length > LENGTH_MAX || version !== VERSION) return undefined
  if (!sameSecret(proof, proofOf(ctx, content))) return undefined
  const { v: id, t: touches } = JSON.parse(Buffer.from(content, 'base64url').toString()) as Content
  const earliest = Math.floor(ctx.clock.now() / SECOND) - LIFETIME
  return {
    id,
    touches: touches.map(([code, at]) => ({ code, at })).filter(({ at }) => at > earliest),
  }
}

/** Lets the browser remember a visitor for 30 days from now. */
export function writeVisitor(ctx: Context, reply: FastifyReply, { id, touches }: Visitor): void {
  const given: Content = { v: id, t: touches.map(({ code, at }) => [code, at]) }
  const content = Buffer.from(JSON.stringify(given)).toString('base64url')
  const cookie = cookies.serialize(nameOf(ctx), `${VERSION}.${content}.${proofOf(ctx, content)}`, {
    path: '/',
    maxAge: LIFETIME,
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure(ctx),
  })
  void reply.header('set-cookie', cookie)
}

export const newVisitor = (): Visitor => ({ id: randomSecret(16), touches: [] })

/** Lets the browser remember that it opened a link; of many links the first ones, and each once. */
export function rememberTouch(
  ctx: Context,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  code: string,
): void {
  const visitor = readVisitor(ctx, request) ?? newVisitor()
  const { touches } = visitor
  if (touches.length >= TOUCHES_MAX || touches.some((touch) => touch.code === code)) return
  const at = Math.floor(ctx.clock.now() / SECOND)
  writeVisitor(ctx, reply, { ...visitor, touches: [...touches, { code, at }] })
}

/** What is kept of a visitor's id: nothing that a cookie could be made of. */
export const visitorKey = (ctx: Context, { id }: Visitor): string =>
  mac16(deriveKey(ctx.secret, 'visitors'), id)

interface Content {
  v: string
  t: [code: string, at: number][]
}

const isSecure = ({ config }: Context) => config.PUBLIC_URL.startsWith('https:')
// The prefix keeps other hosts of the domain from setting it.
const nameOf = (ctx: Context) => (isSecure(ctx) ? '__Host-invitree_visitor' : 'invitree_visitor')

const proofOf = ({ secret }: Context, content: string) =>
  mac(deriveKey(secret, 'visitor-cookie'), `${VERSION}.${content}`)
