import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Account, createAccount, post, startApp } from '../../test/support/app.ts'
import { listMails, tokenIn } from '../../test/support/mail.ts'
import type { Context } from '../context.ts'
import { newId } from '../lib/ids.ts'
import { type Purpose, writeEmailToken } from './email-tokens.ts'
import { sendMail } from './mails.ts'

const it = await startApp()
const PURPOSES: Purpose[] = ['verify', 'reset', 'invite']
const AUTH = '/api/v1/auth'

const away = async () => {
  throw new Error('The server is away.')
}
const cutOff: Context = { ...it.ctx, mail: { ...it.ctx.mail, send: away } }

/** A mail's job, whose first run finds no server. */
async function failOnce(mail: Purpose, { id: user_id }: Account) {
  const job = { id: newId(), payload: { mail, user_id } }
  await expect(sendMail(cutOff, job)).rejects.toThrow('away')
  return job
}

async function use(purpose: Purpose, token: string): Promise<number> {
  const [path, body] =
    purpose === 'verify'
      ? ['verify-email', { token }]
      : ['reset-password/confirm', { token, password: 'seven quiet lanterns' }]
  return (await post(it, `${AUTH}/${path}`, body)).statusCode
}

const tokensTo = async ({ email }: Account) =>
  (await listMails(it)).filter(({ to }) => to === email).map(({ text }) => tokenIn(text))

test.each(PURPOSES)(
  'of two mails to %s that waited for the server only the newer one is sent, and its link works',
  async (purpose) => {
    const ann = await createAccount(it)
    const older = await failOnce(purpose, ann)
    const newer = await failOnce(purpose, ann)
    await sendMail(it.ctx, older)
    await sendMail(it.ctx, newer)
    const token = writeEmailToken(it.ctx, purpose, newer.id)
    expect(await tokensTo(ann)).toEqual([token])
    expect(await use(purpose, writeEmailToken(it.ctx, purpose, older.id))).toBe(410)
    expect(await use(purpose, token)).toBe(204)
  },
)

test.each(PURPOSES)('a mail to %s whose link was used is not sent again', async (purpose) => {
  const ann = await createAccount(it)
  const job = await failOnce(purpose, ann)
  expect(await use(purpose, writeEmailToken(it.ctx, purpose, job.id))).toBe(204)
  await sendMail(it.ctx, job)
  expect(await tokensTo(ann)).toEqual([])
})

test.each(PURPOSES)(
  'the link of a mail to %s works however long the mail waited for the server',
  async (purpose) => {
    const ann = await createAccount(it)
    const job = await failOnce(purpose, ann)
    await it.ctx.db
      .updateTable('email_tokens')
      .set({
        created_at: sql`created_at - interval '8 days'`,
        expires_at: sql`expires_at - interval '8 days'`,
      })
      .where('id', '=', job.id)
      .execute()
    await sendMail(it.ctx, job)
    const [token = ''] = await tokensTo(ann)
    expect(await use(purpose, token)).toBe(204)
  },
)
