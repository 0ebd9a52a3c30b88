import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../../context.ts'
import { createExaminer } from './examination.ts'
import * as schemas from './schemas.ts'
import { describeSystem } from './service.ts'

export const adminSystemRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  const examiner = createExaminer(ctx)
  app.addHook('onClose', () => examiner.close())

  app.get('/system', schemas.getSystem, async (request) => {
    const [system, { findings, started_at, running }] = await Promise.all([
      describeSystem(ctx),
      examiner.examine({ thoroughly: request.query.checks }),
    ])
    const ok = findings.every((finding) => finding.ok !== false)
    return { ...system, ok, checks: findings, checked_at: started_at, checking: running }
  })
}
