import pino from 'pino'
import { type Config, ConfigError, readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { SchemaTooNew } from '../db/migrate.ts'
import { AppError } from '../errors.ts'
import { openContext, openDatabase } from '../open.ts'

// The numbers of sysexits.h: wrong configuration, and no access to what is needed.
const EXIT_CONFIG = 78
const EXIT_UNAVAILABLE = 69

/** Where a command speaks to a person: standard error, so that standard output stays for results. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Runs a command's work; a failure that a person can mend is one sentence and an exit code, no stack. */
export async function orExplain(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const expected = error instanceof AppError || error instanceof SchemaTooNew
    const known = expected || error instanceof ConfigError || EXPLAINED.test(error.name)
    say(known ? error.message : (error.stack ?? error.message))
    process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : EXIT_UNAVAILABLE
  }
}

const EXPLAINED = /^(FolderInUse|EmbeddedError)$/

/** Gives `work` a context on the configured database, or on the embedded one, running or started for it. */
export async function withContext(
  work: (ctx: Context, config: Config) => Promise<void>,
): Promise<void> {
  await orExplain(async () => {
    const config = readConfig(process.env)
    const database = await openDatabase(config, 'command', say)
    const log = pino({ level: 'warn' }, pino.destination(2))
    try {
      const opened = await openContext(config, database.url, log)
      try {
        await work(opened.ctx, config)
      } finally {
        await opened.close()
      }
    } finally {
      await database.stop()
    }
  })
}
