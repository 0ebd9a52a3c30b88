import pino from 'pino'
import { type Config, ConfigError, readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { explainServer } from '../db/failures.ts'
import { AppError, type ErrorKind, SetupError } from '../errors.ts'
import { serializers } from '../lib/error-log.ts'
import { openContext, openDatabase } from '../open.ts'
import { CommandError } from './command-error.ts'

// The numbers of sysexits.h: what was given is refused, no access to what is needed, wrong configuration.
const EXIT_DATA = 65
const EXIT_UNAVAILABLE = 69
const EXIT_CONFIG = 78
const REFUSED = new Set<ErrorKind>(['invalid', 'conflict', 'not_found'])

/** Where a command speaks to a person: standard error, so that standard output stays for results. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Runs a command's work; a failure that a person can mend is one sentence and an exit code, no stack. */
export async function orExplain(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    say(explain(error))
    process.exitCode = exitCodeOf(error)
  }
}

/** The number that a process ends with for this reason. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode
  if (error instanceof AppError && REFUSED.has(error.kind)) return EXIT_DATA
  return error instanceof ConfigError ? EXIT_CONFIG : EXIT_UNAVAILABLE
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, port, address } = error as NodeJS.ErrnoException & {
    port?: number
    address?: string
  }
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program: stop it, or set another PORT.`
  }
  if (code === 'EACCES' && port)
    return `This user may not listen on port ${port}: set another PORT.`
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${address}: set another HOST.`
  if (error instanceof AppError || error instanceof SetupError) return error.message
  return explainServer(error) ?? error.stack ?? error.message
}

/** Gives `work` a context on the configured database, or on the embedded one, running or started for it. */
export async function withContext(
  work: (ctx: Context, config: Config) => Promise<void>,
): Promise<void> {
  await orExplain(async () => {
    const config = readConfig(process.env)
    const database = await openDatabase(config, 'command', say)
    const log = pino({ level: 'warn', serializers }, pino.destination(2))
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
