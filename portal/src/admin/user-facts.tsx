import { Group } from '@mantine/core'
import type { AdminUserDetail } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { useFormats } from '../formats.ts'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import { CopyButton } from './copy-button.tsx'
import { type Fact, Facts } from './facts.tsx'
import { RoleBadge, StandingBadge } from './people.tsx'

const LANGUAGES = { en: 'English', ru: 'Русский' }

/** What is known of an account. */
export function UserFacts({ user }: { user: AdminUserDetail }) {
  const say = useWords(adminWords)
  const { dateTime } = useFormats()
  const { email, name, company, email_verified_at, last_sign_in_at } = user
  const facts: Fact[] = [
    { word: say('email'), value: email },
    { word: say('name'), value: name },
    { word: say('company'), value: company },
    {
      word: say('confirmedOn'),
      value: email_verified_at ? dateTime(email_verified_at) : say('notYet'),
    },
    { word: say('joined'), value: dateTime(user.created_at) },
    { word: say('lastSignIn'), value: last_sign_in_at ? dateTime(last_sign_in_at) : say('never') },
    { word: say('language'), value: LANGUAGES[user.locale] },
    { word: say('idWord'), value: <CopyButton text={user.id} label={say('copyId')} /> },
  ]
  return (
    <Panel
      title={say('facts')}
      aside={
        <Group gap={6}>
          <StandingBadge user={user} />
          <RoleBadge role={user.role} />
        </Group>
      }
    >
      <Facts facts={facts} />
    </Panel>
  )
}
