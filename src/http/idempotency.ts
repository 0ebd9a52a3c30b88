import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Context, keepingResult } from '../context.ts'
import { deleteOldAnswers, findAnswer, holdKey, insertAnswer } from '../db/idempotency.ts'
import { AppError } from '../errors.ts'
import { MINUTE } from '../lib/dates.ts'
import { decrypt, deriveKey, encrypt, mac } from '../lib/secrets.ts'

interface Answer<Body> {
  status: number
  location?: string
  body?: Body
  /** Whose personal data the body holds, where that is not who asked. */
  about?: string
}

interface Exchange {
  request: FastifyRequest
  reply: FastifyReply
}

/**
 * Answers a POST. With an `Idempotency-Key` its effect happens once, however often it is asked for: the
 * answer is kept in the transaction of the effect, and is the answer of every repetition for 24 hours. A
 * request that is refused leaves nothing, so its key may be used again.
 */
export async function answerOnce<C extends Context, Body>(
  ctx: C,
  { request, reply }: Exchange,
  work: (ctx: C) => Promise<Answer<Body>>,
): Promise<Body | void> {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') {
    const { body, ...head } = await work(ctx)
    writeHead(reply, head)
    return body
  }
  const asked = identify(ctx, request, key)
  const answer =
    (await findKept(ctx, reply, asked)) ??
    (await answerKeyed(ctx, { request, reply }, { asked, work }))
  return send(reply, answer)
}

/** Deletes answers once they are 24 hours old, a few minutes later at most. */
export function forgetOldAnswers(app: FastifyInstance, ctx: Context): void {
  const forget = () => {
    deleteOldAnswers(ctx.db).catch((error: unknown) => {
      ctx.log.warn({ err: error }, 'old answers not deleted')
    })
  }
  const timer = setInterval(forget, 5 * MINUTE).unref()
  app.addHook('onClose', async () => clearInterval(timer))
}

interface Asked {
  id: string
  fingerprint: string
}

function identify(ctx: Context, request: FastifyRequest, key: string): Asked {
  const { routeOptions, principal, method, params, query, body } = request
  const secret = deriveKey(ctx.secret, 'idempotency-keys')
  const operation = [principal?.id ?? '', method, routeOptions.url ?? '']
  return {
    id: mac(secret, JSON.stringify([...operation, key])),
    fingerprint: mac(secret, JSON.stringify([...operation, params, query, body], inOrder)),
  }
}

// The same fields in another order are the same request.
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

async function findKept(
  ctx: Context,
  reply: FastifyReply,
  asked: Asked,
): Promise<Answer<string> | undefined> {
  const found = await findAnswer(ctx.db, asked.id)
  if (!found) return undefined
  if (found.fingerprint !== asked.fingerprint) {
    throw new AppError('idempotency_key_reused', { pointer: '/header/idempotency-key' })
  }
  void reply.header('idempotency-replayed', 'true')
  return JSON.parse(decrypt(sealingKey(ctx), found.answer_encrypted)) as Answer<string>
}

async function answerKeyed<C extends Context, Body>(
  ctx: C,
  { request, reply }: Exchange,
  { asked, work }: { asked: Asked; work: (ctx: C) => Promise<Answer<Body>> },
): Promise<Answer<string>> {
  try {
    return await keepingResult(ctx, async (ctx) => asText(reply, await work(ctx)), {
      claim: async (db) => {
        if (!(await holdKey(db, asked.id))) throw new AppError('idempotency_in_progress')
      },
      keep: async (db, { about, ...answer }) => {
        const answer_encrypted = encrypt(sealingKey(ctx), JSON.stringify(answer))
        // Without a body it tells nothing of anybody.
        const told = answer.body === undefined ? null : (about ?? request.principal?.id ?? null)
        const kept = await insertAnswer(db, { ...asked, answer_encrypted, user_id: told })
        if (!kept) throw new AppError('idempotency_in_progress')
      },
    })
  } catch (error) {
    // The same request was quicker, or the reply to COMMIT was lost: what is kept is the answer.
    const kept = await findKept(ctx, reply, asked).catch((failure: unknown) => {
      throw failure instanceof AppError ? failure : error
    })
    if (kept) return kept
    throw error
  }
}

const sealingKey = ({ secret }: Context) => deriveKey(secret, 'idempotency-answers')

function asText<Body>(reply: FastifyReply, { body, ...head }: Answer<Body>): Answer<string> {
  if (body === undefined) return head
  const status = String(head.status)
  const serialize = reply.getSerializationFunction(status, 'application/json') ?? JSON.stringify
  return { ...head, body: serialize(body) }
}

function writeHead(reply: FastifyReply, { status, location }: Answer<never>): void {
  void reply.code(status)
  if (location !== undefined) void reply.header('location', location)
}

function send(reply: FastifyReply, { body, ...head }: Answer<string>) {
  writeHead(reply, head)
  return body === undefined
    ? reply.send()
    : reply.type('application/json; charset=utf-8').send(body)
}
