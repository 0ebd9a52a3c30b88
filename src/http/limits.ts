import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { AppError, type ErrorCode } from '../errors.ts'
import { isLoopback, networkOf } from '../lib/addresses.ts'
import { RateLimited, type Taken, waitOf } from '../limits/limits.ts'
import type { Wanted } from '../limits/table.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The limits that this request has met so far. */
    limits: Taken[] | null
  }
}

interface Exchange {
  request: FastifyRequest
  reply: FastifyReply
}

const FORWARDING = ['x-forwarded-for', 'forwarded', 'x-real-ip']

/**
 * The client that limits count: its address, or the /64 of an IPv6 address. Undefined on the loopback
 * address without a forwarding header: that is somebody trying the service out.
 */
export function clientOf({ ip, headers }: FastifyRequest): string | undefined {
  const forwarded = FORWARDING.some((name) => headers[name] !== undefined)
  return isLoopback(ip) && !forwarded ? undefined : networkOf(ip)
}

/** Takes from the limit on requests of any kind; throws `rate_limited`. */
export function limitRequest(ctx: Context, request: FastifyRequest, reply: FastifyReply): void {
  if (!ctx.limits.enabled || request.routeOptions.config.limited === false) return
  const client = clientOf(request)
  if (client === undefined) return
  const { principal } = request
  const taken = principal
    ? ctx.limits.takeHere('user', principal.id)
    : ctx.limits.takeHere('anonymous', client)
  if (!taken.allowed) throw new RateLimited([taken])
  showLimits(request, reply, [taken])
}

/**
 * Takes one of each limit that `wanted` gives for the client, unless somebody is only trying the service
 * out; throws `rate_limited`.
 */
export async function limit(
  ctx: Context,
  { request, reply }: Exchange,
  wanted: (client: string) => Wanted,
): Promise<void> {
  const client = clientOf(request)
  if (!ctx.limits.enabled || client === undefined) return
  const taken = await ctx.limits.takeAll(wanted(client))
  if (taken.some(({ allowed }) => !allowed)) throw new RateLimited(taken)
  showLimits(request, reply, taken)
}

/** Takes one of a limit that refuses silently; false says that it did. */
export async function takeFrom(
  ctx: Context,
  request: FastifyRequest,
  [name, key]: Wanted[number],
): Promise<boolean> {
  return clientOf(request) === undefined || (await ctx.limits.take(name, key)).allowed
}

/** Counts only what succeeds, yet no number of requests at once gets past the limit. */
export function limitSuccesses<T>(
  ctx: Context,
  request: FastifyRequest,
  wanted: Wanted,
  work: () => Promise<T>,
): Promise<T> {
  if (clientOf(request) === undefined) return work()
  return ctx.limits.attempt(wanted, work, (error) => (error === undefined ? 'keep' : 'undo'))
}

/** Lets nobody try out codes: after so many that there are not, not even one that there is is answered. */
export async function limitGuesses<T>(
  ctx: Context,
  exchange: Exchange,
  work: () => Promise<T>,
): Promise<T> {
  const client = clientOf(exchange.request)
  if (client === undefined) return work()
  ctx.limits.refuse([['unknown_code', client]])
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError && UNKNOWN.includes(error.code)) {
      await limit(ctx, exchange, (client) => [['unknown_code', client]])
    }
    throw error
  }
}

const UNKNOWN: ErrorCode[] = ['code_not_found', 'referral_code_unknown']

/** Adds what is known of limits to the answer: RateLimit, RateLimit-Policy, and Retry-After on a refusal. */
export function showLimits(request: FastifyRequest, reply: FastifyReply, taken: Taken[]): void {
  request.limits = [...(request.limits ?? []), ...taken]
  const policies = request.limits.map(
    ({ name, limit, windowSeconds }) => `"${name}";q=${limit};w=${windowSeconds}`,
  )
  const states = request.limits.map(
    ({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`,
  )
  void reply.header('ratelimit-policy', policies.join(', '))
  void reply.header('ratelimit', states.join(', '))
  if (taken.some(({ allowed }) => !allowed)) {
    void reply.header('retry-after', String(waitOf(taken)))
  }
}
