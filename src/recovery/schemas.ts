import { Type } from 'typebox'
import { operation } from '../http/operation.ts'
import { done, NewPassword, Strict } from '../http/schemas.ts'

const LinkToken = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'What stands behind `#token=` in the link of the mail.',
  examples: ['01936f3e7c1a7b609d1c3f1f0a4b2c5d.bWFj'],
})

export const verifyEmail = operation({
  operationId: 'verifyEmail',
  tags: ['Accounts'],
  summary: 'Confirm the e-mail address',
  description:
    'By the token of the mailed link, which works once, for 24 hours. Confirms the referral too.',
  access: 'public',
  once: true,
  body: Strict({ token: LinkToken }),
  response: { 204: done('The address is confirmed.') },
  errors: ['link_expired'],
})

export const resendVerification = operation({
  operationId: 'resendVerification',
  tags: ['Accounts'],
  summary: 'Send the link again',
  description: 'Mails a new link to confirm the address; older links stop working.',
  access: 'user',
  once: true,
  response: { 202: done('A mail is under way, unless the address is confirmed already.') },
  errors: [],
})

export const askReset = operation({
  operationId: 'askPasswordReset',
  tags: ['Accounts'],
  summary: 'Forgotten password',
  description:
    'Mails a link to set a new password. The answer is the same whether or not the address is known, and nothing ' +
    'changes until the link is used.',
  access: 'public',
  once: true,
  body: Strict({
    email: Type.String({ format: 'email', maxLength: 320, examples: ['ann@example.com'] }),
  }),
  response: { 202: done('If there is such an account, a mail is under way.') },
  errors: [],
})

export const resetPassword = operation({
  operationId: 'resetPassword',
  tags: ['Accounts'],
  summary: 'Set a new password',
  description:
    'By the token of the mailed link, which works once: for 10 minutes, or 7 days when it came with an invitation. ' +
    'Every session ends.',
  access: 'public',
  once: true,
  body: Strict({ token: LinkToken, password: NewPassword }),
  response: { 204: done('The password is set; sign in with it.') },
  errors: ['link_expired', 'weak_password', 'overloaded'],
})
