import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PageOf } from '../db/page.ts'

/** Adds the `Link` header (RFC 8288) of a list: first, prev, next, last; by cursor only next. */
export function linkPages<Listed extends PageOf<unknown>>(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Listed,
): Listed {
  const url = new URL(request.originalUrl, 'http://localhost')
  const link = (rel: string, changes: Record<string, string | number>) => {
    const query = new URLSearchParams(url.search)
    query.delete('page')
    query.delete('cursor')
    for (const [name, value] of Object.entries(changes)) query.set(name, String(value))
    return `<${url.pathname}?${query.toString()}>; rel="${rel}"`
  }
  void reply.header('link', linksOf(url.searchParams.has('cursor'), page, link).join(', '))
  return page
}

type Link = (rel: string, changes: Record<string, string | number>) => string

function linksOf(byCursor: boolean, page: PageOf<unknown>, link: Link): string[] {
  const first = link('first', { page: 1 })
  if (byCursor) {
    return page.next_cursor ? [first, link('next', { cursor: page.next_cursor })] : [first]
  }
  const last = Math.max(1, page.pages)
  const links = [first, link('last', { page: last })]
  if (page.page > 1) links.push(link('prev', { page: Math.min(page.page - 1, last) }))
  if (page.page < page.pages) links.push(link('next', { page: page.page + 1 }))
  return links
}
