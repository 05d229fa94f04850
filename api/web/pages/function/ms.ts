/** A span of milliseconds, as exactly as it is worth reading. */
export function msText(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms))
}
