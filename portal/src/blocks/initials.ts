/** Of "ann.lee" both, else the first letter. */
export const initialsOf = (name: string) =>
  name
    .split('@')[0]!
    .split(/[._\s-]+/)
    .map((part) => part.slice(0, 1))
    .slice(0, 2)
    .join('')
    .toUpperCase()
