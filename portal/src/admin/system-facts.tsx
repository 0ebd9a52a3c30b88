import type { System } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { useFormats } from '../formats.ts'
import { systemWords } from '../../../src/words/admin-system.ts'
import { useWords } from '../use-words.ts'
import { type Fact, Facts } from './facts.tsx'

/** What runs here: versions, the database, the cache, and the services asked. */
export function SystemFacts({ system }: { system: System }) {
  const say = useWords(systemWords)
  const { dateTime, percent, number } = useFormats()
  const { database, cache, integrations } = system
  const asked = cache.hits + cache.misses
  const ms = (value: number) => say('answersIn', { ms: number(Math.round(value * 10) / 10) })
  const facts: Fact[] = [
    { word: say('version'), value: system.version },
    { word: say('node'), value: system.node },
    { word: say('since'), value: dateTime(system.started_at) },
    {
      word: say('database'),
      value: `PostgreSQL ${database.version}, ${say(database.kind)}`,
    },
    { word: say('answers'), value: ms(database.latency_ms) },
    { word: say('connections'), value: say('connectionsOf', database.connections) },
    { word: say('cache'), value: cacheOf(system, say) },
    { word: say('hits'), value: asked > 0 ? percent(cache.hits / asked) : null },
    { word: say('mail'), value: say(system.mail.transport) },
    ...integrations.map(({ name, state }) => ({ word: name, value: say(state) })),
    { word: say('migration'), value: system.last_migration.name },
  ]
  return (
    <Panel title={say('facts')}>
      <Facts facts={facts} />
    </Panel>
  )
}

type Say = ReturnType<typeof useWords<(typeof systemWords)['en']>>

function cacheOf({ cache: { kind, version, ready } }: System, say: Say): string {
  if (kind === 'process') return say('inProcess')
  const name = version ? `Redis ${version}` : 'Redis'
  return ready ? name : `${name}, ${say('away')}`
}
