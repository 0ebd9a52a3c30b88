import { text } from 'node:stream/consumers'
import { defineCommand } from 'citty'
import { createAdmin } from '../accounts/service.ts'
import { parseEmail } from '../lib/email.ts'
import { CommandError, EXIT_USAGE } from './command-error.ts'
import { say, withContext } from './run.ts'

const BY = { id: null, request_id: 'create-admin' }

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
      if (!parseEmail(args.email)) {
        throw new CommandError(`"${args.email}" is no e-mail address.`, EXIT_USAGE)
      }
      const password = args.password ?? (await readPassword())
      const outcome = await createAdmin(ctx, BY, { email: args.email, password })
      say(
        outcome === 'created'
          ? `${args.email} is an administrator now.`
          : `${args.email} was a user and is an administrator now; the password stays.`,
      )
    }),
})

async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) say('Type the password, then Enter and Ctrl-D:')
  return (await text(process.stdin)).trimEnd()
}
