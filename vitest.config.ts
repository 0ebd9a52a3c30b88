import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

// The same on every database, or on none: they run once, beside the embedded one.
const ONCE = [
  'test/portal/**',
  'test/docs.test.ts',
  'test/words.test.ts',
  'test/architecture.test.ts',
  'test/security/statistics.test.ts',
  'src/lib/**',
  'src/integrations/**',
  'src/db/embedded*.test.ts',
  // Real processes, killed and cut off from servers that are the test's own or of any version.
  'test/faults/{checker,clocks,database-*,embedded,mail,redis,rolling,service-killed,standby,stop,worker}.test.ts',
  'test/security/{fuzz,hidden-paths,smuggling}.test.ts',
]
const isOnServer = process.env['TEST_DATABASE_URL'] !== undefined

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(isOnServer ? ONCE : [])],
    globalSetup: 'test/support/server.ts',
    setupFiles: 'test/support/each-file.ts',
    // Loading the program anew for each file took a third of the time.
    isolate: false,
    pool: 'threads',
    // One by default on two cores, yet much of the time is spent waiting for servers, faults and expiries.
    // A server of its own has room for 100 connections, which three at a time may reach.
    maxWorkers: isOnServer ? 2 : 3,
    sequence: { sequencer: LongestFirst },
    // Bounds of patience, not of speed: nothing waits for them where all is well, and a machine that is busy
    // with other things does not reach them.
    expect: { poll: { timeout: 60_000 } },
    // CI runs beside whatever else its machine does: what fails there is tried once more, and is named as flaky.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: process.env['FAULTS'] === 'long' ? 3_600_000 : 600_000,
    hookTimeout: 180_000,
  },
})
