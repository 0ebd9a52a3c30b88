import { afterAll } from 'vitest'
import { cleanUp } from './cleanup.ts'

// Run for each test file, though what it imports is loaded once for all files of a worker. A file that could not
// be loaded, or whose tests are all left out, has no hooks: what it began ends ahead of the next.
await cleanUp()
afterAll(cleanUp)
