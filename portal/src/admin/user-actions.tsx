import { Button, Group, Menu } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { AdminUserDetail } from '../api/client.gen.ts'
import { useMe } from '../me.ts'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import type { Act } from './user-acts.ts'

const UserDialog = lazy(async () => ({ default: (await import('./user-dialog.tsx')).UserDialog }))

/** What can be done to an account; to one's own less, since nobody locks themselves out. */
export function UserActions({ user }: { user: AdminUserDetail }) {
  const say = useWords(adminWords)
  const me = useMe()
  const [act, setAct] = useState<Act>()
  const isOwn = me?.id === user.id
  const block = user.blocked_at ? 'unblock' : 'block'
  const role = user.role === 'admin' ? 'makeUser' : 'makeAdmin'
  return (
    <Group gap="xs">
      {isOwn ? null : (
        <Button
          size="xs"
          color={user.blocked_at ? 'leaf' : 'red'}
          variant={user.blocked_at ? 'filled' : 'light'}
          onClick={() => setAct(block)}
        >
          {say(block)}
        </Button>
      )}
      <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button size="xs" variant="default" rightSection={<ChevronDown size={14} />}>
            {say('more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAct('endSessions')}>{say('endSessions')}</Menu.Item>
          <Menu.Item disabled={user.blocked_at !== null} onClick={() => setAct('sendReset')}>
            {say('sendReset')}
          </Menu.Item>
          {isOwn ? null : (
            <>
              <Menu.Item onClick={() => setAct(role)}>{say(role)}</Menu.Item>
              <Menu.Divider />
              <Menu.Item className={styles['danger']} onClick={() => setAct('erase')}>
                {say('erase')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {act ? <UserDialog user={user} act={act} onClose={() => setAct(undefined)} /> : null}
      </Suspense>
    </Group>
  )
}
