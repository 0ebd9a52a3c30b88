import { createServer, type IncomingMessage } from 'node:http'
import pg from 'pg'

// The limit that the service is held against: node:http alone, answering what it is given (ANSWER), the rows
// of the one best query (QUERY, PARAMETER), or a code made or retired for one of USERS by the statements
// that such a change needs, in one transaction.
const { ANSWER, QUERY, PARAMETER, USERS, DATABASE_URL } = process.env
const pool = DATABASE_URL
  ? new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
  : (undefined as never)
const users = JSON.parse(USERS ?? '[]') as string[]
const answer = JSON.parse(ANSWER ?? '{}') as {
  status: number
  headers: Record<string, string>
  body: string
}
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

type Answered = { status: number; headers: Record<string, string>; body: string }
const work = USERS ? change : QUERY ? list : undefined

const server = createServer((request, response) => {
  const send = ({ status, headers, body }: Answered) => {
    response.writeHead(status, headers)
    response.end(body)
  }
  if (!work) return send(answer)
  work(request).then(send, (error: unknown) => {
    send({ status: 500, headers: {}, body: String(error) })
  })
})

async function list(): Promise<Answered> {
  const { rows } = await pool.query({ name: 'best', text: QUERY ?? '', values: [PARAMETER] })
  return {
    status: 200,
    headers: JSON_HEADERS,
    body: JSON.stringify({ items: rows.slice(0, 50) }),
  }
}

const OWNER = `select id, email_key from users where id = $1 and erased_at is null for no key update`
const UNRETIRED = `select id, code_key,
  pg_advisory_xact_lock(hashtextextended(referral_codes.id::text, 0))
  from referral_codes where user_id = $1 and retired_at is null for update`
const INSERT = `insert into referral_codes (id, user_id, code, code_key, expires_at, created_at)
  values (gen_random_uuid(), $1, $2, $2, clock_timestamp() + interval '1 day', statement_timestamp())
  on conflict (code_key) do nothing returning id, code, expires_at, created_at`
const RETIRE = `update referral_codes set retired_at = clock_timestamp() where id = $1`
const NOTIFY = `select pg_notify('bench', $1)`

let made = 0
async function change(request: IncomingMessage): Promise<Answered> {
  const user = users[Number(request.headers['x-user'])]
  const client = await pool.connect()
  const run = (name: string, text: string, values: unknown[]) =>
    client.query({ name, text, values })
  try {
    await client.query('begin')
    await run('owner', OWNER, [user])
    const { rows: held } = await run('unretired', UNRETIRED, [user])
    const code = `${process.pid}${String(made++).padStart(8, '0')}`
    const { rows } =
      request.method === 'POST'
        ? await run('insert', INSERT, [user, code])
        : await run('retire', RETIRE, [held[0].id])
    await run('notify', NOTIFY, [`check:${code}`])
    await client.query('commit')
    return request.method === 'POST'
      ? { status: 201, headers: JSON_HEADERS, body: JSON.stringify(rows[0]) }
      : { status: 204, headers: {}, body: '' }
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`http://127.0.0.1:${address?.port}\n`)
})
