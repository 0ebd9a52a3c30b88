import { Fragment } from 'react'

/** A name that may be an e-mail address: where a line is too short for it, it breaks before the domain. */
export function Breakable({ name }: { name: string }) {
  return name.split(/(?=@)/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 ? <wbr /> : null}
      {part}
    </Fragment>
  ))
}
