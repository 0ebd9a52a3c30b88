#!/usr/bin/env -S node --max-semi-space-size=4 --heap-growing-percent=30 --no-allocation-site-pretenuring
// The options, which `npm start` and the container give too, keep V8's heap small: 200 MB after an hour of load, not 400.
// In JavaScript, so that a start from what was compiled before needs not even what takes the types away: 20 MB.
// The cache lies in the installation, not in the temporary folder that others may write to; where that
// cannot be written, nothing is kept.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/invitree'))
await import('../src/cli/main.ts')
