import { exported, ExportFormat } from '../../http/exports.ts'
import { operation } from '../../http/operation.ts'
import { Strict } from '../../http/schemas.ts'
import { listAllCodes } from '../codes/schemas.ts'
import { listAllReferrals } from '../referrals/schemas.ts'
import { listUsers } from '../users/schemas.ts'

export const REFERRAL_COLUMNS = [
  'id',
  'email',
  'username',
  'code',
  'status',
  'reason',
  'created_at',
  'confirmed_at',
  'referrer_id',
  'referrer_email',
  'referrer_username',
] as const
export const CODE_COLUMNS = [
  'id',
  'code',
  'state',
  'created_at',
  'expires_at',
  'retired_at',
  'uses',
  'user_id',
  'owner_email',
  'owner_username',
] as const
export const USER_COLUMNS = [
  'id',
  'email',
  'username',
  'role',
  'email_verified',
  'created_at',
  'invited_at',
  'blocked_at',
  'erased_at',
  'active_code',
  'active_code_expires_at',
  'referrals',
] as const

// A search for a part of a name may look through everybody for each thousand lines.
const { status, code, referrer_id, created_from, created_to } =
  listAllReferrals.schema.querystring.properties
const { role, blocked, email_verified, ...created } = listUsers.schema.querystring.properties

export const exportAllReferrals = operation({
  operationId: 'exportAllReferrals',
  tags: ['Administration'],
  summary: 'Referrals of everybody as a file',
  description: 'All that the filters find, the newest first, however many there are.',
  access: 'admin',
  querystring: Strict({
    format: ExportFormat,
    status,
    code,
    referrer_id,
    created_from,
    created_to,
  }),
  response: exported('The file.', REFERRAL_COLUMNS),
  errors: [],
})

export const exportAllCodes = operation({
  operationId: 'exportAllCodes',
  tags: ['Administration'],
  summary: 'Codes of everybody as a file',
  description: 'All that the filter finds, the newest first, however many there are.',
  access: 'admin',
  querystring: Strict({
    format: ExportFormat,
    state: listAllCodes.schema.querystring.properties.state,
  }),
  response: exported('The file.', CODE_COLUMNS),
  errors: [],
})

export const exportUsers = operation({
  operationId: 'exportUsers',
  tags: ['Administration'],
  summary: 'Users as a file',
  description:
    'All that the filters find, the newest first, however many there are; erased people without what was personal.',
  access: 'admin',
  querystring: Strict({
    format: ExportFormat,
    role,
    blocked,
    email_verified,
    created_from: created.created_from,
    created_to: created.created_to,
  }),
  response: exported('The file.', USER_COLUMNS),
  errors: [],
})
