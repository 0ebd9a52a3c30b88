import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { record } from '../../audit/service.ts'
import type { Context } from '../../context.ts'
import { inBatches } from '../../db/batches.ts'
import { actorOf, signedIn } from '../../http/auth.ts'
import { sendExport } from '../../http/exports.ts'
import { allCodes } from '../codes/queries.ts'
import { allReferrals } from '../referrals/queries.ts'
import { readFilters as readReferralFilters } from '../referrals/service.ts'
import { allUsers } from '../users/queries.ts'
import { readFilters as readUserFilters } from '../users/service.ts'
import * as schemas from './schemas.ts'

export const adminExportRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.get('/referrals/export', schemas.exportAllReferrals, async (request, reply) => {
    const { format, ...query } = request.query
    const found = allReferrals(ctx.db, readReferralFilters(signedIn(request), query))
    await note(request, 'referrals', format)
    return sendExport({ request, reply }, format, {
      name: 'referrals',
      columns: schemas.REFERRAL_COLUMNS,
      batches: inBatches(found, ['referrals.user_id', 'referred.id']),
    })
  })

  app.get('/codes/export', schemas.exportAllCodes, async (request, reply) => {
    const { format, ...filters } = request.query
    await note(request, 'codes', format)
    return sendExport({ request, reply }, format, {
      name: 'codes',
      columns: schemas.CODE_COLUMNS,
      batches: inBatches(allCodes(ctx.db, filters), ['referral_codes.id']),
    })
  })

  app.get('/users/export', schemas.exportUsers, async (request, reply) => {
    const { format, ...query } = request.query
    await note(request, 'users', format)
    return sendExport({ request, reply }, format, {
      name: 'users',
      columns: schemas.USER_COLUMNS,
      batches: inBatches(allUsers(ctx.db, readUserFilters(query)), ['users.id']),
    })
  })

  // Whoever takes personal data of many away is written down before the first row goes.
  async function note(request: FastifyRequest, list: string, format: string): Promise<void> {
    if (request.method === 'HEAD') return
    await record(ctx, actorOf(request), { action: 'list.exported', details: { list, format } })
  }
}
