import { defineCommand } from 'citty'
import { readConfig } from '../config.ts'
import { openInOrder } from '../lib/closing.ts'
import { openContext, openDatabase } from '../open.ts'
import { startWorker } from '../worker.ts'
import { newLog, stopOnSignal } from './process.ts'
import { orExplain, say } from './run.ts'

export const work = defineCommand({
  meta: {
    name: 'work',
    description: 'Run the background jobs alone, beside services started with --no-worker.',
  },
  run: () => orExplain(start),
})

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const log = newLog(config)
  await openInOrder(async (closing) => {
    const database = await openDatabase(config, 'command', say)
    closing.add(() => database.stop())
    const { ctx, close } = await openContext(config, database.url, log)
    closing.add(close)
    // Before the first job, which a signal must not cut off.
    stopOnSignal(log, () => {}, closing.close)
    await startWorker(ctx)
  })
  say('Invitree works on background jobs.')
}
