/** What ends a process before its work is done. */
export type Fatality =
  | { readonly kind: 'uncaughtException' | 'unhandledRejection'; readonly error: unknown }
  | { readonly kind: 'SIGTERM' | 'SIGINT' }

/**
 * Listens for what would end the process while a run is on, ahead of the Lambda runtime's own listeners, which exit at
 * once. Returns how to stop: nothing stays behind between invocations.
 */
export function watchProcess(onFatal: (fatality: Fatality) => void): () => void {
  const onException = (error: unknown): void => onFatal({ kind: 'uncaughtException', error })
  const onRejection = (error: unknown): void => onFatal({ kind: 'unhandledRejection', error })
  const onTerm = (): void => onFatal({ kind: 'SIGTERM' })
  const onInterrupt = (): void => onFatal({ kind: 'SIGINT' })
  process.prependListener('uncaughtException', onException)
  process.prependListener('unhandledRejection', onRejection)
  process.prependListener('SIGTERM', onTerm)
  process.prependListener('SIGINT', onInterrupt)
  return () => {
    process.off('uncaughtException', onException)
    process.off('unhandledRejection', onRejection)
    process.off('SIGTERM', onTerm)
    process.off('SIGINT', onInterrupt)
  }
}
