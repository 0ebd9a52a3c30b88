import { NativeSelect, TextInput } from '@mantine/core'
import { inviteUser, listUsers } from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { fieldProblem } from '../api/problem.ts'
import { all, queryClient } from '../api/queries.ts'
import { asProblem } from '../blocks/api-form.tsx'
import { valueOf } from '../blocks/form.ts'
import { useLocale } from '../language.ts'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import { ActDialog } from './dialog.tsx'

/** Asks for whom to invite, as what, and in which language. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const say = useWords(adminWords)
  const locale = useLocale()
  return (
    <ActDialog
      title={say('inviteTitle')}
      text={say('inviteHint')}
      button={say('sendInvitation')}
      done={say('invitationSent')}
      fields={['email']}
      act={invite}
      onClose={onClose}
    >
      {(problem) => (
        <>
          <TextInput
            name="email"
            type="email"
            label={say('email')}
            data-autofocus
            required
            withAsterisk={false}
            autoComplete="off"
            error={fieldProblem(asProblem(problem), 'email')}
          />
          <NativeSelect
            name="role"
            label={say('role')}
            data={[
              { value: 'user', label: say('user') },
              { value: 'admin', label: say('administrator') },
            ]}
          />
          <NativeSelect
            name="locale"
            label={say('mailLanguage')}
            defaultValue={locale}
            data={[
              { value: 'en', label: 'English' },
              { value: 'ru', label: 'Русский' },
            ]}
          />
        </>
      )}
    </ActDialog>
  )
}

async function invite(form: HTMLFormElement): Promise<void> {
  const body = {
    email: valueOf(form, 'email'),
    role: valueOf(form, 'role') as 'user' | 'admin',
    locale: valueOf(form, 'locale') as 'en' | 'ru',
  }
  await inviteUser({ body }, { idempotencyKey: keyFor(['invite', body]) })
  await queryClient.invalidateQueries(all(listUsers))
}
