import { Button, Group } from '@mantine/core'
import { Share2 } from 'lucide-react'
import type { Code } from '../api/client.gen.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import styles from './home.module.css'

/** Ways to send the link: the device's own sheet where there is one, and links that open a messenger. */
export function Share({ code: { code, url } }: { code: Code }) {
  const say = useWords(referrerWords)
  const text = say('shareText', { code })
  const places = [
    { name: 'Telegram', href: addressOf('https://t.me/share/url', { url, text }) },
    { name: 'WhatsApp', href: addressOf('https://wa.me/', { text: `${text} ${url}` }) },
    { name: 'VK', href: addressOf('https://vk.com/share.php', { url, title: text }) },
    { name: 'X', href: addressOf('https://x.com/intent/post', { text, url }) },
    { name: say('mail'), href: mailOf(say('shareSubject'), `${text}\n${url}`) },
  ]
  return (
    <Group gap="xs" component="ul" className={styles['plain']} aria-label={say('share')}>
      {'share' in navigator ? (
        <li>
          <Button
            size="xs"
            variant="light"
            leftSection={<Share2 size={16} />}
            onClick={() => void shareOnDevice({ title: say('shareSubject'), text, url })}
          >
            {say('shareDevice')}
          </Button>
        </li>
      ) : null}
      {places.map(({ name, href }) => (
        <li key={name}>
          <Button
            component="a"
            href={href}
            {...(href.startsWith('https:') && { target: '_blank', rel: 'noreferrer' })}
            size="xs"
            variant="default"
            aria-label={say('shareBy', { name })}
          >
            {name}
          </Button>
        </li>
      ))}
    </Group>
  )
}

// Whoever closes the sheet has changed their mind: that is no failure.
const shareOnDevice = (what: ShareData) => navigator.share(what).catch(() => undefined)

const addressOf = (place: string, values: Record<string, string>) =>
  `${place}?${new URLSearchParams(values)}`

// Mail programs take a plus for a plus, not for a space.
const mailOf = (subject: string, body: string) =>
  `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`
