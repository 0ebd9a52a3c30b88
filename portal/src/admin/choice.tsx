import { NativeSelect } from '@mantine/core'
import type { Address } from './address.ts'
import styles from './admin.module.css'

/** A filter of a list by one of a few values; what is chosen is in the address. */
export function Choice({
  address,
  name,
  label,
  options,
}: {
  address: Address
  name: string
  label: string
  /** The first stands for no filter. */
  options: { value: string; label: string }[]
}) {
  const values = options.map(({ value }) => value)
  return (
    <NativeSelect
      className={styles['choice']}
      aria-label={label}
      value={address.oneOf(name, values) ?? ''}
      data={options}
      onChange={({ currentTarget }) => address.change({ [name]: currentTarget.value })}
    />
  )
}
