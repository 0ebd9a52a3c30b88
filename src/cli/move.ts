import { defineCommand } from 'citty'
import { readConfig } from '../config.ts'
import { requireFree } from '../db/load.ts'
import { connectForCopy, openSnapshot } from '../db/snapshot.ts'
import { openDatabase } from '../open.ts'
import { fill } from './fill.ts'
import { orExplain, say } from './run.ts'

export const move = defineCommand({
  meta: {
    name: 'move',
    description:
      'Copy everything into another, empty database, such as from the embedded one to a server.',
  },
  args: {
    to: {
      type: 'string',
      description: 'Where to',
      required: true,
      valueHint: 'postgres://…',
    },
  },
  run: ({ args }) =>
    orExplain(async () => {
      const config = readConfig(process.env)
      const database = await openDatabase(config, 'command', say)
      try {
        await requireUnused(database.url)
        const source = await openSnapshot(database.url)
        try {
          await fill(args.to, source)
        } finally {
          await source.close()
        }
      } finally {
        await database.stop()
      }
      say(
        'From now on start with DATABASE_URL set to it' +
          (config.APP_SECRET ? '.' : `, and keep ${config.DATA_DIR}/secrets.json.`),
      )
    }),
})

async function requireUnused(url: string): Promise<void> {
  const client = await connectForCopy(url, 'invitree move')
  try {
    await requireFree(client)
  } finally {
    await client.end()
  }
}
