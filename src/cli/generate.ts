import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineCommand } from 'citty'
import { readConfig } from '../config.ts'
import { connect } from '../db/connect.ts'
import { withScratchDatabase } from '../db/scratch.ts'
import { CommandError } from './command-error.ts'
import { writeConfigurationPage, writeEnvExample } from './configuration-page.ts'
import { writeLimitsPage } from './limits-page.ts'
import { writeDocument } from './openapi.ts'
import { orExplain, say } from './run.ts'

const ROOT = join(import.meta.dirname, '../..')
const OUTPUTS: Record<string, () => string | Promise<string>> = {
  'src/db/schema.ts': writeRowTypes,
  'openapi.json': writeDocument,
  'docs/configuration.md': writeConfigurationPage,
  'docs/limits.md': writeLimitsPage,
  '.env.example': writeEnvExample,
}

export const generate = defineCommand({
  meta: {
    name: 'generate',
    description: `Write what is made from other files: ${Object.keys(OUTPUTS).join(', ')}.`,
  },
  args: {
    check: {
      type: 'boolean',
      description: 'Write nothing; name the files that are not current, and exit with 1',
    },
  },
  run: ({ args }) =>
    orExplain(async () => {
      const stale = await findStale()
      if (args.check && stale.size > 0) {
        const names = [...stale.keys()].join(', ')
        throw new CommandError(`Not current: ${names}. Run \`npm run generate\`, and commit.`)
      }
      for (const [name, text] of stale) await writeFile(join(ROOT, name), text)
      say(stale.size > 0 ? `Wrote ${[...stale.keys()].join(', ')}.` : 'Everything is current.')
    }),
})

async function findStale(): Promise<Map<string, string>> {
  const stale = new Map<string, string>()
  for (const [name, write] of Object.entries(OUTPUTS)) {
    const text = await write()
    const present = await readFile(join(ROOT, name), 'utf8').catch(() => undefined)
    if (text !== present) stale.set(name, text)
  }
  return stale
}

/** The row types of the migrated database; the migrations' own table is none of ours. */
async function writeRowTypes(): Promise<string> {
  const { generate, getDialect } = await import('kysely-codegen').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new CommandError(
      '`generate` needs the development dependencies: run `npm ci` without --omit=dev.',
    )
  })
  return withScratchDatabase(readConfig(process.env).DATABASE_URL, async (url) => {
    const dialect = getDialect('postgres', { dateParser: 'string' })
    const { db } = connect(url)
    try {
      return await generate({
        db,
        dialect,
        excludePattern: 'migrations',
        outFile: null,
        typeMapping: { int8: 'number' },
      })
    } finally {
      await db.destroy()
    }
  })
}
