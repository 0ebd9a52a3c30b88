import { NativeSelect, type NativeSelectProps, useMantineColorScheme } from '@mantine/core'
import { getMe, updateMe } from '../api/client.gen.ts'
import { all, queryClient } from '../api/queries.ts'
import { chooseLocale, isLocale, useChosenLocale } from '../language.ts'
import { accessToken } from '../session.ts'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'

/** Chooses the language of the page; whoever is signed in keeps it in the profile, for their mails too. */
export function LanguageSelect(props: NativeSelectProps) {
  const locale = useChosenLocale()
  return (
    <NativeSelect
      value={locale}
      data={[
        { value: 'en', label: 'English' },
        { value: 'ru', label: 'Русский' },
      ]}
      onChange={({ currentTarget }) => speak(currentTarget.value)}
      {...props}
    />
  )
}

/** Chooses between light, dark and what the device says. */
export function ThemeSelect(props: NativeSelectProps) {
  const say = useWords(commonWords)
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <NativeSelect
      value={colorScheme}
      data={[
        { value: 'auto', label: say('themeAuto') },
        { value: 'light', label: say('themeLight') },
        { value: 'dark', label: say('themeDark') },
      ]}
      onChange={({ currentTarget }) =>
        setColorScheme(currentTarget.value as 'auto' | 'light' | 'dark')
      }
      {...props}
    />
  )
}

function speak(value: string): void {
  if (!isLocale(value)) return
  chooseLocale(value)
  if (!accessToken()) return
  void updateMe({ body: { locale: value } })
    .then(() => queryClient.invalidateQueries(all(getMe)))
    .catch(() => undefined)
}
