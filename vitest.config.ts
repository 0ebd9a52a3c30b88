import { configDefaults, defineConfig } from 'vitest/config'

// Pages look and work the same on every database: they are opened in one run, on the embedded one.
const PAGES = ['test/portal/**', 'test/docs.test.ts']
const isOnServer = process.env['TEST_DATABASE_URL'] !== undefined

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(isOnServer ? PAGES : [])],
    globalSetup: 'test/support/database.ts',
    pool: 'threads',
    // One by default on two cores, yet much of the time is spent waiting for servers, faults and expiries.
    maxWorkers: 2,
    // Bounds of patience, not of speed: nothing waits for them where all is well, and a machine that is busy
    // with other things does not reach them.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
