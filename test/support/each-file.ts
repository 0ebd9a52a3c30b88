import { cleanUpAfterAll } from './cleanup.ts'

// Run for each test file, though what it imports is loaded once for all files of a worker.
cleanUpAfterAll()
