import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../../context.ts'
import { signedIn } from '../../http/auth.ts'
import { linkPages } from '../../http/pages.ts'
import * as schemas from './schemas.ts'
import { list } from './service.ts'
import { listRoots, showNode } from './tree.ts'

export const adminReferralRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.get('/referrals', schemas.listAllReferrals, async (request, reply) =>
    linkPages(request, reply, await list(ctx, signedIn(request), request.query)),
  )

  app.get('/tree', schemas.listTreeRoots, async (request, reply) =>
    linkPages(request, reply, await listRoots(ctx, request.query)),
  )

  app.get('/tree/:user_id', schemas.getTreeNode, async (request, reply) => {
    const { user_id } = request.params
    const found = await showNode(ctx, signedIn(request), user_id, request.query)
    return linkPages(request, reply, found)
  })
}
