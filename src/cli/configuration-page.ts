import type { TSchema } from 'typebox'
import about from '../../package.json' with { type: 'json' }
import { Environment } from '../config.ts'

// As `npm start` does, for which npm would have to be told of the file.
const WITH_FILE = about.scripts.start.replace('node ', 'node --env-file=.env ')

/** docs/configuration.md: every variable with its default, its range and its meaning. */
export function writeConfigurationPage(): string {
  const rows = variables().map(({ name, fallback, meaning, range }) => {
    const text = range ? `${meaning} (${range})` : meaning
    return `| \`${name}\` | ${fallback === undefined ? '' : `\`${fallback}\``} | ${cell(text)} |`
  })
  return `${INTRODUCTION}
| variable | default | meaning |
|---|---|---|
${rows.join('\n')}
${LIMITS_SECTION}`
}

/** .env.example: every variable explained, each commented out, so that a copy of it changes nothing. */
export function writeEnvExample(): string {
  const entries = variables().map(({ name, fallback, meaning, range }) => {
    const text = range ? `${meaning} (${range})` : meaning
    return `\n${wrapped(`${text}.`)}\n#${name}=${fallback ?? ''}\n`
  })
  return `${HEADER}${entries.join('')}`
}

interface Variable {
  name: string
  fallback: string | undefined
  meaning: string
  range: string | undefined
}

interface Described {
  description?: string
  default?: string | number
  enum?: string[]
  minimum?: number
  maximum?: number
}

const INTRODUCTION = `<!-- Written by \`npm run generate\` from src/config.ts. -->

# Configuration

Everything is set by environment variables, and all of them are optional: without any the service starts on its
embedded database. A wrong value stops the start with every problem named at once, and exit code 78.
\`npx invitree doctor\` checks them too, and whether what they lead to can be reached.

* An empty value counts as not set.
* Each variable can also be read from a file, for secrets: \`DATABASE_URL_FILE=/run/secrets/database_url\` reads
  \`DATABASE_URL\` from there. Where both are set, the file counts.
* Where there is a choice, exactly the values in brackets are taken: \`on\` is not \`true\`.
* No file is read by itself: give yours with \`env_file\` of Docker Compose, \`EnvironmentFile\` of systemd, or
  \`${WITH_FILE}\`. \`.env.example\` has every variable to copy from.
`

const LIMITS_SECTION = `
## Limits

Every limit, with the header that says so, is in [limits.md](limits.md).
`

const HEADER = `# Written by \`npm run generate\` from src/config.ts; docs/configuration.md says the same in a table.
#
# Copy it to .env and uncomment what you want to change; the values here are the defaults. Docker
# Compose reads it, and \`${WITH_FILE}\`.
# NAME_FILE=/a/file reads NAME from that file, for secrets. An empty value counts as not set.
`

function variables(): Variable[] {
  const properties: Record<string, TSchema & Described> = Environment.properties
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    fallback: schema.default === undefined ? undefined : String(schema.default),
    meaning: schema.description ?? '',
    range: rangeOf(schema),
  }))
}

function rangeOf(schema: Described): string | undefined {
  if (schema.enum) return schema.enum.join(', ')
  if (schema.minimum === undefined) return undefined
  return `${schema.minimum} to ${schema.maximum}`
}

const cell = (text: string) => text.replaceAll('|', '\\|')

function wrapped(text: string): string {
  const lines = ['#']
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`
    if (line.length > 100) lines.push(`# ${word}`)
    else lines[lines.length - 1] = line
  }
  return lines.join('\n')
}
