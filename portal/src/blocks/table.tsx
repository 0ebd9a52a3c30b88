import { Box, type BoxProps } from '@mantine/core'
import type { ComponentProps } from 'react'
import styles from './table.module.css'

type Part<Tag extends 'table' | 'thead' | 'tbody' | 'tr' | 'th' | 'td'> = BoxProps &
  Omit<ComponentProps<Tag>, keyof BoxProps>

/** A table as Mantine draws one, without the 20 kB that scrolling sideways in its own box would take. */
export function Table({ className, ...rest }: Part<'table'>) {
  return <Box component="table" className={`${styles['table']} ${className ?? ''}`} {...rest} />
}

Table.Thead = (props: Part<'thead'>) => <Box component="thead" {...props} />
Table.Tbody = (props: Part<'tbody'>) => <Box component="tbody" {...props} />
Table.Tr = (props: Part<'tr'>) => <Box component="tr" {...props} />
Table.Th = (props: Part<'th'>) => <Box component="th" {...props} />
Table.Td = (props: Part<'td'>) => <Box component="td" {...props} />
