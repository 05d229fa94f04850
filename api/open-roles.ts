import type { Roles } from './aws/accounts.js'
import type { Config } from './config.js'

/** The roles of other accounts. Who has none needn't load what assumes them. */
export async function openRoles({ accounts }: Pick<Config, 'accounts'>): Promise<Roles> {
  if (accounts.length === 0) return () => undefined
  return (await import('./aws/accounts.js')).assumedRoles(accounts)
}
