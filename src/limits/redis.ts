import { createHash } from 'node:crypto'
import { type CacheLog, keepConnected } from '../cache/cache.ts'
import { type Client, connectRedis } from '../cache/redis-connection.ts'
import { type Check, intervalOf, memoryMsOf, type State, type Verdict } from './rules.ts'

// The same as rules.ts, for all limits of a request at once, by the clock of Redis: instances whose own
// clocks differ count alike. ARGV: time, what to do, then 5 a key. Only tests tell a time: it may stand still,
// so what is kept by it is kept ten minutes longer.
const SCRIPT = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local answer, refused, writes = {now}, false, {}
for i, key in ipairs(KEYS) do
  local kind = ARGV[i * 5 - 2]
  local limit, period = tonumber(ARGV[i * 5 - 1]), tonumber(ARGV[i * 5])
  local step, memory = tonumber(ARGV[i * 5 + 1]), tonumber(ARGV[i * 5 + 2])
  local count, at = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  count, at = tonumber(count) or 0, tonumber(at) or 0
  local known = {count, at}
  if at + memory <= now then count, at = 0, now end
  local allowed = true
  if ARGV[2] == 'take' and kind == 'window' then
    local next = math.max(at, now) + step
    allowed = next - now <= period
    count, at = 0, next
  elseif ARGV[2] == 'take' then
    allowed = at <= now
    count = count + 1
    at = now
    if count >= limit then at = now + math.min(period, step * 2 ^ (count - limit)) end
  elseif kind == 'window' then
    at = at - step
  elseif ARGV[2] == 'clear' then
    count, at = 0, now - memory
  else
    count = count - 1
    at = count > 0 and now or now - memory
  end
  if not allowed then refused = true end
  writes[i] = {key, count, at, at - now + memory, known, allowed}
end
for _, write in ipairs(writes) do
  local key, count, at, ttl, known, allowed = unpack(write)
  if refused then
    count, at = known[1], known[2]
  elseif ttl > 0 then
    if ARGV[1] ~= '' then ttl = ttl + 600000 end
    redis.call('SET', key, string.format('%.0f:%.0f', count, at), 'PX', string.format('%.0f', ttl))
  else
    redis.call('DEL', key)
  end
  answer[#answer + 1] = allowed and 1 or 0
  answer[#answer + 1] = count
  answer[#answer + 1] = at
end
return answer`
const SHA = createHash('sha1').update(SCRIPT).digest('hex')

export type Action = 'take' | 'undo' | 'clear'

/** Limits that all instances count together; undefined whenever Redis does not answer at once. */
export async function createRedisCounts(options: {
  redisUrl: string
  prefix: string
  log: CacheLog
  /** Only in tests: how long an answer is waited for. */
  patienceMs?: number | undefined
}) {
  const keeper = await keepConnected(
    'Redis for the limits',
    () => connectRedis(options.redisUrl, options.patienceMs),
    options.log,
    'each process counts on by itself',
  )
  return {
    async run(action: Action, checks: Check[], now: number | undefined) {
      const redis = keeper.current()
      if (!redis || redis.patience.tried()) return undefined
      const keys = checks.map(({ key }) => options.prefix + key)
      const given = [String(now ?? ''), action, ...checks.flatMap(argumentsOf)]
      const answer = evaluate(redis.client, keys, given)
      return redis.patience.within(answer).then(read, () => undefined)
    },
    close: () => keeper.close(),
  }
}

export type RedisCounts = Awaited<ReturnType<typeof createRedisCounts>>

function argumentsOf({ rule }: Check): string[] {
  const { backOff, limit, periodMs } = rule
  const step = backOff ? backOff.firstMs : intervalOf(rule)
  const kind = backOff ? 'backoff' : 'window'
  return [kind, ...[limit, periodMs, step, memoryMsOf(rule)].map(String)]
}

async function evaluate(client: Client, keys: string[], given: string[]): Promise<unknown> {
  const options = { keys, arguments: given }
  try {
    return await client.evalSha(SHA, options)
  } catch (error) {
    // It keeps scripts only until it is restarted.
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return client.eval(SCRIPT, options)
  }
}

/** The moment that Redis decided at, and each verdict. */
function read(answer: unknown): { now: number; verdicts: Verdict[] } {
  const [now = 0, ...numbers] = (answer as unknown[]).map(Number)
  const verdicts: Verdict[] = []
  for (let i = 0; i < numbers.length; i += 3) {
    const state: State = { count: numbers[i + 1]!, at: numbers[i + 2]! }
    verdicts.push({ allowed: numbers[i] === 1, state })
  }
  return { now, verdicts }
}
