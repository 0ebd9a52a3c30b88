import { DAY, HOUR, MINUTE } from '../lib/dates.ts'
import { LIMITS, type Rule } from '../limits/table.ts'

/** docs/limits.md: every limit with what is counted, how much is let through, and the header that says so. */
export function writeLimitsPage(): string {
  const rows = Object.entries<Rule>(LIMITS).map(
    ([name, rule]) => `| ${rule.counted} | ${limitOf(rule)} | ${headerOf(name, rule)} |`,
  )
  return `${INTRODUCTION}
| counted | limit | \`RateLimit-Policy\` |
|---|---|---|
${rows.join('\n')}
${RULES}`
}

const INTRODUCTION = `<!-- Written by \`npm run generate\` from src/limits/table.ts. -->

# Limits

A limited answer names each limit that the request met in \`RateLimit-Policy\` (how many, in how many seconds), and
in \`RateLimit\` what is left: \`"create_code";r=29;t=2880\` is 29 left, all 30 again in 2880 seconds. A refusal is
429 \`rate_limited\` with \`Retry-After\`; \`t\` of the limit that refused is then when it lets one more through.
`

const RULES = `
* A window lets that many through at once, then as many in each period, evenly.
* A back-off lets five failures through; each one more waits twice as long as the one before, from 1 second to
  15 minutes. Signing in well forgets them. It is counted by what was typed, whether or not there is such an account.
* An address is one IPv4 address or the /64 of an IPv6 address. Behind a proxy it is the proxy's until \`TRUST_PROXY\`
  says whose \`X-Forwarded-For\` is believed; with a number, the service must be reached through the proxies alone.
* With \`REDIS_URL\` all instances count together, but for \`user\` and \`anonymous\`, which each process counts alone.
* A client on the loopback address without a forwarding header is held to the back-offs only; \`RATE_LIMITS=off\`
  lifts all.

## Known devices

Nobody is locked out by the failures of others. Signing in, changing the password and setting it by a mailed link
answer the cookie \`invitree_device\` (\`HttpOnly\`, \`SameSite=Strict\`, for \`/api/v1/auth\` only). A device that sends
it when signing in as the same user is counted by \`login_device\` alone: its five free failures and its waits are its
own. A client without a cookie jar may keep the value and send it as \`Cookie: invitree_device=…\`.

The cookie is a random id, and MACs over it, the user and the password's hash: it opens nothing, names nobody, and
nothing is kept on the server. It is void once the password changes, so whoever knew the old one cannot have
collected devices to guess the new one with.
`

function limitOf({ limit, periodMs, backOff }: Rule): string {
  const count = backOff ? `${limit} failures, then waits of up to` : `${limit} in`
  return `${count} ${periodOf(periodMs)}`
}

const headerOf = (name: string, { limit, periodMs, silent }: Rule) =>
  silent ? 'none: it refuses silently' : `\`"${name}";q=${limit};w=${periodMs / 1000}\``

function periodOf(ms: number): string {
  if (ms === DAY) return 'a day'
  return ms === HOUR ? 'an hour' : ms === MINUTE ? 'a minute' : `${ms / MINUTE} minutes`
}
