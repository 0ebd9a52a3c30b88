import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { defineCommand } from 'citty'
import about from '../../package.json' with { type: 'json' }
import { type Config, readConfig } from '../config.ts'
import { writeBackup } from '../db/backup.ts'
import { openSnapshot, type Table } from '../db/snapshot.ts'
import { openDatabase, secretsFile } from '../open.ts'
import { orExplain, say } from './run.ts'

export const backup = defineCommand({
  meta: {
    name: 'backup',
    description: 'Write everything of the database, as of now, into a new folder; serve may go on.',
  },
  args: {
    folder: { type: 'positional', description: 'The folder to make', required: true },
  },
  run: ({ args }) =>
    orExplain(async () => {
      const config = readConfig(process.env)
      const folder = resolve(args.folder)
      const extra = await secretsOf(config)
      const database = await openDatabase(config, 'command', say)
      try {
        await write(database.url, folder, extra)
      } finally {
        await database.stop()
      }
      if (!('secrets.json' in extra)) say('APP_SECRET is not part of it: keep it elsewhere.')
    }),
})

async function write(url: string, folder: string, extra: Record<string, string>): Promise<void> {
  const source = await openSnapshot(url)
  try {
    const details = { version: about.version, extra, onTable: tell }
    const { tables } = await writeBackup(source, folder, details)
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    process.stdout.write(`${folder} holds ${rows} rows of ${tables.length} tables.\n`)
  } finally {
    await source.close()
  }
}

const tell = ({ name, rows }: Table) => say(`${name}: ${rows}`)

// Without it the signing keys in the backup open nothing.
async function secretsOf({ APP_SECRET, DATA_DIR }: Config): Promise<Record<string, string>> {
  const file = secretsFile(DATA_DIR)
  const text = APP_SECRET ? undefined : await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? {} : { [basename(file)]: text }
}
