import { Type } from 'typebox'
import { operation } from '../../http/operation.ts'
import {
  answer,
  done,
  Id,
  Nullable,
  Page,
  PageQuery,
  Strict,
  Timestamp,
} from '../../http/schemas.ts'

const JobName = Type.String({ description: 'What it does.', examples: ['mail'] })
const Count = (description: string) => Type.Integer({ minimum: 0, description, examples: [0] })

const FAILED = {
  id: '0b0fa2d4-6c8e-4d52-9f43-3a1f0a4b2c5d',
  name: 'mail',
  mail: 'welcome',
  user_id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60',
  tries: 13,
  reason: 'The mail was not sent: ESOCKET, CONN',
  created_at: '2026-11-20T08:30:00.000Z',
  failed_at: '2026-11-21T09:30:00.000Z',
}

export const FailedJob = Type.Object(
  {
    id: Id,
    name: JobName,
    mail: Nullable(Type.String({ description: 'Which mail, if it was to send one.' })),
    user_id: Nullable(Type.String({ format: 'uuid', description: 'Whom it concerns.' })),
    tries: Type.Integer({ minimum: 1, description: 'How often it was tried.' }),
    reason: Type.String({ description: 'Why the last try failed, without personal data.' }),
    created_at: Timestamp,
    failed_at: Timestamp,
  },
  { $id: 'FailedJob', examples: [FAILED] },
)

export const Queue = Type.Object(
  {
    name: JobName,
    waiting: Count('To be run now or later, those that failed and are tried again too.'),
    active: Count('Running now.'),
    failed: Count('Failed for good.'),
  },
  { $id: 'Queue' },
)

const QUEUES = [{ name: 'mail', waiting: 2, active: 1, failed: 1 }]

const FailedJobPage = Type.Object(
  {
    ...Page('FailedJobPage', FailedJob).properties,
    queues: Type.Array(Queue, { maxItems: 100, description: 'Every kind of job.' }),
  },
  {
    $id: 'FailedJobPage',
    examples: [
      { items: [FAILED], total: 1, page: 1, size: 50, pages: 1, next_cursor: null, queues: QUEUES },
    ],
  },
)

export const listFailedJobs = operation({
  operationId: 'listFailedJobs',
  tags: ['Administration'],
  summary: 'Background jobs that failed',
  description:
    'Jobs that failed for good, the last first, kept for 90 days; and how many of each kind wait, run and failed.',
  access: 'admin',
  querystring: PageQuery({}),
  response: { 200: answer('A page of failed jobs, and the queues.', FailedJobPage) },
  errors: [],
})

export const retryJob = operation({
  operationId: 'retryJob',
  tags: ['Administration'],
  summary: 'Try a failed job again',
  description:
    'It is put back into its queue, with all its tries; the audit trail says who did it.',
  access: 'admin',
  once: true,
  params: Strict({
    id: Type.String({ maxLength: 64, description: "The job's id.", examples: [FAILED.id] }),
  }),
  response: { 204: done('It waits for its turn.') },
  errors: ['job_not_found', 'outcome_unknown'],
})

const MAIL = {
  name: '0b0fa2d4-6c8e-4d52-9f43-3a1f0a4b2c5d.eml',
  to: 'ann@example.com',
  subject: 'Confirm your e-mail address',
  created_at: '2026-11-21T09:30:00.000Z',
  bytes: 4096,
}

export const OutboxMail = Type.Object(
  {
    name: Type.String({ description: 'The file.' }),
    to: Type.String({ description: 'To whom it goes.' }),
    subject: Type.String(),
    created_at: Timestamp,
    bytes: Type.Integer({ minimum: 0 }),
  },
  { $id: 'OutboxMail', examples: [MAIL] },
)

const OutboxPage = Type.Object(
  {
    transport: Type.Unsafe<'outbox' | 'smtp'>({
      type: 'string',
      enum: ['outbox', 'smtp'],
      description: '`smtp`: mails go to the server of SMTP_URL, and none are kept here.',
    }),
    ...Page('OutboxPage', OutboxMail).properties,
  },
  {
    $id: 'OutboxPage',
    examples: [
      {
        transport: 'outbox',
        items: [MAIL],
        total: 1,
        page: 1,
        size: 50,
        pages: 1,
        next_cursor: null,
      },
    ],
  },
)

export const listOutbox = operation({
  operationId: 'listOutbox',
  tags: ['Administration'],
  summary: 'Mails in the outbox',
  description:
    'Without SMTP_URL each mail is a file; here they are, the newest first. With it there are none.',
  access: 'admin',
  querystring: PageQuery({}),
  response: { 200: answer('A page of mails.', OutboxPage) },
  errors: [],
})

export const getOutboxMail = operation({
  operationId: 'getOutboxMail',
  tags: ['Administration'],
  summary: 'A mail in the outbox',
  description: 'Its source (RFC 5322), for a mail program to open; links in it are live.',
  access: 'admin',
  params: Strict({
    name: Type.String({
      maxLength: 100,
      description: "The mail's name as the list has it.",
      examples: [MAIL.name],
    }),
  }),
  response: {
    200: {
      description: 'The mail.',
      content: {
        'text/plain': { schema: Type.String({ examples: ['To: ann@example.com\nSubject: …'] }) },
      },
    },
  },
  errors: ['mail_not_found'],
})

export const sendTestMail = operation({
  operationId: 'sendTestMail',
  tags: ['Administration'],
  summary: 'Send myself a mail',
  description:
    'Shows whether mail arrives: it goes to your own address, by the queue that all mails go by.',
  access: 'admin',
  once: true,
  response: { 202: done('It is under way.') },
  errors: ['outcome_unknown'],
})
