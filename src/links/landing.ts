import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { isUnavailable } from '../db/failures.ts'
import { AppError } from '../errors.ts'
import { limitGuesses } from '../http/limits.ts'
import { parseCode } from '../lib/code-text.ts'

/** A code that exists, as a share link needs it. */
export interface KnownCode {
  id: string
  code: string
  state: 'active' | 'expired' | 'retired'
  referrer_name: string | null
}

/** What became of a look-up; unchecked when the database is away. */
export type Link = KnownCode | { state: 'unknown' | 'unchecked' }

/** Finds a code by its text; throws `code_not_found`. */
export type FindLink = (ctx: Context, text: string) => Promise<KnownCode>

/**
 * The code that a share link names. A visitor is never refused: after too many guesses by an address every
 * code is unknown to it, so that the answer tells nothing, and without a database none is judged.
 */
export async function lookUp(
  ctx: Context,
  findLink: FindLink,
  exchange: { request: FastifyRequest; reply: FastifyReply },
  text: string,
): Promise<Link> {
  try {
    return await limitGuesses(ctx, exchange, () => findLink(ctx, text))
  } catch (error) {
    const code = error instanceof AppError ? error.code : undefined
    if (code === 'code_not_found' || code === 'rate_limited') return { state: 'unknown' }
    if (isUnavailable(error)) return { state: 'unchecked' }
    throw error
  }
}

/**
 * Where a share link leads: to LANDING_URL or to the portal of this very host, never anywhere else. Of a text
 * that cannot be a code's nothing is handed on.
 */
export function landingOf({ LANDING_URL }: Config, text: string, link: Link): string {
  const code = 'code' in link ? link.code : parseCode(text)
  const works = link.state === 'active' || link.state === 'unchecked'
  if (LANDING_URL === undefined) {
    const mark = works ? '' : `?state=${link.state}`
    return code === undefined ? `/join${mark}` : `/join/${code}${mark}`
  }
  const url = new URL(LANDING_URL)
  if (code !== undefined) url.searchParams.set('code', code)
  if (!works) url.searchParams.set('state', link.state)
  return url.href
}
