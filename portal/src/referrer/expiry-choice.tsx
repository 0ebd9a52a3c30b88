import { Input, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import { valueOf } from '../blocks/form.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'

const DAYS = [7, 30, 90]
const DATE = 'date'

/** Chooses how long a code works from now on: some days, or until a date. */
export function ExpiryChoice({
  now,
  error,
}: {
  /** Until when it works now. */
  now?: string
  error: string | undefined
}) {
  const say = useWords(referrerWords)
  const [choice, setChoice] = useState('30')
  const label = useId()
  const [{ first, usual }] = useState(() => ({
    first: localText(new Date()),
    usual: localText(now === undefined ? inDays(30) : new Date(now)),
  }))
  return (
    <Stack gap="sm">
      <Input.Wrapper
        label={now === undefined ? say('howLong') : say('howLongNow')}
        labelElement="div"
        labelProps={{ id: label }}
        error={choice === DATE ? undefined : error}
      >
        <SegmentedControl
          fullWidth
          name="days"
          aria-labelledby={label}
          value={choice}
          onChange={setChoice}
          data={[
            ...DAYS.map((count) => ({ value: String(count), label: say('days', { count }) })),
            { value: DATE, label: say('untilDate') },
          ]}
        />
      </Input.Wrapper>
      {choice === DATE ? (
        <TextInput
          type="datetime-local"
          name="until"
          label={say('until')}
          min={first}
          defaultValue={usual}
          error={error}
        />
      ) : null}
    </Stack>
  )
}

/** The moment that is chosen in the form; undefined where a date is not complete. */
export function chosenExpiry(form: HTMLFormElement): string | undefined {
  const days = Number(valueOf(form, 'days'))
  if (days > 0) return inDays(days).toISOString()
  const at = new Date(valueOf(form, 'until'))
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

// On a whole minute: what is sent again a moment later is the same.
function inDays(days: number): Date {
  const at = new Date(Date.now() + days * 86_400_000)
  at.setSeconds(0, 0)
  return at
}

// In the time zone of the reader, as `datetime-local` wants it.
function localText(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 16)
}
