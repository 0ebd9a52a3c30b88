import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Actor } from '../http/auth.ts'
import { deriveKey, mac, sameSecret } from '../lib/secrets.ts'
import { hasAdmin } from './queries.ts'
import { createFirstAdmin } from './service.ts'

interface Setup {
  token: string
  email: string
  password: string
}

/** Whether there is nobody yet who could make others administrators. */
export const needsSetup = async (ctx: Context): Promise<boolean> => !(await hasAdmin(ctx.db))

/** The link that makes the first administrator; the same from all instances, and nothing is kept of it. */
export async function findSetupLink(ctx: Context): Promise<string | undefined> {
  if (!(await needsSetup(ctx))) return undefined
  return `${ctx.config.PUBLIC_URL}/setup#token=${tokenOf(ctx)}`
}

/** Makes the first administrator by the token of the link; throws `setup_done` once there is one. */
export function setUp(ctx: Context, by: Actor, client: string | undefined, input: Setup) {
  const work = async () => {
    if (!(await needsSetup(ctx))) throw new AppError('setup_done')
    if (!sameSecret(input.token, tokenOf(ctx))) {
      throw new AppError('setup_token_wrong', { pointer: '/token' })
    }
    return createFirstAdmin(ctx, by, input)
  }
  if (client === undefined) return work()
  return ctx.limits.attempt([['setup', client]], work, (error) =>
    error instanceof AppError && error.code === 'setup_token_wrong' ? 'keep' : 'undo',
  )
}

const tokenOf = ({ secret }: Context) => mac(deriveKey(secret, 'setup'), 'first administrator')
