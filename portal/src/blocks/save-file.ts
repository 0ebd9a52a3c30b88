/** Hands a file to the browser, which asks where to keep it or puts it among the downloads. */
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has taken it by then; kept longer it would only take memory.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
