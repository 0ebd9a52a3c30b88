/** What `make` gives, made when it is asked for the first time and kept. */
export function lazy<Made extends object>(make: () => Made): () => Made {
  let made: Made | undefined
  return () => (made ??= make())
}
