import { SetupError } from '../errors.ts'

/** A failure of the embedded database whose message says in whole sentences what to do. */
export class EmbeddedError extends SetupError {
  override name = 'EmbeddedError'
}

/** One process owns a data folder at a time; the message names it and the two ways out. */
export class FolderInUse extends EmbeddedError {
  override name = 'FolderInUse'

  constructor(dataDir: string, owner: { pid: number; purpose: string } | undefined) {
    const who = owner ? `${owner.purpose} process ${owner.pid}` : 'another process'
    super(
      `${dataDir} is in use by ${who} of invitree. ` +
        'Stop that one first, or set another DATA_DIR for this one.',
    )
  }
}

/** The last words of PostgreSQL become one sentence on what happened and one on what to do. */
export function explain(words: string, dataDir: string): EmbeddedError {
  const known = KNOWN.find(([pattern]) => pattern.test(words))
  const sentence = known?.[1](dataDir) ?? 'The embedded database did not start.'
  const last = words.trim().split('\n').slice(-5).join('\n')
  return new EmbeddedError(last ? `${sentence} The last words were:\n${last}` : sentence)
}

const KNOWN: [RegExp, (dataDir: string) => string][] = [
  [
    /pre-existing shared memory|lock file ".*" already exists/,
    (dataDir) => `Another PostgreSQL still runs on ${dataDir}/postgres: end it first.`,
  ],
  [
    /No space left on device|disk is full|Disk quota exceeded/i,
    (dataDir) => `The disk of ${dataDir} is full: free some space there and start again.`,
  ],
  [
    /Permission denied|not permitted|wrong ownership|Read-?only|unable to open database/i,
    (dataDir) =>
      `The embedded database may not use ${dataDir}: run as the user who owns it, ` +
      'set another DATA_DIR, or set DATABASE_URL to a PostgreSQL server.',
  ],
  [
    /shared memory segment|Cannot allocate memory|out of memory/i,
    () => 'There is too little memory for the embedded database.',
  ],
  [
    /checkpoint|pg_control|pg_filenode|checksum|PANIC|invalid data|could not (open|read|access|find)/i,
    (dataDir) =>
      `The database in ${dataDir}/postgres looks damaged: put a backup of it in its place, ` +
      'or move it away to begin with an empty one.',
  ],
]
