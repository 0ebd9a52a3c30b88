import { text } from 'node:stream/consumers'
import { defineCommand } from 'citty'
import { createAdmin } from '../accounts/service.ts'
import { say, withContext } from './run.ts'

export const createAdminCommand = defineCommand({
  meta: {
    name: 'create-admin',
    description: 'Create an administrator, or make the user of this address one.',
  },
  args: {
    email: { type: 'positional', description: 'E-mail address', required: true },
    password: {
      type: 'string',
      description: 'Password of a new user; read from standard input when left out',
    },
  },
  run: ({ args }) =>
    withContext(async (ctx) => {
      const password = args.password ?? (await text(process.stdin)).trimEnd()
      const outcome = await createAdmin(ctx, { email: args.email, password })
      say(
        outcome === 'created'
          ? `${args.email} is an administrator now.`
          : `${args.email} was a user and is an administrator now; the password stays.`,
      )
    }),
})
