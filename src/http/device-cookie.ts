import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'

const NAME = 'invitree_device'
// The longest that browsers keep a cookie; it is set anew at each sign-in.
const LIFETIME_SECONDS = 400 * 86_400
const COOKIE = new RegExp(`(?:^|;\\s*)${NAME}=([\\w.-]{1,200})(?:;|$)`)

/** What the client shows to be a device that signed in before; it opens nothing. */
export const readDeviceCookie = ({ headers }: FastifyRequest): string | undefined =>
  COOKIE.exec(headers.cookie ?? '')?.[1]

/** Lets the device keep its own budget of failed sign-ins, whatever others do. */
export function setDeviceCookie({ config }: Context, reply: FastifyReply, token: string): void {
  const secure = config.PUBLIC_URL.startsWith('https:') ? '; Secure' : ''
  void reply.header(
    'set-cookie',
    `${NAME}=${token}; Path=/api/v1/auth; Max-Age=${LIFETIME_SECONDS}; HttpOnly; SameSite=Strict${secure}`,
  )
}
