import { TextInput } from '@mantine/core'
import { useState } from 'react'
import * as api from '../api/client.gen.ts'
import { fieldProblem } from '../api/problem.ts'
import { all, queryClient } from '../api/queries.ts'
import { asProblem } from '../blocks/api-form.tsx'
import { valueOf } from '../blocks/form.ts'
import { useFormats } from '../formats.ts'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import { ActDialog } from './dialog.tsx'

export interface CodeAct {
  kind: 'extend' | 'retire'
  code: api.AdminCode
}

interface Given {
  act: CodeAct
  onClose: () => void
}

/** Asks before a code is moved or switched off. */
export function CodeDialog({ act, onClose }: Given) {
  return act.kind === 'extend' ? (
    <Extend act={act} onClose={onClose} />
  ) : (
    <Retire act={act} onClose={onClose} />
  )
}

function Retire({ act: { code }, onClose }: Given) {
  const say = useWords(allReferralsWords)
  const retire = async () => {
    await api.retireAnyCode({ path: { code: code.code } })
    await renew()
  }
  return (
    <ActDialog
      title={say('retireTitle', { code: code.code })}
      text={say('retireText')}
      button={say('retire')}
      isDangerous
      done={say('retiredDone', { code: code.code })}
      act={retire}
      onClose={onClose}
    />
  )
}

function Extend({ act: { code }, onClose }: Given) {
  const say = useWords(allReferralsWords)
  const { dateTime } = useFormats()
  const [until, setUntil] = useState(() => localTime(code.expires_at))
  const [isWrong, setWrong] = useState(false)
  const extend = async () => {
    const body = { expires_at: new Date(until).toISOString() }
    await api.extendAnyCode({ path: { code: code.code }, body })
    await renew()
  }
  return (
    <ActDialog
      title={say('extendTitle', { code: code.code })}
      button={say('extend')}
      done={until ? say('extended', { code: code.code, when: dateTime(until) }) : ''}
      fields={['expires_at']}
      mayAct={(form) => {
        const isLater = Date.parse(valueOf(form, 'until')) > Date.now()
        setWrong(!isLater)
        return isLater
      }}
      act={extend}
      onClose={onClose}
    >
      {(problem) => (
        <TextInput
          name="until"
          type="datetime-local"
          label={say('until')}
          description={say('untilHint')}
          data-autofocus
          value={until}
          onChange={({ currentTarget }) => setUntil(currentTarget.value)}
          error={isWrong ? say('dateWrong') : fieldProblem(asProblem(problem), 'expires_at')}
        />
      )}
    </ActDialog>
  )
}

const CONCERNED = [api.listAllCodes, api.getOverview, api.getUser, api.listAudit, api.listUserAudit]

const renew = () => Promise.all(CONCERNED.map((one) => queryClient.invalidateQueries(all(one))))

/** A moment as a `datetime-local` field wants it: in the time zone of the reader. */
function localTime(at: string): string {
  const moment = new Date(at)
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 16)
}
