import { createServer } from 'node:http'
import pg from 'pg'

// The limit that the service is held against: node:http alone, answering bytes that it is given, or the
// rows of the one best query. BODY or QUERY with DATABASE_URL and PARAMETER say which.
const { BODY, QUERY, PARAMETER, DATABASE_URL } = process.env
const pool = QUERY ? new pg.Pool({ connectionString: DATABASE_URL, max: 10 }) : undefined
const headers = { 'content-type': 'application/json; charset=utf-8' }

const server = createServer((_request, response) => {
  if (!pool) {
    response.writeHead(200, headers)
    response.end(BODY)
    return
  }
  pool.query({ name: 'best', text: QUERY ?? '', values: [PARAMETER] }, (_error, { rows }) => {
    response.writeHead(200, headers)
    response.end(JSON.stringify({ items: rows.slice(0, 50) }))
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`http://127.0.0.1:${address?.port}\n`)
})
