import { useQuery } from '@tanstack/react-query'
import { getReferralCounts } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Chips } from '../blocks/chips.tsx'
import styles from '../blocks/filters.module.css'
import { SearchField } from '../blocks/search-field.tsx'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { type Filters, STATUSES } from './use-filters.ts'

/** The search, and the statuses with how many there are of each. */
export function ReferralFilters({ filters: { values, search, choose } }: { filters: Filters }) {
  const say = useWords(referrerWords)
  const { data: counts } = useQuery(ask(getReferralCounts, { path: { user_id: 'me' } }))
  const options = [
    { value: undefined, label: say('all'), count: counts?.all },
    ...STATUSES.map((status) => ({ value: status, label: say(status), count: counts?.[status] })),
  ]
  return (
    <div className={styles['filters']}>
      <SearchField q={values.q} label={say('searchFriends')} onSearch={search} />
      <Chips
        label={say('filterStatus')}
        chosen={values.status}
        options={options}
        onChoose={choose}
      />
    </div>
  )
}
