declare module 'mailchecker' {
  const mailchecker: { blacklist(): ReadonlySet<string> }
  export = mailchecker
}
