/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** A server's own words, fit for a report: printable, on one line, at most 200 characters. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\s\ufffd]+/gu, ' ')
    .trim()
    .slice(0, 200)
}
