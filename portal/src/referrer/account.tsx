import { SimpleGrid, Stack } from '@mantine/core'
import { LanguageSelect, ThemeSelect } from '../blocks/preferences.tsx'
import { Panel } from '../blocks/panel.tsx'
import { Page } from '../layout/page.tsx'
import { accountWords } from '../../../src/words/account.ts'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'
import { Devices } from './devices.tsx'
import { OwnData } from './own-data.tsx'
import { PasswordChange } from './password-change.tsx'
import { Profile } from './profile.tsx'
import { SecurityEvents } from './security-events.tsx'

/** My account: who I am here, where I am signed in, and what is held about me. */
export function Account() {
  const say = useWords(commonWords)
  return (
    <Page title={say('account')}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Stack>
          <Profile />
          <Preferences />
          <PasswordChange />
        </Stack>
        <Stack>
          <Devices />
          <SecurityEvents />
          <OwnData />
        </Stack>
      </SimpleGrid>
    </Page>
  )
}

function Preferences() {
  const say = useWords(accountWords)
  return (
    <Panel title={say('look')}>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <LanguageSelect label={say('language')} description={say('languageHint')} />
        <ThemeSelect label={say('theme')} />
      </SimpleGrid>
    </Panel>
  )
}
