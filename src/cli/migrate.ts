import { defineCommand } from 'citty'
import { readConfig } from '../config.ts'
import { migrate } from '../db/migrate.ts'
import { openDatabase } from '../open.ts'
import { orExplain, say } from './run.ts'

export const migrateCommand = defineCommand({
  meta: {
    name: 'migrate',
    description: 'Apply the migrations that are missing; serve does it too.',
  },
  run: () =>
    orExplain(async () => {
      const database = await openDatabase(readConfig(process.env), 'command', say)
      try {
        const applied = await migrate(database.url)
        say(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to do.')
      } finally {
        await database.stop()
      }
    }),
})
