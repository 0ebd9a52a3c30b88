import { type ChildProcess, spawn } from 'node:child_process'

export interface Watchdog {
  /** The server to end when this process is gone; undefined while there is none. */
  guard(pid: number | undefined): void
  dismiss(): void
}

/**
 * However this process ends, its server ends soon after: a shell in a session of its own, which
 * neither Ctrl-C nor a terminal that closes reaches, waits for the end of our pipe.
 */
export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', WATCH], {
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin:/run/current-system/sw/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', () => {})
  shell.stdin.on('error', () => {}) // somebody ended the watchdog; the next start copes
  release(shell)
  return {
    guard: (pid) => void shell.stdin.write(`${pid ?? ''}\n`),
    dismiss: () => void shell.stdin.end('\n'),
  }
}

/** A forgotten child never keeps this process alive. */
export function release(child: ChildProcess): void {
  child.unref()
  const pipe = child.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null
  pipe?.unref?.()
}

// Five seconds for a fast shutdown, five for an immediate one.
const WATCH = `
trap '' INT TERM HUP QUIT
pid=
while read -r line; do pid=$line; done
[ -n "$pid" ] || exit 0
kill -INT "$pid" || exit 0
tenths=0
while kill -0 "$pid" && [ $tenths -lt 150 ]; do
  tenths=$((tenths + 1))
  [ $tenths -eq 50 ] && kill -QUIT "$pid"
  [ $tenths -eq 100 ] && kill -KILL "$pid"
  sleep 0.1
done
`
