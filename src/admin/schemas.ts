import { Type } from 'typebox'
import { Id, Nullable } from '../http/schemas.ts'

/** Somebody as administrators see them beside what is theirs. */
export const Person = Type.Object(
  {
    id: Id,
    email: Nullable(Type.String({ examples: ['ann@example.com'] })),
    username: Nullable(Type.String({ examples: ['ann'] })),
  },
  { $id: 'Person', description: 'Somebody who was erased has no e-mail address and no username.' },
)
