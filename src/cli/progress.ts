import { Presets, SingleBar } from 'cli-progress'
import { SECOND } from '../lib/dates.ts'
import { say } from './run.ts'

export interface Progress {
  update(done: number): void
  stop(): void
}

/** Tells a person how far a command is: a bar on a terminal, else a line now and then. */
export function showProgress(total: number, what: string): Progress {
  if (process.stderr.isTTY) return showBar(total, what)
  let told = performance.now()
  return {
    update(done) {
      if (performance.now() - told < 5 * SECOND) return
      told = performance.now()
      say(`${done} of ${total} ${what}`)
    },
    stop: () => {},
  }
}

function showBar(total: number, what: string): Progress {
  const format = `{bar} {percentage}% {value} of {total} ${what}, {eta_formatted} left`
  const bar = new SingleBar({ format, stream: process.stderr }, Presets.shades_classic)
  bar.start(total, 0)
  return { update: (done) => bar.update(done), stop: () => bar.stop() }
}
