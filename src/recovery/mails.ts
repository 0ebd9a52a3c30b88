import type { Context } from '../context.ts'
import { DAY, MINUTE } from '../lib/dates.ts'
import type { JobRun } from '../jobs/boss.ts'
import type { MailName } from '../jobs/catalogue.ts'
import { writeMail } from '../mail/mails.ts'
import { writeEmailToken } from './email-tokens.ts'
import * as queries from './queries.ts'

const LINKS: Record<MailName, string> = {
  verify: '/verify',
  welcome: '/',
  reset: '/reset',
  invite: '/invite',
  password_changed: '/forgot',
  new_device: '/account',
  referral_joined: '/referrals',
  code_expires: '/',
  code_expired: '/',
  test: '/admin/system',
}

const LIFETIMES_MS = { verify: DAY, reset: 10 * MINUTE, invite: 7 * DAY }

/**
 * Sends one mail. What it says is read now, so that nothing personal waits in the queue; to somebody
 * blocked or erased meanwhile nothing is sent. Run twice it sends the same mail, with the same link;
 * one whose link was used by now, or is void for a newer one, is not sent.
 */
export async function sendMail(ctx: Context, { id, payload }: JobRun<'mail'>): Promise<void> {
  const { mail, user_id, subject_id } = payload
  const user = user_id && (await queries.findRecipient(ctx.db, user_id))
  if (!user) return
  // Accepted meanwhile, by an earlier link or one to reset the password.
  if (mail === 'invite' && user.email_verified) return
  const about = subject_id ? await queries.findSubject(ctx.db, subject_id) : undefined
  const fragment = await fragmentOf(ctx, mail, id, user.id)
  if (fragment === undefined) return
  const url = `${ctx.config.PUBLIC_URL}${LINKS[mail]}?lang=${user.locale}${fragment}`
  const { host } = new URL(ctx.config.PUBLIC_URL)
  const subject = mail === 'invite' ? host : (about?.subject ?? '')
  const facts = { url, subject, when: about?.at ?? new Date(ctx.clock.now()) }
  await ctx.mail.send(
    { id, to: user.email, locale: user.locale },
    writeMail(mail, user.locale, facts),
  )
}

// In the fragment, which no server is sent and no log keeps.
async function fragmentOf(ctx: Context, mail: MailName, jobId: string, userId: string) {
  if (mail !== 'verify' && mail !== 'reset' && mail !== 'invite') return ''
  const link = { id: jobId, userId, purpose: mail, lifetimeMs: LIFETIMES_MS[mail] }
  const isOpen = await queries.openEmailToken(ctx.db, link)
  return isOpen ? `#token=${writeEmailToken(ctx, mail, jobId)}` : undefined
}
