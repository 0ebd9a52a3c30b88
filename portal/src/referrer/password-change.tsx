import { useState } from 'react'
import { changePassword, listSecurityEvents, listSessions } from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { fieldProblem } from '../api/problem.ts'
import { all, queryClient } from '../api/queries.ts'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { valueOf } from '../blocks/form.ts'
import { NewPassword } from '../blocks/new-password.tsx'
import { Panel } from '../blocks/panel.tsx'
import { Password } from '../blocks/password.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { toastDone } from '../blocks/toasts.tsx'
import { useMe } from '../me.ts'
import { accountWords } from '../../../src/words/account.ts'
import { useWords } from '../use-words.ts'

/** Sets a new password; all other devices are signed out by it. */
export function PasswordChange() {
  const say = useWords(accountWords)
  const me = useMe()
  const [times, setTimes] = useState(0)
  const changing = useSubmit(
    (body: { current_password: string; new_password: string }) =>
      changePassword({ body }, { idempotencyKey: keyFor(body) }),
    {
      onSuccess: () => {
        toastDone(say('changed'))
        // Nothing that was typed stays.
        setTimes(times + 1)
        void queryClient.invalidateQueries(all(listSecurityEvents))
        return queryClient.invalidateQueries(all(listSessions))
      },
    },
  )
  const problem = asProblem(changing.error)
  return (
    <Panel title={say('password')}>
      <ApiForm
        key={times}
        problem={changing.error}
        fields={['current_password', 'new_password']}
        pending={changing.isPending}
        button={say('change')}
        onSubmit={(form) =>
          changing.mutate({
            current_password: valueOf(form, 'current_password'),
            new_password: valueOf(form, 'new_password'),
          })
        }
      >
        {/* Whose password it is, for what keeps passwords. */}
        <input type="text" autoComplete="username" value={me?.email ?? ''} readOnly hidden />
        <Password
          name="current_password"
          label={say('currentPassword')}
          autoComplete="current-password"
          error={fieldProblem(problem, 'current_password')}
        />
        <NewPassword
          name="new_password"
          label={say('newPassword')}
          error={fieldProblem(problem, 'new_password')}
        />
      </ApiForm>
    </Panel>
  )
}
