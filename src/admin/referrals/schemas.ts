import { Type } from 'typebox'
import { operation } from '../../http/operation.ts'
import {
  answer,
  Id,
  LongPage,
  Nullable,
  Page,
  PageQuery,
  Strict,
  Timestamp,
  TimestampInput,
} from '../../http/schemas.ts'
import { Referral, Status } from '../../referrals/schemas.ts'
import { Person } from '../schemas.ts'

const PersonId = (description: string) =>
  Type.String({
    maxLength: 64,
    description,
    examples: ['01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60'],
  })

// Without the name, which one answer may have once.
const Either = Type.Object(Person.properties)

export const AdminReferral = Type.Object(
  {
    id: Id,
    code: Referral.properties.code,
    status: Status,
    reason: Referral.properties.reason,
    created_at: Timestamp,
    confirmed_at: Nullable(Timestamp),
    referred: Either,
    referrer: Either,
  },
  { $id: 'AdminReferral', description: 'A referral with both people; `id` is the referred one’s.' },
)

export const listAllReferrals = operation({
  operationId: 'listAllReferrals',
  tags: ['Administration'],
  summary: 'Referrals of everybody',
  description: 'Who registered by whose code, the newest first.',
  access: 'admin',
  querystring: PageQuery({
    status: Type.Optional(Status),
    code: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: "The code's text, in any case.",
        examples: ['K7M2QX9D'],
      }),
    ),
    referrer_id: Type.Optional(PersonId('Whose referrals: an id, or `me`.')),
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: "Part of an e-mail address or username, either one's, or an id.",
        examples: ['ann'],
      }),
    ),
    created_from: Type.Optional(TimestampInput('Not before this moment.')),
    created_to: Type.Optional(TimestampInput('Before this moment.')),
  }),
  response: { 200: answer('A page of referrals.', LongPage('AdminReferralPage', AdminReferral)) },
  errors: [],
})

const Count = (description: string) =>
  Nullable(
    Type.Integer({
      minimum: 0,
      description: `${description} Null for the minutes that counting a large import takes.`,
    }),
  )

const NODE = {
  id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60',
  username: 'ann',
  email: 'ann@example.com',
  code: null,
  status: null,
  created_at: '2026-11-21T09:00:00.000Z',
  direct: 2,
  total: 5,
}

export const TreeNode = Type.Object(
  {
    ...Person.properties,
    code: Nullable(Type.String({ description: 'By which they came; null at a root.' })),
    status: Nullable(Status),
    created_at: Timestamp,
    direct: Count('How many came by this person, whatever became of it.'),
    total: Count('How many came by this person or by anybody below.'),
  },
  { $id: 'TreeNode', examples: [NODE] },
)

export const listTreeRoots = operation({
  operationId: 'listTreeRoots',
  tags: ['Administration'],
  summary: 'The roots of the tree of referrals',
  description: 'People who referred somebody and were referred by nobody, the newest first.',
  access: 'admin',
  querystring: PageQuery({}),
  response: { 200: answer('A page of roots.', LongPage('TreeRootPage', TreeNode)) },
  errors: [],
})

const CHILD = {
  id: '01936f40-11aa-7c2b-8d3e-5f6071829304',
  username: 'bob',
  email: 'bob@example.com',
  code: 'K7M2QX9D',
  status: 'pending',
  created_at: '2026-11-21T09:35:00.000Z',
  direct: 3,
  total: 3,
}

const TreeNodePage = Type.Object(
  { node: Type.Object(TreeNode.properties), ...Page('TreeNodePage', TreeNode).properties },
  {
    $id: 'TreeNodePage',
    examples: [
      {
        node: NODE,
        items: [CHILD],
        total: 2,
        page: 1,
        size: 1,
        pages: 2,
        next_cursor: 'AZNvPnwae2CdHD8fCksthA',
      },
    ],
  },
)

export const getTreeNode = operation({
  operationId: 'getTreeNode',
  tags: ['Administration'],
  summary: 'A node of the tree of referrals',
  description: 'Somebody, and one level below: who came by them, the newest first.',
  access: 'admin',
  params: Strict({ user_id: PersonId('An id, or `me`.') }),
  querystring: PageQuery({}),
  response: { 200: answer('The node, and a page of its children.', TreeNodePage) },
  errors: ['user_not_found'],
})
