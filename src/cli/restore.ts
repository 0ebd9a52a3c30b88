import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { defineCommand } from 'citty'
import { type Config, readConfig } from '../config.ts'
import { openBackup } from '../db/backup.ts'
import { openDatabase, secretsFile } from '../open.ts'
import { CommandError } from './command-error.ts'
import { fill } from './fill.ts'
import { orExplain, say } from './run.ts'

export const restore = defineCommand({
  meta: {
    name: 'restore',
    description: 'Put a backup into an empty database: all of it, or nothing.',
  },
  args: {
    folder: { type: 'positional', description: 'What `backup` has written', required: true },
  },
  run: ({ args }) =>
    orExplain(async () => {
      const config = readConfig(process.env)
      const folder = resolve(args.folder)
      const source = await openBackup(folder)
      await keepSecrets(config, folder)
      const database = await openDatabase(config, 'command', say)
      try {
        await fill(database.url, source)
      } finally {
        await database.stop()
      }
    }),
})

// The signing keys in the backup are encrypted under this secret.
async function keepSecrets({ APP_SECRET, DATA_DIR }: Config, folder: string): Promise<void> {
  if (APP_SECRET) return
  const file = secretsFile(DATA_DIR)
  const kept = await readFile(join(folder, basename(file)), 'utf8').catch(() => undefined)
  if (kept === undefined) {
    throw new CommandError('The backup holds no secret: set the APP_SECRET it was made with.')
  }
  const here = await readFile(file, 'utf8').catch(() => undefined)
  if (here === kept) return
  if (here !== undefined) {
    throw new CommandError(
      `${file} is of another installation: remove it, or set another DATA_DIR.`,
    )
  }
  await mkdir(DATA_DIR, { recursive: true, mode: 0o700 })
  await writeFile(file, kept, { mode: 0o600, flush: true })
}
